// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.spec.CollectedFiles;
import dev.hutch.spec.CollectedFiles.LeftOut;
import dev.hutch.spec.Command;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Size;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files in and out of one call. That the folder made for it is gone is checked after each. */
@KernelTest({Need.USER_NAMESPACES, Need.GCC, Need.IDMAP_HERE})
class FilesKernelTest extends SandboxCase {
    private static final Size MEBIBYTE = Size.mebibytes(1);

    private static SandboxResult run(Command.Builder command) throws Exception {
        SandboxResult result = sandbox().build().run(command.build());
        assertThat(result.succeeded()).as(result.err()).isTrue();
        return result;
    }

    private static Command.Builder shell(String line) {
        return Command.shell(line).toBuilder();
    }

    @Test
    void filesGoInAndResultsComeOut(@TempDir Path folder) throws Exception {
        Path tool = Files.writeString(folder.resolve("tool"), "#!/bin/sh\nsort in/data.txt > out/sorted.csv\n");
        assertThat(tool.toFile().setExecutable(true)).isTrue();

        CollectedFiles files = run(shell("mkdir out && ./tool && echo no > out/log && stat -c %u in tool in/data.txt")
                        .file("tool", tool)
                        .file("in/data.txt", "b\na\n")
                        .collect("out/*.csv", MEBIBYTE))
                .files();

        assertThat(files.paths()).containsExactly("out/sorted.csv");
        assertThat(files.text("out/sorted.csv")).isEqualTo("a\nb\n");
        assertThat(files.leftOut()).isEmpty();
    }

    @Test
    void aProgramThatOneSandboxMadeRunsInTheNext() throws Exception {
        byte[] program = run(shell("printf '#!/bin/sh\\necho made' > program").collect("program", MEBIBYTE))
                .files()
                .bytes("program");

        assertThat(run(Command.builder("./program").executable("program", program))
                        .out())
                .isEqualTo("made\n");
    }

    /** The snippet of the README. */
    @Test
    void theReadmesCallDoesAllAtOnce() throws Exception {
        List<String> lines = new ArrayList<>();
        Command sort = Command.shell("sort in.txt | tee out.txt").toBuilder()
                .file("in.txt", "b\na\n")
                .collect("*.txt", Size.mebibytes(1))
                .onStdoutLine(lines::add)
                .build();
        Sandbox box = sandbox().build();

        String sorted = box.run(sort).orThrow().files().text("out.txt");
        CompletableFuture<SandboxResult> later = box.runAsync(sort);

        assertThat(sorted).isEqualTo("a\nb\n");
        assertThat(later.get().files().paths()).containsExactly("in.txt", "out.txt");
        assertThat(lines).containsExactly("a", "b", "a", "b");
    }

    @Test
    void whatIsPutInBelongsToTheUserInside() throws Exception {
        assertThat(run(shell("stat -c %u in in/a").file("in/a", "x")).out()).isEqualTo("1000\n1000\n");
    }

    @Test
    void aWorkspaceOfTheCallersKeepsItsFiles(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("old"), "old");

        SandboxResult result = sandbox()
                .workspace(folder)
                .build()
                .run(shell("cat old in > out")
                        .file("in", "new")
                        .collect("out", MEBIBYTE)
                        .build());

