// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.SandboxSession;
import dev.hutch.spec.CollectedFiles;
import dev.hutch.spec.CollectedFiles.LeftOut;
import dev.hutch.spec.Command;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Signal;
import dev.hutch.spec.Size;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files in and out of one call of a session, whose container runs on. */
@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class SessionFilesKernelTest extends SandboxCase {
    private static final Size MEBIBYTE = Size.mebibytes(1);

    private static Command.Builder shell(String line) {
        return Command.shell(line).toBuilder();
    }

    @Test
    void filesGoInAndResultsComeOutAndStayForTheNextCall(@TempDir Path folder) throws Exception {
        Path tool = Files.writeString(folder.resolve("tool"), "#!/bin/sh\nsort in/data.txt > out/sorted.csv\n");
        assertThat(tool.toFile().setExecutable(true)).isTrue();
        try (SandboxSession session = sandbox().build().session()) {
            SandboxResult result = session.run(shell("mkdir out && ./tool && stat -c '%u %a' tool in in/data.txt")
                            .file("tool", tool)
                            .file("in/data.txt", "b\na\n")
                            .collect("out/*.csv", MEBIBYTE)
                            .build())
                    .orThrow();

            assertThat(result.out()).isEqualTo("1000 755\n1000 755\n1000 644\n");
            assertThat(result.files().paths()).containsExactly("out/sorted.csv");
            assertThat(result.files().text("out/sorted.csv")).isEqualTo("a\nb\n");
            assertThat(session.run(shell("cat in/data.txt")
                                    .file("in/data.txt", "c\n")
                                    .collect("out/*", MEBIBYTE)
                                    .build())
                            .out())
                    .as("replaced")
                    .isEqualTo("c\n");
        }
    }

    @Test
    void whatEarlierCallsPlantedLeadsNowhere() throws Exception {
        try (SandboxSession session = sandbox().build().session()) {
            session.run(shell("mkdir /tmp/canary; echo old > /tmp/canary/file; ln -s /tmp/canary link;"
                                    + " ln -s /tmp/canary/file file; ln -s /etc/passwd passwd; mkfifo pipe")
                            .build())
                    .orThrow();

            assertThatThrownBy(() ->
                            session.run(shell("true").file("link/file", "new").build()))
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining("copy in /home/user/link/file: ELOOP");
            CollectedFiles files = session.run(shell("cat /tmp/canary/file file")
                            .file("file", "new\n")
                            .collect("*", MEBIBYTE)
                            .build())
                    .orThrow()
                    .files();

            assertThat(files.paths()).containsExactly("file");
            assertThat(files.text("file")).isEqualTo("new\n");
            assertThat(files.leftOut()).extracting(LeftOut::path).containsExactly("link", "passwd", "pipe");
            assertThat(session.run("cat", "/tmp/canary/file").out()).isEqualTo("old\n");
        }
    }

    @Test
    void ofACallThatIsLateThereIsWhatItLeft() throws Exception {
        try (SandboxSession session = sandbox().build().session()) {
            SandboxResult late = session.run(shell("echo part > out; exec sleep 1000")
                    .wallTime(java.time.Duration.ofSeconds(2))
                    .collect("out", MEBIBYTE)
                    .build());

            assertThat(late.outcome()).isEqualTo(new Outcome.Timeout());
            assertThat(late.files().text("out")).isEqualTo("part\n");
        }
    }

    @Test
    void whereTheContainerEndsMeanwhileTheCallHasItsResultAndNoFiles() throws Exception {
        SandboxSession session = sandbox().build().session();
        SandboxResult result;
        try (session) {
            result = session.run(shell("echo lost > out; echo ready; exec sleep 1000")
                    .onStdoutLine(line -> close(session))
                    .collect("out", MEBIBYTE)
                    .build());
        }
        assertThat(result.outcome()).isEqualTo(new Outcome.Signalled(Signal.SIGKILL));
        assertThat(result.files().paths()).isEmpty();
        assertThatThrownBy(() -> result.files().text("out")).hasMessageContaining("its container has ended meanwhile");
    }

    private static void close(SandboxSession session) {
        try {
            session.close();
        } catch (SandboxException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @KernelTest(Need.IDMAP_HERE)
    void aWorkspaceOfTheCallersHasThem(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("old"), "old");
        try (SandboxSession session = sandbox().workspace(folder).build().session()) {
            SandboxResult result = session.run(shell("cat old in > out")
                    .file("in", "new")
                    .collect("out", MEBIBYTE)
                    .build());

            assertThat(result.files().text("out")).isEqualTo("oldnew");
            assertThat(folder.resolve("in")).hasContent("new");
        }
    }

    @Test
    void aRootOfItsOwnNeedsAWorkspaceForThem() throws Exception {
        try (SandboxSession session = busybox().build().session()) {
            Command files = Command.builder("true").file("in", "text").build();
            assertThatThrownBy(() -> session.run(files))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("set a workspace");
        }
    }
}
