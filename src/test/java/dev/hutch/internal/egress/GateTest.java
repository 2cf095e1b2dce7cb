// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.spec.AddressRange;
import dev.hutch.spec.Egress;
import dev.hutch.spec.Refusal;
import dev.hutch.spec.SandboxException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GateTest {
    private final RecordedWall wall = new RecordedWall();
    private final ExecutorService deciders = Executors.newCachedThreadPool();

    @AfterEach
    void endDeciders() {
        deciders.shutdownNow();
    }

    /** What the kernel was told last. */
    private static final class RecordedWall implements Wall {
        private final List<Openings> told = new ArrayList<>();
        private boolean refuses;

        @Override
        public void open(Openings openings) throws SandboxException {
            if (refuses) {
                throw new SandboxException("egress", "", null, "refused");
            }
            told.add(openings);
        }

        @Override
        public List<Refusal> turnedBack() {
            return List.of(new Refusal("", "192.0.2.1", "tcp", 80, 3), new Refusal("", "203.0.113.9", "udp", 53, 1));
        }

        @Override
        public void close() {}

        Openings last() {
            return told.get(told.size() - 1);
        }
    }

    private Gate gate(Egress list) {
        return new Gate(list, wall, new Ground(Set::of), deciders);
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static boolean open(Gate gate, String name, String... addresses) throws SandboxException {
        return gate.open(
                name, List.of(addresses).stream().map(GateTest::address).toList(), 60, false);
    }

    @Test
    void onlyNamesOnTheListAreLookedUp() {
        Gate gate = gate(Egress.of("a.org:443", "*.b.org", "192.0.2.0/24"));
        assertThat(gate.admits("a.org")).isCompletedWithValue(Gate.Word.YES);
        assertThat(gate.admits("x.b.org")).isCompletedWithValue(Gate.Word.YES);
        assertThat(gate.admits("b.org")).isCompletedWithValue(Gate.Word.NO);
        assertThat(gate.admits("c.org")).isCompletedWithValue(Gate.Word.NO);
    }

    @Test
    void anAddressIsOpenOnThePortsOfTheDestinationsThatLedToIt() throws SandboxException {
        Gate gate = gate(Egress.of("a.org:443", "a.org:80", "*.org:22"));
        assertThat(open(gate, "a.org", "192.0.2.1")).isTrue();
        assertThat(wall.last().found().keySet())
                .extracting(Openings.Endpoint::port)
                .containsExactlyInAnyOrder(443, 80, 22);
        assertThat(wall.last().found().values()).allSatisfy(found -> {
            assertThat(found.valid()).isBetween(Duration.ofMinutes(4), FoundNames.LEAST);
            assertThat(wall.last().alive()).contains(found.mark());
        });
    }

    @Test
    void theSameAnswerOnceMoreIsNoNewsToTheKernel() throws SandboxException {
        Gate gate = gate(Egress.of("a.org"));
        open(gate, "a.org", "192.0.2.1");
        open(gate, "a.org", "192.0.2.1");
        assertThat(wall.told).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "10.1.2.3",
                "172.16.0.1",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "0.0.0.0",
                "224.0.0.1",
                "255.255.255.255",
                "::1",
                "::",
                "fe80::1",
                "fd00::1",
                "ff02::1",
                "::ffff:10.0.0.1",
                "64:ff9b::a00:1",
                "2002:a00:1::1",
                "::10.0.0.1"
            })
    void aNameFromOutsideLeadsToNoAddressThatMeansSomethingElseHere(String inner) throws SandboxException {
        Gate gate = gate(Egress.of("a.org"));
        assertThat(open(gate, "a.org", "192.0.2.1", inner))
                .as("the whole answer")
                .isFalse();
        assertThat(wall.told).isEmpty();
        assertThat(gate.refusals().get(0))
                .isEqualTo(new Refusal("a.org", AddressRange.of(address(inner)).toString(), "", 0, 1));
    }

    @Test
    void norToOneOfTheHostsOwn() throws Exception {
        InetAddress own = java.net.NetworkInterface.networkInterfaces()
                .flatMap(java.net.NetworkInterface::inetAddresses)
                .findFirst()
                .orElseThrow();
        assertThat(new Ground().isInner(InetAddress.getByAddress(own.getAddress())))
                .isTrue();
    }

    @Test
    void butWhereTheListHasItsRangeThatDecides() throws SandboxException {
        Gate gate = gate(Egress.of("a.org:443", "10.0.0.0/8:22"));
        assertThat(open(gate, "a.org", "10.0.0.1")).isTrue();
        assertThat(gate.openings().found()).as("on the range's port only").isEmpty();
        assertThat(gate.openings().standing())
                .containsExactly(new Openings.Standing(AddressRange.parse("10.0.0.0/8"), 22, 2));
    }

    @Test
    void whatIsTakenOffTheListLosesItsMarkAndAnotherKeepsIt() throws SandboxException {
        Gate gate = gate(Egress.of("a.org", "b.org"));
        open(gate, "a.org", "192.0.2.1");
        open(gate, "b.org", "192.0.2.2");
        Map<Openings.Endpoint, Openings.Found> before = wall.last().found();
        gate.change(Egress.of("c.org", "b.org"));
        Openings.Endpoint kept = new Openings.Endpoint(address("192.0.2.2"), 0);
        assertThat(wall.last().found()).containsOnlyKeys(kept);
        assertThat(wall.last().found().get(kept).mark())
                .isEqualTo(before.get(kept).mark());
        assertThat(wall.last().alive())
                .doesNotContain(before.get(new Openings.Endpoint(address("192.0.2.1"), 0))
                        .mark());
        assertThat(open(gate, "a.org", "192.0.2.1"))
                .as("an answer that was under way")
                .isFalse();
        gate.change(Egress.of("a.org"));
        assertThat(wall.last().alive())
                .as("what comes back is new")
                .doesNotContainAnyElementsOf(
                        before.values().stream().map(Openings.Found::mark).toList());
    }

    @Test
    void aChangeThatTheKernelRefusesIsNone() throws SandboxException {
        Gate gate = gate(Egress.of("a.org"));
        wall.refuses = true;
        assertThatThrownBy(() -> gate.change(Egress.of("b.org"))).isInstanceOf(SandboxException.class);
        assertThat(gate.admits("a.org")).isCompletedWithValue(Gate.Word.YES);
        assertThat(gate.admits("b.org")).isCompletedWithValue(Gate.Word.NO);
    }

    @Test
    void anotherNameIsDecidedOnOnce() throws Exception {
        List<String> asked = new ArrayList<>();
        Egress list = Egress.of("a.org")
                .ask(
                        name -> {
                            asked.add(name);
                            return name.equals("yes.org");
                        },
                        Duration.ofSeconds(30));
        Gate gate = gate(list);
        assertThat(gate.admits("yes.org").get()).isEqualTo(Gate.Word.YES);
        assertThat(gate.admits("yes.org").get()).isEqualTo(Gate.Word.YES);
        assertThat(gate.admits("no.org").get()).isEqualTo(Gate.Word.NO);
        assertThat(gate.admits("no.org").get()).isEqualTo(Gate.Word.NO);
        assertThat(gate.admits("\\000.org").get()).as("no host's name").isEqualTo(Gate.Word.NO);
        assertThat(gate.admits("10.0.0.1").get()).as("no host's name").isEqualTo(Gate.Word.NO);
        assertThat(asked).containsExactly("yes.org", "no.org");
        assertThat(open(gate, "yes.org", "192.0.2.1")).isTrue();
        gate.change(Egress.of("a.org"));
        assertThat(open(gate, "yes.org", "192.0.2.1"))
                .as("without that decision")
                .isFalse();
    }

    @Test
    void aDecisionThatIsLateIsANoUntilItIsThere() throws Exception {
        CountDownLatch decide = new CountDownLatch(1);
        Egress list = Egress.NOTHING.ask(
                name -> {
                    try {
                        decide.await();
                    } catch (InterruptedException e) {
                        return false;
                    }
                    return true;
                },
                Duration.ofMillis(10));
        Gate gate = gate(list);
        assertThat(gate.admits("a.org").get()).isEqualTo(Gate.Word.LATER);
        decide.countDown();
        CompletableFuture<Gate.Word> later = gate.admits("a.org");
        while (later.get() == Gate.Word.LATER) {
            later = gate.admits("a.org");
        }
        assertThat(later.get()).isEqualTo(Gate.Word.YES);
    }

    @Test
    void aDecisionThatFailsIsANo() throws Exception {
        Gate gate = gate(Egress.NOTHING.ask(
                name -> {
                    throw new IllegalStateException("of the test");
                },
                Duration.ofSeconds(30)));
        assertThat(gate.admits("a.org").get()).isEqualTo(Gate.Word.NO);
    }

    @Test
    void refusedAddressesHaveTheNameThatLedToThem() throws SandboxException {
        Gate gate = gate(Egress.of("a.org:443"));
        open(gate, "a.org", "192.0.2.1");
        gate.refuseName("b.org");
        gate.refuseName("b.org");
        List<Refusal> all = List.of(
                new Refusal("b.org", "", "", 0, 2),
                new Refusal("a.org", "192.0.2.1", "tcp", 80, 3),
                new Refusal("", "203.0.113.9", "udp", 53, 1));
        assertThat(gate.refusals()).isEqualTo(all);
        gate.close();
        assertThat(gate.refusals()).as("after the end").isEqualTo(all);
    }

    @Test
    void howManyNamesAreListedAndAskedAboutIsBounded() throws Exception {
        Gate gate = gate(Egress.of("*.a.org").ask(name -> false, Duration.ofSeconds(30)));
        for (int i = 0; i < 2_000; i++) {
            gate.refuseName("n" + i + ".org");
            gate.open(
                    "n" + i + ".a.org",
                    List.of(address("192.0.2." + i % 250), address("203.0.113." + i % 250)),
                    60,
                    false);
        }
        assertThat(gate.refusals()).hasSize(256 + 2);
        assertThat(gate.openings().found()).hasSizeLessThanOrEqualTo(FoundNames.MOST_ADDRESSES);
        for (int i = 0; i < Decisions.MOST_NAMES; i++) {
            assertThat(gate.admits("q" + i + ".org").get()).isEqualTo(Gate.Word.NO);
        }
        assertThat(gate.admits("one-more.org").get()).as("not asked about").isEqualTo(Gate.Word.LATER);
    }
}
