// SPDX-License-Identifier: Apache-2.0
import dev.hutch.Sandbox;
import dev.hutch.SandboxPool;
import dev.hutch.spec.Command;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Size;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Runs Python snippets of strangers, many at once, in containers that are made ahead. Each container serves one request:
 * one that crashes, loops or leaves something behind is nothing to the others.
 *
 * <p>Usage: {@code PythonPool FILE}: a snippet a line; the answers come in the same order.
 */
public class PythonPool {
    private static final Sandbox BOX = Sandbox.builder()
            .memory(Size.mebibytes(64))
            .pids(16)
            .cpuTime(Duration.ofSeconds(1))
            .wallTime(Duration.ofMinutes(1)) // for those that sleep
            .outputLimit(Size.kibibytes(64))
            .build();

    public static void main(String[] arguments) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try (SandboxPool pool = SandboxPool.builder(BOX).minimum(4).maximum(8).build()) {
            List<Future<String>> answers = Files.readAllLines(Path.of(arguments[0])).stream()
                    .map(snippet -> threads.submit(() -> answer(pool, snippet)))
                    .toList();
            for (Future<String> answer : answers) {
                System.out.println(answer.get());
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static String answer(SandboxPool pool, String snippet) throws IOException, InterruptedException {
        SandboxResult result =
                pool.run(Command.builder("python3", "-").input(snippet).build());
        return result.succeeded() ? result.out().strip() : "failed: " + result.inWords();
    }
}
