// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.spec.SandboxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AttachmentTest {
    private final List<String> calls = new ArrayList<>();

    /** Tells what it is given; with so many sockets. */
    private Attachment told(String name, int sockets, boolean fails) {
        return new Attachment() {
            @Override
            public List<Step> connect(int netns) {
                return IntStream.range(0, sockets)
                        .<Step>mapToObj(i -> new Step.Socket(2, 2, 0, new byte[0], false, name + i))
                        .toList();
            }

            @Override
            public void sockets(int[] fds) throws SandboxException {
                calls.add(name + Arrays.toString(fds));
                if (fails) {
                    throw new SandboxException("take", name, null, "");
                }
            }

            @Override
            public void close() throws SandboxException {
                calls.add("close " + name);
                if (fails) {
                    throw new SandboxException("close", name, null, "");
                }
            }
        };
    }

    @Test
    void eachOfTwoGetsTheSocketsOfItsOwnSteps() throws Exception {
        Attachment both = told("a", 2, false).and(told("b", 1, false));

        List<Step> steps = both.connect(3);
        both.sockets(new int[] {7, 8, 9});

        assertThat(steps).extracting(Step::words).containsExactly("a0", "a1", "b0");
        assertThat(calls).containsExactly("a[7, 8]", "b[9]");
    }

    @Test
    void theSecondOwnsItsSocketsAndIsClosedAlsoWhereTheFirstFails() throws Exception {
        Attachment both = told("a", 1, true).and(told("b", 1, false));
        both.connect(3);

        assertThatThrownBy(() -> both.sockets(new int[] {7, 8})).isInstanceOf(SandboxException.class);
        assertThatThrownBy(both::close).isInstanceOf(SandboxException.class);

        assertThat(calls).containsExactly("a[7]", "b[8]", "close b", "close a");
    }

    @Test
    void nothingIsNeutral() {
        Attachment one = told("a", 1, false);

        assertThat(Attachment.NONE.and(one)).isSameAs(one);
        assertThat(one.and(Attachment.NONE)).isSameAs(one);
    }
}
