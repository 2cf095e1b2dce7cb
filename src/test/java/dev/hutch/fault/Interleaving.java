// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Limits;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.Signal;
import dev.hutch.spec.Size;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One {@code cat} in a sandbox, what several threads do to it, and the model of what they must see. An order among threads
 * can't be known, so the model knows what may have happened: each deed notes what it can lead to before it is done, and
 * whoever sees an effect finds it there. What holds in any order is checked when all threads rest.
 */
final class Interleaving {
    /** The deeds, each as often as its weight. */
    enum Deed {
        WRITE(20),
        READ(10),
        NUDGE(10),
        PAUSE(10),
        RESUME(10),
        UPDATE(8),
        USAGE(10),
        LOOK(10),
        WAIT(4),
        EXEC(8),
        END_INPUT(1),
        TERMINATE(1),
        DESTROY(1),
        CLOSE(1);

        private final int weight;

        Deed(int weight) {
            this.weight = weight;
        }

        static Deed random(Random random) {
            int left = random.nextInt(
                    Arrays.stream(values()).mapToInt(deed -> deed.weight).sum());
            for (Deed deed : values()) {
                left -= deed.weight;
                if (left < 0) {
                    return deed;
                }
            }
            throw new IllegalStateException();
        }
    }

    private static final Outcome KILLED = new Outcome.Signalled(Signal.SIGKILL);
    private static final Signal SIGCONT = new Signal(18);
    private static final Signal SIGWINCH = new Signal(28);
    private static final int LONGEST_WORD = 200;

    private final SandboxProcess process;
    private final Set<Outcome> possible = ConcurrentHashMap.newKeySet();
    private final AtomicInteger resumes = new AtomicInteger();
    private final AtomicInteger resuming = new AtomicInteger();
    private final AtomicInteger pauses = new AtomicInteger();
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final ByteArrayOutputStream read = new ByteArrayOutputStream();
    private int arrived;

    /** @param timed whether the sandbox has a deadline, which may end it at any moment */
    Interleaving(Sandbox box, boolean timed) throws IOException {
        if (timed) {
            possible.add(new Outcome.Timeout());
        }
        process = box.start("/bin/cat");
    }

    private boolean mayHaveEnded() {
        return !possible.isEmpty();
    }

    void act(Deed deed, Random random) throws Exception {
        switch (deed) {
            case WRITE -> write(random);
            case READ -> read();
            case NUDGE -> process.signal(random.nextBoolean() ? SIGWINCH : SIGCONT);
            case PAUSE -> pause();
            case RESUME -> resume();
            case UPDATE -> update(random);
            case USAGE -> assertThat(process.usage().cpu()).isPresent();
            case LOOK -> assertThat(process.isAlive() || mayHaveEnded()).isTrue();
            case WAIT ->
                assertThat(!process.waitFor(1, TimeUnit.MILLISECONDS) || mayHaveEnded())
                        .isTrue();
            case EXEC -> exec(random);
            case END_INPUT -> {
                possible.add(new Outcome.Exited(0));
                process.getOutputStream().close();
            }
            case TERMINATE -> {
                possible.add(new Outcome.Signalled(Signal.SIGTERM));
                process.destroy();
            }
            case DESTROY -> {
                possible.add(KILLED);
                process.destroyForcibly();
            }
            case CLOSE -> {
                possible.add(KILLED);
                process.close();
                assertThat(process.isAlive()).isFalse();
            }
        }
    }

    /** In all far less than a pipe holds, so that no write waits for a paused reader. */
    private void write(Random random) throws IOException {
        byte[] word = new byte[1 + random.nextInt(LONGEST_WORD)];
        random.nextBytes(word);
        synchronized (written) {
            written.write(word);
            try {
                process.getOutputStream().write(word);
                arrived = written.size();
            } catch (IOException e) {
                assertThat(mayHaveEnded()).as("a write fails: %s", e).isTrue();
            }
        }
    }

