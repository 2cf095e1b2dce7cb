// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Hutch;
import dev.hutch.Interaction;
import dev.hutch.Sandbox;
import dev.hutch.spec.Budget;
import dev.hutch.spec.Command;
import dev.hutch.spec.InteractionResult;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.Signal;
import dev.hutch.spec.Size;
import dev.hutch.spec.Transcript;
import dev.hutch.spec.Transcript.Speaker;
import dev.hutch.support.KernelTest;
import dev.hutch.support.ManyThreads;
import dev.hutch.support.Need;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two programs at once, joined by pipes of the kernel's, or carried by Hutch where a transcript is asked for. */
@KernelTest({Need.USER_NAMESPACES, Need.GCC, Need.PYTHON})
class InteractionKernelTest extends SandboxCase {
    private static final Outcome WELL = new Outcome.Exited(0);
    private static final Outcome BROKEN_PIPE = new Outcome.Signalled(new Signal(13));

    private static final String JUDGE = """
            import sys
            secret, asked = 700, 0
            for line in sys.stdin:
                asked += 1
                guess = int(line)
                print('less' if secret < guess else 'more' if secret > guess else 'right', flush=True)
                if guess == secret:
                    break
            print(asked, 'guesses', file=sys.stderr)
            sys.exit(asked > 10)
            """;
    private static final String SOLUTION = """
            low, high, answer = 1, 1000, ''
            while answer != 'right':
                guess = (low + high) // 2
                print(guess, flush=True)
                answer = input()
                low, high = (low, guess - 1) if answer == 'less' else (guess + 1, high)
            """;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anHonestGameIsPlayedToItsEnd(boolean transcript) throws Exception {
        InteractionResult game =
                played(transcript, Command.of("python3", "-c", JUDGE), Command.of("python3", "-c", SOLUTION));

        assertThat(game.first().outcome()).isEqualTo(WELL);
        assertThat(game.second().outcome()).isEqualTo(WELL);
        assertThat(game.first().err()).isEqualTo("9 guesses\n");
        assertThat(game.second().account().wall()).isPositive();
        if (transcript) {
            assertThat(game.transcript().turns().get(0)).isEqualTo(new Transcript.Turn(Speaker.SECOND, "500\n"));
            assertThat(game.transcript().turns().get(1)).isEqualTo(new Transcript.Turn(Speaker.FIRST, "more\n"));
            assertThat(game.transcript().toString())
                    .startsWith("< 500\n> more\n< 750\n> less\n")
                    .endsWith("< 700\n> right");
            assertThat(game.transcript().total())
                    .isEqualTo(game.first().stdout().total()
                            + game.second().stdout().total());
        } else {
            assertThat(game.transcript()).isEqualTo(Transcript.NONE);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSolutionThatEndsAtOnceIsEndOfFileToTheJudge(boolean transcript) throws Exception {
        InteractionResult game = played(transcript, Command.shell("read guess || exit 7"), Command.of("false"));

        assertThat(game.first().outcome()).isEqualTo(new Outcome.Exited(7));
        assertThat(game.second().outcome()).isEqualTo(new Outcome.Exited(1));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoWritesToOneThatHasEndedGetsABrokenPipe(boolean transcript) throws Exception {
        InteractionResult game = played(transcript, Command.of("yes"), Command.shell("head -c 1000 > /dev/null"));

        assertThat(game.first().outcome()).isEqualTo(BROKEN_PIPE);
        assertThat(game.second().outcome()).isEqualTo(WELL);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void twoThatFloodAndNeverReadEndAtTheirDeadlines(boolean transcript) throws Exception {
        InteractionResult game = played(transcript, hurried(), Command.of("yes"), hurried(), Command.of("yes"));

        // One comes first, and its death breaks the pipe of the other.
        assertThat(List.of(game.first().outcome(), game.second().outcome()))
                .contains(new Outcome.Timeout())
                .isSubsetOf(new Outcome.Timeout(), BROKEN_PIPE);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFloodIsSlowedDownAndAllOfItArrives(boolean transcript) throws Exception {
        String slow = "test $(head -c 30000000 | (sleep 0.1; cat) | wc -c) = 30000000";
        InteractionResult game =
                played(transcript, Command.shell(slow), Command.of("head", "-c", "30000000", "/dev/zero"));

        assertThat(game.first().outcome()).isEqualTo(WELL);
        assertThat(game.second().outcome()).isEqualTo(WELL);
        assertThat(game.second().stdout().total()).isEqualTo(transcript ? 30_000_000 : 0);
        assertThat(game.counted()).isEqualTo(transcript);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSolutionThatClosesItsOutputAndLivesOnIsEndOfFile(boolean transcript) throws Exception {
        InteractionResult game = played(
                transcript, Command.shell("read guess || echo closed"), Command.shell("exec >&-; read line; exit 4"));

        assertThat(game.first().outcome()).isEqualTo(WELL);
        assertThat(game.second().outcome()).as("it still hears").isEqualTo(new Outcome.Exited(4));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSolutionThatClosesItsInputAndLivesOnBreaksThePipe(boolean transcript) throws Exception {
        InteractionResult game = played(
                transcript,
                sandbox().build(),
                Command.shell("read closed; exec yes"),
                hurried(),
                Command.shell("exec <&-; echo closed; exec sleep 600"));

        assertThat(game.first().outcome()).isEqualTo(BROKEN_PIPE);
        assertThat(game.second().outcome()).isInstanceOf(Outcome.Timeout.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void oneThatStopsItselfHoldsTheOtherNoLongerThanItsDeadline(boolean transcript) throws Exception {
        Sandbox patient = sandbox().wallTime(Duration.ofMinutes(3)).build();
        CompletableFuture<InteractionResult> game = interaction(
                        transcript,
                        hurried(),
                        Command.shell("cat /dev/zero"),
                        patient,
                        Command.shell("kill -STOP $$; sleep 600"))
                .runAsync();
        // It can't end before the second does, whose own deadline is far away: the judge's end is seen by its cgroup's.
        awaitNoCommand("cat");
        assertThat(game.cancel(true)).isTrue();
    }

    @Test
    void anOutputLimitHoldsWithoutATranscriptToo() throws Exception {
        Sandbox limited = sandbox().outputLimit(Size.kibibytes(64)).build();
        InteractionResult game =
                played(false, sandbox().build(), Command.shell("cat > /dev/null"), limited, Command.of("yes"));

        assertThat(game.second().outcome()).isInstanceOf(Outcome.OutputLimit.class);
        assertThat(game.first().outcome()).isEqualTo(WELL);
    }

    @Test
    void theTranscriptIsBoundedAndCountsOn() throws Exception {
        InteractionResult game = Interaction.between(
                        sandbox().build(),
                        Command.shell("cat > /dev/null; echo bye"),
                        sandbox().build(),
                        Command.shell("head -c 1000000 /dev/zero; exec >&-; cat > /dev/null"))
                .transcript(Size.bytes(1000))
                .run();

        assertThat(game.transcript().truncated()).isTrue();
        assertThat(game.transcript().total()).isEqualTo(1_000_004);
        assertThat(game.transcript().turns()).hasSize(1);
        assertThat(game.transcript().turns().get(0).text()).hasSize(1000);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void oneThatCannotBeStartedEndsTheOther(boolean transcript) {
        Interaction game = interaction(
                transcript,
                sandbox().build(),
                Command.of("sleep", "600"),
                sandbox().build(),
                Command.of("no-such-program"));

        assertThatThrownBy(game::run).isInstanceOf(SandboxException.class).hasMessageContaining("no-such-program");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anInterruptEndsBoth(boolean transcript) throws Exception {
        ExecutorService threads = ManyThreads.executor();
        CountDownLatch up = new CountDownLatch(2);
        CountDownLatch interrupted = new CountDownLatch(1);
        Command waits = Command.shell("echo up >&2; read line").toBuilder()
                .onStderrLine(line -> up.countDown())
                .build();
        Future<?> game = threads.submit(() -> {
            try {
                return interaction(
                                transcript, sandbox().build(), waits, sandbox().build(), waits)
                        .run();
            } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
            }
        });

        up.await();
        game.cancel(true);
        interrupted.await();
        threads.shutdown();
    }

    @Test
    void filesArePutInAndFetchedOnBothSides() throws Exception {
        Command judge = Command.shell("cat secret; cat > said").toBuilder()
                .file("secret", "42\n")
                .collect("said", Size.kibibytes(1))
                .build();
        Command solution = Command.shell("read secret; echo it is $secret | tee answer").toBuilder()
                .file("unused", "")
                .collect("answer", Size.kibibytes(1))
                .build();
        InteractionResult game = played(false, judge, solution);

        assertThat(game.first().files().text("said")).isEqualTo("it is 42\n");
        assertThat(game.second().files().text("answer")).isEqualTo("it is 42\n");
    }

    @Test
    void manyGamesAtOnceKeepApart() throws Exception {
        List<CompletableFuture<InteractionResult>> games = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            games.add(interaction(
                            i % 2 == 0,
                            sandbox().build(),
                            Command.shell("echo " + i + "; read back; test \"$back\" = " + i),
                            sandbox().build(),
                            Command.of("cat"))
                    .runAsync());
        }
        assertThat(games.stream().map(CompletableFuture::join).collect(Collectors.toList()))
                .allMatch(game -> game.first().outcome().equals(WELL)
                        && game.second().outcome().equals(WELL));
    }

    @Test
    void gamesThatTogetherWantMoreThanTheBudgetWaitForRoomForBoth() throws Exception {
        try (Hutch tight = Hutch.builder().budget(Budget.ofSandboxes(3)).build()) {
            Sandbox box = sandbox().context(tight).build();
            List<CompletableFuture<InteractionResult>> games = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                games.add(
                        interaction(i % 2 == 0, box, Command.shell("echo hello"), box, Command.shell("cat > /dev/null"))
                                .runAsync());
            }
            assertThat(games.stream().map(CompletableFuture::join).collect(Collectors.toList()))
                    .allMatch(game -> game.second().outcome().equals(WELL));
        }
    }

    @Test
    void theTwoMayBeOfDifferentContexts() throws Exception {
        try (Hutch other = Hutch.builder().build()) {
            InteractionResult game = played(
                    true,
                    sandbox().context(other).build(),
                    Command.shell("echo hello"),
                    sandbox().build(),
                    Command.of("cat"));
            assertThat(game.transcript().turns()).contains(new Transcript.Turn(Speaker.FIRST, "hello\n"));
        }
    }

    @Test
    void eachOpensItsStreamsAnewWhereTheyAreCarried() throws Exception {
        InteractionResult game = played(
                true, Command.shell("echo hello > /dev/stdout"), Command.shell("head -n 1 /dev/stdin > /dev/stderr"));

        assertThat(game.second().err()).isEqualTo("hello\n");
    }

    @Test
    void whatACommandSaysOfTheWiredStreamsIsRefused() {
        Sandbox box = sandbox().build();
        Command plain = Command.of("true");
        for (Command wrong : List.of(
                plain.toBuilder().input("x").build(),
                plain.toBuilder().onStdoutLine(line -> {}).build(),
                plain.toBuilder().terminal(80, 24).build())) {
            assertThatThrownBy(() -> Interaction.between(box, plain, box, wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("partner");
        }
        assertThatThrownBy(() -> Interaction.between(
                                Sandbox.builder().unsafeLocal().build(), plain, box, plain)
                        .run())
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("unsafeLocal");
    }

    /** Waits for the end of this JVM's sandboxes' processes of that name. */
    private static void awaitNoCommand(String name) throws InterruptedException {
        boolean seen = false;
        for (; ; ) {
            boolean there = ProcessHandle.current()
                    .descendants()
                    .anyMatch(process -> process.info()
                            .command()
                            .map(path -> path.endsWith("/" + name))
                            .orElse(false));
            if (seen && !there) {
                return;
            }
            seen |= there;
            Thread.sleep(5);
        }
    }

    private static Sandbox hurried() {
        return sandbox().wallTime(Duration.ofSeconds(1)).build();
    }

    private static InteractionResult played(boolean transcript, Command first, Command second) throws Exception {
        Sandbox box = sandbox().wallTime(Duration.ofSeconds(30)).build();
        return played(transcript, box, first, box, second);
    }

    private static InteractionResult played(
            boolean transcript, Sandbox firstBox, Command first, Sandbox secondBox, Command second) throws Exception {
        return interaction(transcript, firstBox, first, secondBox, second).run();
    }

    private static Interaction interaction(
            boolean transcript, Sandbox firstBox, Command first, Sandbox secondBox, Command second) {
        Interaction game = Interaction.between(firstBox, first, secondBox, second);
        return transcript ? game.transcript(Size.kibibytes(64)) : game;
    }
}
