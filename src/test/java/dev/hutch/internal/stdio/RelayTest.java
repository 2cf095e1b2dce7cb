// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.internal.kernel.JniKernel;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;
import dev.hutch.spec.Transcript.Speaker;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The test plays both sandboxes by pipes of the real kernel; a container has ended when its pipe's writer is closed. */
@Timeout(30)
class RelayTest {
    private final Kernel kernel = JniKernel.load();
    private final List<Integer> open = new ArrayList<>();
    private final Meter meter = new Meter(Long.MAX_VALUE, () -> {});
    private final Tee tee = new Tee(1000);

    private int[] firstSays = {};
    private int[] firstHears = {};
    private int[] secondSays = {};
    private int[] secondHears = {};
    private int[] firstLives = {};
    private int[] secondLives = {};
    private Passage there;
    private Passage back;
    private Relay relay;

    @BeforeEach
    void wire() throws Exception {
        firstSays = pipe();
        firstHears = pipe();
        secondSays = pipe();
        secondHears = pipe();
        firstLives = pipe();
        secondLives = pipe();
        there = passage(firstSays, secondHears, Speaker.FIRST);
        back = passage(secondSays, firstHears, Speaker.SECOND);
        relay = new Relay(
                kernel, there, back, new Relay.Party(meter, firstLives[0]), new Relay.Party(meter, secondLives[0]));
    }

    private int[] pipe() throws KernelException {
        int[] pipe = kernel.pipe();
        open.add(pipe[0]);
        open.add(pipe[1]);
        return pipe;
    }

    private Passage passage(int[] from, int[] to, Speaker speaker) throws KernelException {
        kernel.nonBlocking(from[0], true);
        kernel.nonBlocking(to[1], true);
        open.remove((Integer) from[0]);
        open.remove((Integer) to[1]);
        return new Passage(kernel, from[0], to[1], tee.of(speaker));
    }

    @AfterEach
    void closeAll() {
        relay.close();
        open.forEach(kernel::close);
    }

    private void end(int fd) {
        open.remove((Integer) fd);
        kernel.close(fd);
    }

    private void say(int[] pipe, String words) throws KernelException {
        byte[] bytes = words.getBytes(StandardCharsets.UTF_8);
        kernel.write(pipe[1], ByteBuffer.allocateDirect(bytes.length).put(0, bytes), 0, bytes.length);
    }

    private String heard(int[] pipe) throws KernelException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(100);
        StringBuilder all = new StringBuilder();
        for (int n = kernel.read(pipe[0], buffer, 100); n > 0; n = kernel.read(pipe[0], buffer, 100)) {
            byte[] bytes = new byte[n];
            buffer.get(0, bytes);
            all.append(new String(bytes, StandardCharsets.UTF_8));
        }
        return all.toString();
    }

    @Test
    void whatBothSaidArrivesWithItsEndAndIsTold() throws Exception {
        say(firstSays, "guess\n");
        say(secondSays, "five\n");
        end(firstSays[1]);
        end(secondSays[1]);

        relay.run();

        assertThat(heard(secondHears)).isEqualTo("guess\n");
        assertThat(heard(firstHears)).isEqualTo("five\n");
        assertThat(tee.transcript()).hasToString("> guess\n< five");
        assertThat(there.count()).isEqualTo(6);
    }

    @Test
    void whatAnEndedOneLeftInItsPipeArrivesThoughSomebodyHoldsThePipe() throws Exception {
        say(firstSays, "last words");
        end(firstLives[1]);
        end(secondSays[1]);

        relay.run();

        assertThat(heard(secondHears)).isEqualTo("last words");
    }

    @Test
    void nobodyIsToldWhatIsSaidToOneThatHasEnded() throws Exception {
        end(firstLives[1]);
        end(secondLives[1]);

        relay.run();

        assertThatThrownBy(() -> say(secondSays, "hello?"))
                .isInstanceOfSatisfying(
                        KernelException.class,
                        e -> assertThat(e.is(Errno.EPIPE)).isTrue());
    }

    @Test
    void oneThatClosesItsInputBreaksTheOthersPipeBeforeThatWrites() throws Exception {
        end(secondHears[0]);
        end(secondSays[1]);

        relay.run();

        assertThatThrownBy(() -> say(firstSays, "hello?"))
                .isInstanceOfSatisfying(
                        KernelException.class,
                        e -> assertThat(e.is(Errno.EPIPE)).isTrue());
    }

    @Test
    void anInterruptEndsIt() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(relay::run).isInstanceOf(InterruptedException.class);
    }
}