    private void read() throws IOException {
        synchronized (read) {
            try {
                int ready = process.getInputStream().available();
                read.write(process.getInputStream().readNBytes(ready));
            } catch (IOException e) {
                assertThat(mayHaveEnded()).as("a read fails: %s", e).isTrue();
            }
        }
    }

    private void pause() throws SandboxException {
        pauses.incrementAndGet();
        int before = resumes.get();
        boolean overlapped = resuming.get() > 0;
        try {
            process.pause();
        } catch (SandboxException e) {
            assertThat(mayHaveEnded() || overlapped || resumes.get() != before)
                    .as("a pause is refused: %s", e)
                    .isTrue();
        }
    }

    void resume() throws SandboxException {
        resuming.incrementAndGet();
        resumes.incrementAndGet();
        process.resume();
        resuming.decrementAndGet();
    }

    /** To what always leaves room for an exec by each thread. */
    private void update(Random random) {
        Limits limits = process.limits().toBuilder()
                .pids(24 + random.nextInt(100))
                .memory(Size.mebibytes(32 + random.nextInt(100)))
                .build();
        try {
            process.updateLimits(limits);
        } catch (SandboxException e) {
            assertThat(mayHaveEnded()).as("new limits are refused: %s", e).isTrue();
        }
    }

    /** A pause may hold it up for ever, but not its close. */
    private void exec(Random random) throws Exception {
        int status = random.nextInt(256);
        SandboxProcess second;
        try {
            second = process.exec("/bin/sh", "-c", "exit " + status);
        } catch (SandboxException e) {
            assertThat(mayHaveEnded() || pauses.get() > 0)
                    .as("an exec is refused: %s", e)
                    .isTrue();
            return;
        }
        boolean ended = second.waitFor(5, TimeUnit.MILLISECONDS);
        second.close();
        Outcome outcome = second.result().outcome();
        assertThat(outcome.equals(new Outcome.Exited(status))
                        || outcome.equals(KILLED) && (!ended || mayHaveEnded())
                        || outcome instanceof Outcome.Timeout && possible.contains(outcome))
                .as("an exec's end: %s", outcome)
                .isTrue();
    }

    /** While no other thread acts: it goes on when it is resumed, and all that was written comes back. */
    void rest() throws Exception {
        process.resume();
        if (mayHaveEnded()) {
            return;
        }
        assertThat(process.isAlive()).isTrue();
        synchronized (read) {
            int missing = arrived - read.size();
            read.write(process.getInputStream().readNBytes(missing));
            assertThat(Arrays.equals(read.toByteArray(), written.toByteArray()))
                    .as("all came back")
                    .isTrue();
        }
        assertThat(process.usage().pids().orElseThrow()).isPositive();
        assertThat(process.usage().memory().orElseThrow())
                .isLessThanOrEqualTo(process.limits().memory().bytes());
    }

    /** The end, whatever happened before, and what still works after it. */
    void end() throws Exception {
        possible.add(KILLED);
        process.close();
        process.close();

        assertThat(process.isAlive()).isFalse();
        assertThat(process.waitFor(0, TimeUnit.SECONDS)).isTrue();
        Outcome outcome = process.result().outcome();
        assertThat(possible).contains(outcome);
        assertThat(process.exitValue()).isEqualTo(process.result().exitStatus());
        byte[] back = read.toByteArray();
        assertThat(Arrays.mismatch(back, written.toByteArray()))
                .as("what came back differs first at")
                .isIn(-1, back.length);
        assertThat(process.usage().pids()).isEmpty();
        process.signal(Signal.SIGTERM);
        process.resume();
        assertThatThrownBy(process::pause).isInstanceOf(SandboxException.class).hasMessageContaining("ended");
        assertThatThrownBy(() -> process.updateLimits(process.limits())).isInstanceOf(SandboxException.class);
        assertThatThrownBy(() -> process.getOutputStream().write(1)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> process.getInputStream().read()).isInstanceOf(IOException.class);
        process.destroyForcibly();
        assertThat(process.onExit().get()).isSameAs(process);
    }
}
