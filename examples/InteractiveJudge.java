// SPDX-License-Identifier: Apache-2.0
import dev.hutch.Interaction;
import dev.hutch.Sandbox;
import dev.hutch.spec.Command;
import dev.hutch.spec.InteractionResult;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Size;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * An interactive problem: find a number from 1 to 1000 in ten guesses. The judge's program and the submission speak to
 * each other, each in a sandbox of its own; whoever says nothing, too much or nonsense comes to an end.
 *
 * <p>Usage: {@code InteractiveJudge JUDGE NUMBER SUBMISSION...}: the judge's program and submissions in Python.
 */
public class InteractiveJudge {
    private static final Sandbox SUBMISSION = Sandbox.builder()
            .memory(Size.mebibytes(64))
            .pids(16)
            .wallTime(Duration.ofSeconds(5))
            .outputLimit(Size.kibibytes(4))
            .build();

    /** Longer, so that who is late is the submission. */
    private static final Sandbox JUDGE =
            SUBMISSION.toBuilder().wallTime(Duration.ofSeconds(20)).build();

    public static void main(String[] arguments) throws Exception {
        Command judge = python(Path.of(arguments[0]), arguments[1]);
        for (int i = 2; i < arguments.length; i++) {
            Path source = Path.of(arguments[i]);
            System.out.printf("%-12s %s%n", source.getFileName(), verdict(judge, python(source)));
        }
    }

    private static String verdict(Command judge, Command submission) throws IOException, InterruptedException {
        InteractionResult game =
                Interaction.between(JUDGE, judge, SUBMISSION, submission).run();
        SandboxResult told = game.first();
        SandboxResult ended = game.second();
        String words = told.err().strip();
        if (told.succeeded() && ended.succeeded()) {
            return "ACCEPTED " + words;
        }
        // A submission whose judge has left is ended by SIGPIPE or an end of file: the judge's words are the reason.
        boolean byLimit = !ended.limitHits().isEmpty();
        return byLimit ? "LIMIT " + ended.inWords() : "WRONG " + words + "; " + ended.inWords();
    }

    private static Command python(Path program, String... arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of("python3", "-c", Files.readString(program)));
        words.addAll(List.of(arguments));
        return Command.of(words);
    }
}
