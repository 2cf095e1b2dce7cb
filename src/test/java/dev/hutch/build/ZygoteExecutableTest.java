// SPDX-License-Identifier: Apache-2.0
package dev.hutch.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The zygote starts from a memfd in any mount namespace: it can't rely on a loader or a libc of the machine. */
class ZygoteExecutableTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @MethodSource("dev.hutch.build.NativeArtifacts#architectures")
    void needsNoInterpreterAndNoLibrary(String architecture) throws Exception {
        assertThat(NativeArtifacts.inspect(
                        "readelf", "-lWd", zygote(architecture).toString()))
                .doesNotContain("INTERP", "(NEEDED)", "Requesting program interpreter");
    }

    @ParameterizedTest
    @MethodSource("dev.hutch.build.NativeArtifacts#architectures")
    void hasNoExecutableStackAndNoWritableCode(String architecture) throws Exception {
        assertThat(NativeArtifacts.inspect(
                        "readelf", "-lW", zygote(architecture).toString()))
                .contains("GNU_RELRO")
                .doesNotContain("RWE");
    }

    @ParameterizedTest
    @MethodSource("dev.hutch.build.NativeArtifacts#architectures")
    void isStripped(String architecture) throws Exception {
        assertThat(NativeArtifacts.inspect(
                        "readelf", "-SW", zygote(architecture).toString()))
                .contains(".text")
                .doesNotContain(".symtab", ".debug_");
    }

    @Test
    void startsOnThisMachine() throws Exception {
        assertThat(NativeArtifacts.run(zygote(NativeArtifacts.own()), "--version"))
                .isEqualTo(new NativeArtifacts.Ran(0, "hutch-zygote 1\n"));
    }

    @Test
    void theOneForAarch64StartsUnderEmulation() throws Exception {
        assumeTrue(NativeArtifacts.architectures().anyMatch("aarch64"::equals), "needs -Pcross-aarch64");
        assumeTrue(NativeArtifacts.onPath("qemu-aarch64-static"), "needs qemu-aarch64-static");
        assertThat(NativeArtifacts.run("qemu-aarch64-static", zygote("aarch64").toString(), "--version"))
                .isEqualTo(new NativeArtifacts.Ran(0, "hutch-zygote 1\n"));
    }

    private Path zygote(String architecture) throws Exception {
        return NativeArtifacts.copy(architecture, "hutch-zygote", folder);
    }
}
