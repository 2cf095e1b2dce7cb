// SPDX-License-Identifier: Apache-2.0
import dev.hutch.Sandbox;
import dev.hutch.spec.Command;
import dev.hutch.spec.OutcomeException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Size;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Stream;

/**
 * An online judge: compiles each submission in one sandbox, runs it on each test in a fresh one with tighter limits, and
 * prints the verdict with what led to it.
 *
 * <p>Usage: {@code Judge TESTS SUBMISSION...}: a folder with 1.in, 1.out, 2.in … and files of C or Python.
 */
public class Judge {
    private static final Sandbox COMPILER = Sandbox.builder()
            .memory(Size.mebibytes(512))
            .wallTime(Duration.ofSeconds(20))
            .outputLimit(Size.mebibytes(1))
            .build();

    private static final Sandbox CONTEST = Sandbox.builder()
            .memory(Size.mebibytes(64))
            .pids(16)
            .cpuTime(Duration.ofSeconds(1))
            .wallTime(Duration.ofSeconds(5))
            .outputLimit(Size.kibibytes(64))
            .build();

    enum Verdict {
        ACCEPTED,
        WRONG_ANSWER,
        RUNTIME_ERROR,
        TIME_LIMIT,
        MEMORY_LIMIT,
        OUTPUT_LIMIT,
        COMPILE_ERROR,
        /** Not the submission's fault. */
        JUDGE_AGAIN
    }

    record Judgement(Verdict verdict, String why) {}

    public static void main(String[] arguments) throws Exception {
        List<Path> tests = tests(Path.of(arguments[0]));
        for (int i = 1; i < arguments.length; i++) {
            Path source = Path.of(arguments[i]);
            Judgement judgement = judge(source, tests);
            System.out.printf("%-12s %-14s %s%n", source.getFileName(), judgement.verdict(), judgement.why());
        }
    }

    static Judgement judge(Path source, List<Path> tests) throws IOException, InterruptedException {
        Command program;
        try {
            program = compile(source);
        } catch (OutcomeException e) {
            return new Judgement(Verdict.COMPILE_ERROR, firstError(e.result()));
        } catch (NoSuchElementException e) { // the program is larger than what is collected
            return new Judgement(Verdict.COMPILE_ERROR, e.getMessage());
        }
        for (Path test : tests) {
            SandboxResult result = CONTEST.run(program.toBuilder().input(test).build());
            Path answer = test.resolveSibling(test.getFileName().toString().replace(".in", ".out"));
            Verdict verdict = verdict(result, Files.readString(answer));
            if (verdict != Verdict.ACCEPTED) {
                return new Judgement(verdict, test.getFileName() + ": " + result.inWords());
            }
        }
        return new Judgement(Verdict.ACCEPTED, tests.size() + " tests");
    }

    /** The command that runs a submission, with the files that it needs. */
    private static Command compile(Path source) throws IOException, InterruptedException {
        if (source.toString().endsWith(".py")) {
            return Command.builder("python3", "main.py").file("main.py", source).build();
        }
        Command compiler = Command.builder("gcc", "-O2", "-o", "main", "main.c")
                .file("main.c", source)
                .collect("main", Size.mebibytes(16))
                .build();
        byte[] program = COMPILER.run(compiler).orThrow().files().bytes("main");
        return Command.builder("./main").executable("main", program).build();
    }

    private static String firstError(SandboxResult compiler) {
        return compiler.err()
                .lines()
                .filter(line -> line.contains("error: "))
                .findFirst()
                .orElse(compiler.inWords());
    }

    private static Verdict verdict(SandboxResult result, String answer) {
        return switch (result.outcome().kind()) {
            case TIMEOUT, CPU_TIMEOUT -> Verdict.TIME_LIMIT;
            case OUT_OF_MEMORY -> Verdict.MEMORY_LIMIT;
            case HOST_OUT_OF_MEMORY -> Verdict.JUDGE_AGAIN;
            case OUTPUT_LIMIT -> Verdict.OUTPUT_LIMIT;
            case SIGNALLED -> Verdict.RUNTIME_ERROR;
            case EXITED ->
                !result.succeeded()
                        ? Verdict.RUNTIME_ERROR
                        : result.out().strip().equals(answer.strip()) ? Verdict.ACCEPTED : Verdict.WRONG_ANSWER;
        };
    }

    private static List<Path> tests(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".in"))
                    .sorted()
                    .toList();
        }
    }
}
