// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.SandboxProcess;
import dev.hutch.SandboxSession;
import dev.hutch.spec.CollectedFiles.LeftOut;
import dev.hutch.spec.Command;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.Size;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files go in and out of a container that runs, and what is planted there leads nowhere. */
@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class CopyKernelTest extends SandboxCase {
    private static final Path TMP = Path.of("/tmp");
    private static final Size MEBIBYTE = Size.mebibytes(1);

    @TempDir
    private Path host;

    private Path tree = Path.of("/");

    @BeforeEach
    void makeATree() throws IOException {
        tree = Files.createDirectories(host.resolve("tree"));
        Files.createDirectories(tree.resolve("sub/empty"));
        Files.writeString(tree.resolve("sub/text"), "text\n");
        Files.writeString(tree.resolve("run"), "#!/bin/sh\necho ran\n");
        assertThat(tree.resolve("run").toFile().setExecutable(true)).isTrue();
        Files.write(tree.resolve("large"), new byte[9 << 20]);
    }

    @Test
    void aFolderGoesInAsTheUserInsidesAndComesOutAsItWas() throws Exception {
        try (SandboxSession session = sandbox().build().session()) {
            session.copyIn(tree, Path.of("/tmp/new/in"));

            assertThat(shell(session, "cd /tmp/new/in; stat -c '%n %u %g %a %s' . run sub/text; ./run; cat sub/text"))
                    .matches("\\. 1000 1000 755 \\d+\nrun 1000 1000 755 19\nsub/text 1000 1000 644 5\nran\ntext\n");

            Path out = host.resolve("out");
            assertThat(session.copyOut(Path.of("/tmp/new/in"), out, Size.mebibytes(16)))
                    .isEmpty();
            assertThat(out.resolve("sub/empty")).isEmptyDirectory();
            assertThat(out.resolve("sub/text")).hasContent("text\n");
            assertThat(out.resolve("large")).hasSize(9 << 20);
            assertThat(out.resolve("run").toFile().canExecute()).isTrue();
        }
    }

    @Test
    void aFolderMayBeLargerThanAnyFile() throws Exception {
        Path many = Files.createDirectories(host.resolve("many"));
        for (int i = 0; i < 20; i++) {
            try (RandomAccessFile sparse =
                    new RandomAccessFile(many.resolve("file" + i).toFile(), "rw")) {
                sparse.setLength(32 << 20);
            }
        }
        try (SandboxSession session = sandbox().build().session()) {
            session.copyIn(many, Path.of("/tmp/many"));

            assertThat(shell(session, "cat /tmp/many/* | wc -c")).isEqualTo((20L * 32 << 20) + "\n");
        }
    }

    @Test
    void aFileMayBeLargerThanWhatIsSentAtOnce() throws Exception {
        Path huge = host.resolve("huge");
        try (RandomAccessFile sparse = new RandomAccessFile(huge.toFile(), "rw")) {
            sparse.setLength(100L << 20);
            sparse.write("begin".getBytes(StandardCharsets.UTF_8));
            sparse.seek(99L << 20);
            sparse.write("end".getBytes(StandardCharsets.UTF_8));
        }
        try (SandboxSession session = sandbox().build().session()) {
            session.copyIn(huge, Path.of("/tmp/huge"));

            assertThat(shell(session, "cd /tmp; wc -c <huge; head -c 5 huge; tail -c 1048576 huge | head -c 3"))
                    .isEqualTo((100L << 20) + "\nbeginend");
            session.copyIn(tree.resolve("sub/text"), Path.of("/tmp/huge"));
            assertThat(shell(session, "cat /tmp/huge")).isEqualTo("text\n");
        }
    }

    @Test
    void noPieceOfAFileGoesThroughALinkThatIsPutInItsPlaceMeanwhile() throws Exception {
        Path large = host.resolve("large");
        try (RandomAccessFile sparse = new RandomAccessFile(large.toFile(), "rw")) {
            sparse.setLength(16L << 20);
        }
        try (SandboxProcess inmate = sandbox()
                .build()
                .start(Command.shell("echo old > /tmp/canary; echo; while :; do ln -sf canary /tmp/large; done"))) {
            assertThat(inmate.getInputStream().read()).isEqualTo('\n');
            for (int i = 0; i < 10; i++) {
                try {
                    inmate.copyIn(large, Path.of("/tmp/large"));
                } catch (SandboxException e) {
                    // Whether the link was there before the file's place was cleared, or stood in it right after.
                    assertThat(e).hasMessageMatching("copy in /tmp/large: (ELOOP|EEXIST).*");
                }
            }
            try (SandboxProcess look = inmate.exec("wc", "-c", "/tmp/canary")) {
                assertThat(look.inputReader().readLine()).isEqualTo("4 /tmp/canary");
            }
        }
    }

    @Test
    void aFileReplacesAFileAndNotWhatALinkInItsPlaceLeadsTo() throws Exception {
        try (SandboxSession session = sandbox().build().session()) {
            shell(session, "echo old > /tmp/canary; ln -s canary /tmp/link; echo old > /tmp/plain; mkfifo /tmp/pipe");
            for (String name : List.of("link", "plain", "pipe")) {
                session.copyIn(tree.resolve("sub/text"), TMP.resolve(name));
            }

            assertThat(shell(session, "cd /tmp; cat canary link plain pipe; readlink link || echo a file"))
                    .isEqualTo("old\ntext\ntext\ntext\na file\n");
        }
    }

    @Test
    void aLinkOnTheWayInIsNotFollowed() throws Exception {
        try (SandboxSession session = sandbox().build().session()) {
            shell(session, "mkdir /tmp/canary; ln -s canary /tmp/link; ln -s /proc/1/root /tmp/root");
            for (String place : List.of("/tmp/link/text", "/tmp/root/tmp/text", "/tmp/link/made/text")) {
                assertThatThrownBy(() -> session.copyIn(tree.resolve("sub/text"), Path.of(place)))
                        .isInstanceOf(SandboxException.class)
                        .hasMessageContaining("copy in " + place + ": ELOOP")
                        .hasMessageContaining("none is followed");
            }
            assertThat(shell(session, "ls /tmp/canary")).isEmpty();
        }
    }

    @Test
    void whereTheUserInsideMayNotWriteNothingIsWritten() throws Exception {
        try (SandboxSession session = sandbox().build().session()) {
            for (String place : List.of("/usr/bin/text", "/etc/passwd", "/proc/sys/kernel/hostname")) {
                assertThatThrownBy(() -> session.copyIn(tree.resolve("sub/text"), Path.of(place)))
                        .isInstanceOf(SandboxException.class)
                        .hasMessageContaining("copy in " + place);
            }
            assertThatThrownBy(() -> session.copyIn(tree, Path.of("relative")))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void ofTheHostsOnlyFilesAndFoldersGoIn() throws Exception {
        Files.createSymbolicLink(tree.resolve("link"), Path.of("/etc/shadow"));
        try (SandboxSession session = sandbox().build().session()) {
            assertThatThrownBy(() -> session.copyIn(tree, Path.of("/tmp/in")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("link");
        }
    }

    @Test
    void whatIsPlantedIsNamedAndNotOpened() throws Exception {
        try (SandboxSession session = sandbox().build().session()) {
            shell(
                    session,
                    "mkdir -p /tmp/d/deep; cd /tmp/d; echo good > deep/file; ln -s /etc/passwd link; mkfifo pipe");
            Path out = host.resolve("out");

            assertThat(session.copyOut(Path.of("/tmp/d"), out, MEBIBYTE))
                    .extracting(LeftOut::path)
                    .containsExactly("link", "pipe");
            assertThat(out.resolve("deep/file")).hasContent("good\n");
            assertThat(out.resolve("link")).doesNotExist();
            for (String path : List.of("/tmp/d/link", "/tmp/d/link/x")) {
                assertThatThrownBy(() -> session.copyOut(Path.of(path), host.resolve("x"), MEBIBYTE))
                        .hasMessageContaining("ELOOP");
            }
            assertThatThrownBy(() -> session.copyOut(Path.of("/proc/1/environ"), host.resolve("x"), MEBIBYTE))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(host.resolve("x")).doesNotExist();
        }
    }

    @Test
    void moreThanTheLimitAndWhatIsThereAlreadyAreErrors() throws Exception {
        try (SandboxSession session = sandbox().build().session()) {
            shell(session, "head -c 2000000 /dev/zero > /tmp/file");

            assertThatThrownBy(() -> session.copyOut(Path.of("/tmp/file"), host.resolve("out"), MEBIBYTE))
                    .hasMessageContaining("more than the limit of 1m");
            assertThatThrownBy(() -> session.copyOut(Path.of("/tmp/file"), tree.resolve("run"), Size.mebibytes(4)))
                    .hasMessageContaining("EEXIST");
            assertThatThrownBy(() -> session.copyOut(Path.of("/tmp/missing"), host.resolve("no"), MEBIBYTE))
                    .hasMessageContaining("copy out /tmp/missing: ENOENT");
        }
    }

    /** Two folders change places with a link to what must not be reached, as fast as a shell can. */
    private static final String FLIP =
            "cd /tmp; mkdir d canary; echo good > d/file; echo secret > canary/file; echo ready;"
                    + " while :; do mv d e; ln -s canary d; rm d; mv e d; done";

    @Test
    void aFolderThatIsSwappedForALinkAllTheTimeLeadsNowhere() throws Exception {
        Path good = Files.writeString(host.resolve("good"), "good\n");
        try (SandboxProcess process = sandbox().build().start("/bin/sh", "-c", FLIP)) {
            awaitLine(process, "ready");
            int out = 0;
            for (int i = 0; i < 200 || out == 0; i++) {
                Path copy = host.resolve("out" + i);
                try {
                    process.copyOut(Path.of("/tmp/d/file"), copy, MEBIBYTE);
                    assertThat(copy).hasContent("good\n");
                    out++;
                } catch (SandboxException refused) {
                    assertThat(refused.getMessage()).containsAnyOf("ELOOP", "ENOENT");
                }
            }
            for (int i = 0; i < 30; i++) {
                try {
                    process.copyIn(good, Path.of("/tmp/d/new" + i));
                } catch (SandboxException refused) {
                    assertThat(refused.getMessage()).containsAnyOf("ELOOP", "ENOENT");
                }
            }
            try (SandboxProcess list = process.exec("ls", "/tmp/canary")) {
                assertThat(new String(list.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo("file\n");
            }
        }
    }

    @Test
    @KernelTest(Need.ROOT)
    void withoutAUserNamespaceItIsTheUserInsideAllTheSame() throws Exception {
        try (SandboxProcess process =
                sandbox().hostNamespace(Namespace.USER).build().start("sleep", "1000")) {
            process.copyIn(tree.resolve("sub/text"), Path.of("/tmp/in"));
            try (SandboxProcess stat = process.exec("stat", "-c", "%u %g", "/tmp/in")) {
                assertThat(new String(stat.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo("1000 1000\n");
            }
            assertThatThrownBy(() -> process.copyIn(tree.resolve("sub/text"), Path.of("/in")))
                    .isInstanceOf(SandboxException.class);
        }
    }

    private static String shell(SandboxSession session, String script) throws IOException, InterruptedException {
        return session.run("/bin/sh", "-c", script).orThrow().out();
    }
}
