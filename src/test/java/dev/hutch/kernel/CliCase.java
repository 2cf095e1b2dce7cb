// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import dev.hutch.cli.Main;
import dev.hutch.support.Delegation;
import dev.hutch.support.LeavesNothing;
import dev.hutch.support.OtherJvm;
import dev.hutch.support.PlainUser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** What the tests of the command line share: it runs as a process of its own, as users have it. */
abstract class CliCase extends LeavesNothing {
    private static final List<String> FLAGS =
            List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xrs");

    @TempDir
    Path folder;

    /** What one call gave. */
    record Answer(int status, String out, String err) {}

    /** {@code hutch WORDS}. */
    static List<String> command(String... words) throws IOException {
        return OtherJvm.command(FLAGS, Main.class, words);
    }

    /** {@code hutch run WORDS}, below the delegated cgroup where the user at hand has one. */
    static List<String> run(String... words) throws IOException {
        List<String> all = new ArrayList<>(List.of("run"));
        Delegation.here().ifPresent(parent -> all.addAll(List.of("--cgroup-parent", parent.toString())));
        all.addAll(List.of(words));
        return command(all.toArray(String[]::new));
    }

    Answer answer(List<String> command) throws Exception {
        return answer(command, "");
    }

    /** Waits for the end; standard input is a pipe with the text. */
    Answer answer(List<String> command, String input) throws Exception {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        try (var stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        }
        int status = process.waitFor();
        return new Answer(status, Files.readString(out), withoutWhatOnlyRootHas(Files.readString(err)));
    }

    /** The line that names the defaults which a plain user without a delegated cgroup can't have. */
    private static String withoutWhatOnlyRootHas(String err) {
        return PlainUser.isRoot()
                ? err
                : err.replaceFirst("(?m)^hutch: not enforced here: .*\\(hutch doctor tells why\\)\n", "");
    }

    Answer hutchRun(String... words) throws Exception {
        return answer(run(words));
    }
}
