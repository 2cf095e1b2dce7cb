// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RootsTest {
    @Test
    @KernelTest({Need.ROOT, Need.BUSYBOX})
    void theBusyboxRootRunsAShellByItself() throws IOException {
        String output = Tool.run(
                "chroot", BusyboxRoot.path().toString(), "/bin/sh", "-c", "echo $0; cat /etc/hostname-of-the-image");

        assertThat(output).isEqualTo("/bin/sh\nbusybox\n");
    }

    @Test
    @KernelTest(Need.BUSYBOX)
    void aCopyIsTheTestsOwn(@TempDir Path folder) throws IOException {
        Path copy = BusyboxRoot.copyTo(folder);
        Files.delete(copy.resolve("bin/sh"));

        assertThat(Files.exists(BusyboxRoot.path().resolve("bin/sh"), LinkOption.NOFOLLOW_LINKS))
                .isTrue();
    }

    @Test
    @KernelTest({Need.ROOT, Need.DEBIAN_ROOT})
    void theDebianRootIsDebianTwelve() throws IOException {
        assertThat(Tool.run("chroot", DebianRoot.path().toString(), "cat", "/etc/debian_version"))
                .startsWith("12");
    }

    @Test
    @KernelTest(Need.GCC)
    void aProgramIsCompiledOnceAndRuns() throws IOException {
        Path program = NativeProgram.of("hello");

        assertThat(Tool.run(program.toString())).isEqualTo("Hello from inside\n");
        assertThat(Files.getLastModifiedTime(NativeProgram.of("hello"))).isEqualTo(Files.getLastModifiedTime(program));
    }
}