        assertThat(result.files().text("out")).isEqualTo("oldnew");
        assertThat(folder.resolve("in")).hasContent("new");
    }

    @Test
    void anyNumberOfFoldersMatches() throws Exception {
        CollectedFiles files = run(shell("mkdir -p a/b; echo 1 > x.c; echo 2 > a/x.c; echo 3 > a/b/x.c; echo 4 > a/y")
                        .collect("**/*.c", MEBIBYTE))
                .files();

        assertThat(files.paths()).containsExactly("a/b/x.c", "a/x.c", "x.c");
        assertThat(files.leftOut()).isEmpty();
    }

    @Test
    void aNameOfOtherLettersComesOut() throws Exception {
        assertThat(run(shell("echo 1 > 'zwölf €%41'").collect("*", MEBIBYTE))
                        .files()
                        .paths())
                .containsExactly("zwölf €%41");
    }

    /** LESSONS "reading results without following symlinks". */
    @Test
    void plantedLinksPipesAndDevicesLeadNowhere() throws Exception {
        CollectedFiles files = run(shell("ln -s /etc/passwd a.csv; mkfifo b.csv; ln -s /etc etc; mkdir real;"
                                + " ln -s ../real/../../../../etc/hostname real/c.csv; echo good > d.csv; mkdir e.csv")
                        .collect("*.csv", MEBIBYTE)
                        .collect("etc/passwd", MEBIBYTE)
                        .collect("real/*.csv", MEBIBYTE))
                .files();

        assertThat(files.paths()).containsExactly("d.csv");
        assertThat(files.leftOut())
                .containsExactlyInAnyOrder(
                        new LeftOut("a.csv", "a symbolic link: none is followed"),
                        new LeftOut("b.csv", "not a regular file"),
                        new LeftOut("etc", "a symbolic link: none is followed"),
                        new LeftOut("real/c.csv", "a symbolic link: none is followed"));
    }

    @Test
    void sizeIsBoundedTogetherAndSmallerOnesStillCome() throws Exception {
        CollectedFiles files = run(shell("printf 12345 > a; truncate -s 1T b; printf 678 > c; printf 90 > d")
                        .collect("*", Size.bytes(8)))
                .files();

        assertThat(files.paths()).containsExactly("a", "c");
        assertThat(files.leftOut())
                .containsExactlyInAnyOrder(
                        new LeftOut("b", "1099511627776 bytes where the limit leaves 3"),
                        new LeftOut("d", "2 bytes where the limit leaves 0"));
        assertThatThrownBy(() -> files.bytes("d"))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessageContaining("limit leaves 0");
    }

    @Test
    void theNumberOfFilesIsBounded() throws Exception {
        CollectedFiles files = run(shell("i=0; while [ $i -lt 1003 ]; do : > f$i; i=$((i+1)); done")
                        .collect("f*", MEBIBYTE))
                .files();

        assertThat(files.paths()).hasSize(1000);
        assertThat(files.leftOut()).hasSize(3).allMatch(each -> each.reason().equals("more than 1000 files"));
    }

    /** Deeper than any path can name, with rights taken away: it is neither searched to its end nor left behind. */
    @Test
    @KernelTest(Need.PYTHON)
    void aTreeWithoutBottomIsBoundedAndRemoved() throws Exception {
        String script = """
                import os
                for i in range(300):
                    os.mkdir('d' * 200); os.mkdir('e'); os.chdir('d' * 200); open('leaf', 'w').close()
                os.chmod('.', 0)
                """;
        CollectedFiles files = run(Command.builder("python3", "-c", script).collect("**/leaf", MEBIBYTE))
                .files();

        assertThat(files.paths().size()).isEqualTo(32);
        assertThat(files.leftOut().stream().map(LeftOut::reason)).contains("deeper than 32 folders");
    }

    @Test
    void aTimeOutBringsWhatThereIs() throws Exception {
        SandboxResult result = sandbox()
                .wallTime(java.time.Duration.ofSeconds(1))
                .build()
                .run(shell("echo half > out; exec sleep 600")
                        .collect("out", MEBIBYTE)
                        .build());

        assertThat(result.exitStatus()).isEqualTo(124);
        assertThat(result.files().text("out")).isEqualTo("half\n");
    }

    /** An earlier program of the same workspace planted it: what is put in must not go through. */
    @Test
    void aLinkPlantedEarlierIsNotWrittenThrough(@TempDir Path folder, @TempDir Path elsewhere) throws Exception {
        Path victim = Files.writeString(elsewhere.resolve("victim"), "untouched");
        Files.createSymbolicLink(folder.resolve("in"), victim);
        Files.createSymbolicLink(folder.resolve("dir"), elsewhere);
        var box = sandbox().workspace(folder).build();

        assertThat(box.run(Command.builder("cat", "in").file("in", "new").build())
                        .out())
                .isEqualTo("new");
        assertThat(victim).hasContent("untouched");
        assertThatThrownBy(() -> box.run(
                        Command.builder("true").file("dir/victim", "new").build()))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("dir/victim")
                .hasMessageContaining("symbolic link");
        assertThat(victim).hasContent("untouched");
    }

    @Test
    void aRefusedStartLeavesNoFolder() {
        assertThatThrownBy(() -> run(Command.builder("no-such-program").file("in", "x")))
                .isInstanceOf(SandboxException.class);
    }

    @Test
    void pathsThatLeadOutAreRefusedWhereTheyAreSaid() {
        for (String path : new String[] {"../a", "/a", "a//b", "", "./a", "a/..", "a\0"}) {
            assertThatThrownBy(() -> Command.builder("true").file(path, "x"))
                    .as(path)
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Command.builder("true").collect(path, MEBIBYTE))
                    .as(path)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
