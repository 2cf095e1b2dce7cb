// SPDX-License-Identifier: Apache-2.0
package dev.hutch.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One library file has to serve RHEL 9's glibc, Debian's and Alpine's musl. */
class JniLibraryTest {
    private static final Pattern VERSIONED = Pattern.compile("\\(?GLIBC_([0-9.]+)\\)?");
    private static final Version NEWEST = Version.parse("2.17");

    @TempDir
    Path folder;

    @ParameterizedTest
    @MethodSource("dev.hutch.build.NativeArtifacts#architectures")
    void needsNoSymbolNewerThanGlibc217(String architecture) throws Exception {
        assertThat(symbols(architecture))
                .filteredOn(line -> VERSIONED
                        .matcher(line)
                        .results()
                        .anyMatch(v -> Version.parse(v.group(1)).compareTo(NEWEST) > 0))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("dev.hutch.build.NativeArtifacts#architectures")
    void needsNoFortifiedSymbolSinceMuslLacksThem(String architecture) throws Exception {
        assertThat(symbols(architecture)).noneMatch(line -> line.endsWith("_chk"));
    }

    @ParameterizedTest
    @MethodSource("dev.hutch.build.NativeArtifacts#architectures")
    void exportsNativeMethodsAndNothingElse(String architecture) throws Exception {
        assertThat(symbols(architecture))
                .filteredOn(line -> line.matches("\\p{XDigit}+ g.*"))
                .allMatch(line -> line.contains(" Java_dev_hutch_"));
    }

    @ParameterizedTest
    @MethodSource("dev.hutch.build.NativeArtifacts#architectures")
    void carriesNoSymbolTableOrDebugInformation(String architecture) throws Exception {
        assertThat(NativeArtifacts.inspect("readelf", "-SW", library(architecture)))
                .contains(".dynsym")
                .doesNotContain(".symtab", ".debug_");
    }

    @Test
    void opensInAMuslProgram() throws Exception {
        assumeTrue(NativeArtifacts.onPath("musl-gcc"), "needs musl-gcc (Debian's musl-tools)");
        Path opener = folder.resolve("open_library");
        NativeArtifacts.inspect("musl-gcc", "-o", opener.toString(), "src/test/c/open_library.c");
        assertThat(NativeArtifacts.run(opener, library(NativeArtifacts.own())))
                .isEqualTo(new NativeArtifacts.Ran(0, ""));
    }

    private List<String> symbols(String architecture) throws Exception {
        return NativeArtifacts.inspect("objdump", "-T", library(architecture))
                .lines()
                .toList();
    }

    private String library(String architecture) throws Exception {
        return NativeArtifacts.copy(architecture, "libhutch.so", folder).toString();
    }
}
