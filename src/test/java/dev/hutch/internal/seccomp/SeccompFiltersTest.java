// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SeccompProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeccompFiltersTest {
    private final SeccompFilters filters = new SeccompFilters();

    @TempDir
    Path dir;

    private byte[] compile(SeccompProfile profile) throws SandboxException {
        return filters.compile(profile, Set.of(), Set.of(), true, Architecture.X86_64, 6, 1);
    }

    private byte[] compile(Path path) throws SandboxException {
        return compile(new SeccompProfile.File(path));
    }

    @Test
    void unconfinedIsNoFilter() throws SandboxException {
        assertThat(compile(new SeccompProfile.Unconfined())).isEmpty();
    }

    @Test
    void aCallerCantChangeWhatTheNextOneGets() throws SandboxException {
        byte[] first = compile(new SeccompProfile.Default());
        byte[] before = first.clone();
        Arrays.fill(first, (byte) 0);
        assertThat(compile(new SeccompProfile.Default())).isEqualTo(before);
    }

    @Test
    void aChangedFileIsReadAgain() throws IOException {
        Path file = dir.resolve("p.json");
        Files.writeString(file, "{\"defaultAction\": \"SCMP_ACT_ALLOW\"}");
        byte[] allow = compile(file);
        Files.writeString(file, "{\"defaultAction\": \"SCMP_ACT_ERRNO\"}");
        assertThat(compile(file)).isNotEqualTo(allow);
        assertThat(new BpfInterpreter(compile(file)).run(Architecture.X86_64.auditArch(), 0))
                .isEqualTo(Action.errno(1).code());
    }

    @Test
    void manyProfilesAfterEachOtherStayRight() throws IOException {
        for (int errno = 1; errno < 60; errno++) {
            Path file = dir.resolve(errno + ".json");
            Files.writeString(file, "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": " + errno + "}");
            assertThat(new BpfInterpreter(compile(file)).run(Architecture.X86_64.auditArch(), 0))
                    .isEqualTo(Action.errno(errno).code());
        }
    }

    @Test
    void filesThatCantBeAProfileAreRefusedByName() throws IOException {
        assertRefused(dir.resolve("missing"), "ENOENT");
        assertRefused(dir, "is not a regular file");
        assertRefused(Path.of("/dev/zero"), "is not a regular file");
        assertRefused(Files.createFile(dir.resolve("empty")), "is empty");
        assertRefused(Files.write(dir.resolve("latin"), new byte[] {'"', (byte) 0xe4, '"'}), "is not UTF-8");
        assertRefused(Files.writeString(dir.resolve("big"), " ".repeat(1 << 21)), "is larger than 1 MiB");
    }

    private void assertRefused(Path path, String why) {
        assertThatThrownBy(() -> compile(path))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining(path.toString())
                .hasMessageContaining(why)
                .message()
                .doesNotContain("\n");
    }
}
