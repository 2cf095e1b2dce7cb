// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.internal.kernel.JniKernel;
import dev.hutch.internal.nftables.BaseChain;
import dev.hutch.internal.nftables.Batch;
import dev.hutch.internal.nftables.Chain;
import dev.hutch.internal.nftables.Element;
import dev.hutch.internal.nftables.Family;
import dev.hutch.internal.nftables.Fields;
import dev.hutch.internal.nftables.Fields.Kind;
import dev.hutch.internal.nftables.Load;
import dev.hutch.internal.nftables.NfSet;
import dev.hutch.internal.nftables.Nftables;
import dev.hutch.internal.nftables.Rule;
import dev.hutch.internal.nftables.Table;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import dev.hutch.support.InOwnNetwork;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.Tool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What was built here, read back by the nft program. */
@InOwnNetwork
@KernelTest({Need.ROOT, Need.NFT})
class NftablesKernelTest {
    private static final Table TABLE = new Table(Family.INET, "mine");
    private static final Chain CHAIN = new Chain(TABLE, "rules");

    private Nftables nftables;

    @BeforeEach
    void open() throws Exception {
        nftables = Nftables.open(JniKernel.load());
    }

    @AfterEach
    void flush() throws Exception {
        nftables.close();
        Tool.run("nft", "flush", "ruleset");
    }

    private String listed() throws IOException {
        return Tool.run("nft", "list", "ruleset").replaceAll("\\s+", " ").strip();
    }

    private String rule(Rule rule, NfSet... sets) throws IOException {
        Tool.run("nft", "flush", "ruleset");
        Batch batch = new Batch().add(TABLE).add(CHAIN).add(new Chain(TABLE, "other"));
        List.of(sets).forEach(batch::add);
        nftables.commit(batch.add(CHAIN, rule));
        return Tool.run("nft", "list", "chain", "inet", "mine", "rules")
                .lines()
                .skip(2)
                .findFirst()
                .orElseThrow()
                .strip();
    }

    @Test
    void fieldsAreThoseThatNftMeans() throws Exception {
        assertThat(rule(new Rule().ipv4().where(Load.SOURCE4).is(ip("10.1.2.3")).accept()))
                .isEqualTo("ip saddr 10.1.2.3 accept");
        assertThat(rule(new Rule()
                        .ipv6()
                        .where(Load.DESTINATION6)
                        .within(ip("fd00:1::"), 20)
                        .drop()))
                .isEqualTo("ip6 daddr fd00::/20 drop");
        assertThat(rule(new Rule()
                        .where(Load.PROTOCOL)
                        .is((byte) 6)
                        .where(Load.DESTINATION_PORT)
                        .is((byte) 1, (byte) 187)
                        .reset()))
                .isEqualTo("tcp dport 443 reject with tcp reset");
        assertThat(rule(new Rule().where(Load.INTERFACE_IN).is(name("eth0")).jump("other")))
                .isEqualTo("iifname \"eth0\" jump other");
        assertThat(rule(new Rule()
                        .where(Load.INTERFACE_OUT)
                        .is("hut".getBytes(US_ASCII))
                        .back()))
                .isEqualTo("oifname \"hut*\" return");
        assertThat(rule(new Rule()
                        .where(Load.CONNECTION_STATE)
                        .hasAny(Load.ESTABLISHED | Load.RELATED)
                        .accept()))
                .isEqualTo("ct state established,related accept");
        assertThat(rule(new Rule()
                        .where(Load.CONNECTION_STATUS)
                        .hasAny(Load.DNAT)
                        .count()))
                .isEqualTo("ct status dnat counter packets 0 bytes 0");
        assertThat(rule(new Rule()
                        .where(Load.CONNECTION_STATUS)
                        .hasNone(Load.CONFIRMED)
                        .accept()))
                .isEqualTo("ct status ! confirmed accept");
        assertThat(rule(new Rule().where(Load.CONNECTION_DIRECTION).is((byte) 1).accept()))
                .isEqualTo("ct direction reply accept");
        assertThat(rule(new Rule()
                        .where(Load.DESTINATION_KIND)
                        .is((byte) 2, (byte) 0, (byte) 0, (byte) 0)
                        .reject()))
                .isEqualTo("fib daddr type local reject with icmpx admin-prohibited");
        assertThat(rule(new Rule().load(new Fields().number(7).toBytes()).setConnectionMark()))
                .isEqualTo("ct mark set 0x00000007");
        assertThat(rule(new Rule().log(7, "refused", 128).drop()))
                .isEqualTo("log prefix \"refused\" group 7 snaplen 128 drop");
    }

    @Test
    void aSetThatRulesCountInIsReadWithItsCounts() throws Exception {
        NfSet met = new NfSet(TABLE, "met", Kind.IPV4, Kind.PORT).ofAtMost(8);
        assertThat(rule(
                        new Rule()
                                .ipv4()
                                .where(Load.DESTINATION4, Load.DESTINATION_PORT)
                                .countIn(met),
                        met))
                .isEqualTo("update @met { ip daddr . th dport counter }");
        assertThat(nftables.counts(met)).isEmpty();
        Tool.run("nft", "add element inet mine met { 192.0.2.1 . 80 counter packets 3 bytes 120 }");
        assertThat(nftables.counts(met)).singleElement().satisfies(count -> {
            assertThat(count.packets()).isEqualTo(3);
            assertThat(count.key())
                    .isEqualTo(new Fields()
                            .address(InetAddress.getByName("192.0.2.1"))
                            .port(80)
                            .toBytes());
        });
        nftables.commit(new Batch().clear(CHAIN));
        assertThat(listed()).as("no rule").doesNotContain("update @met");
    }

    @Test
    void aRuleCountsConnectionsAndRemembersForAWhile() throws Exception {
        NfSet tracked = new NfSet(TABLE, "tracked", Kind.IPV4).ofAtMost(8);
        NfSet full = new NfSet(TABLE, "full", Kind.IPV4).ofTimed().ofAtMost(8);

        assertThat(nftables.has(full)).isFalse();
        assertThat(rule(
                        new Rule()
                                .ipv4()
                                .where(Load.SOURCE4)
                                .hasMoreConnections(70, tracked)
                                .remember(full, Duration.ofSeconds(2))
                                .drop(),
                        tracked,
                        full))
                .isEqualTo("update @tracked { ip saddr ct count over 70 } update @full { ip saddr timeout 2s } drop");
        assertThat(nftables.has(full)).isTrue();
    }

    @Test
    void setsAndMapsHaveTypesThatNftShows() throws Exception {
        NfSet pairs = new NfSet(TABLE, "pairs", Kind.INTERFACE, Kind.INTERFACE);
        NfSet ports = new NfSet(TABLE, "ports", Kind.IPV4, Kind.PROTOCOL, Kind.PORT).to(Kind.IPV4, Kind.PORT);
        NfSet ranges =
                new NfSet(TABLE, "ranges", Kind.IPV6, Kind.PORT).ofIntervals().ofTimed();
        NfSet priorities = new NfSet(TABLE, "priorities", Kind.INTERFACE).to(Kind.CLASS);
        NfSet single = new NfSet(TABLE, "single", Kind.PORT);
        nftables.commit(new Batch()
                .onlyNew(TABLE)
                .add(pairs)
                .add(ports)
                .add(ranges)
                .add(priorities)
                .add(single)
                .add(
                        pairs,
                        List.of(Element.of(new Fields().networkInterface("a").networkInterface("b"))))
                .add(
                        ports,
                        List.of(Element.of(new Fields()
                                        .bytes(ip("10.0.0.1"))
                                        .protocol(17)
                                        .port(53))
                                .to(new Fields().bytes(ip("10.0.0.2")).port(5353))
                                .noted("of somebody")))
                .add(
                        ranges,
                        List.of(Element.of(new Fields().bytes(ip("fd00::")).port(443))
                                .upTo(new Fields().bytes(ip("fd00::ffff")).port(445))
                                .living(Duration.ofHours(1))))
                .add(
                        priorities,
                        List.of(Element.of(new Fields().networkInterface("a")).to(new Fields().number(0x10002))))
                .add(single, List.of(Element.of(new Fields().port(80)))));

        assertThat(listed())
                .contains("set pairs { type ifname . ifname elements = { \"a\" . \"b\" } }")
                .contains("map ports { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service"
                        + " elements = { 10.0.0.1 . udp . 53 comment \"of somebody\" : 10.0.0.2 . 5353 } }")
                .containsPattern("set ranges \\{ type ipv6_addr . inet_service flags interval,timeout"
                        + " elements = \\{ fd00::/112 . 443-445 timeout 1h expires [0-9hms]+ \\} \\}")
                .contains("map priorities { type ifname : classid elements = { \"a\" : 1:2 } }")
                .contains("set single { type inet_service elements = { 80 } }");
    }

    @Test
    void rulesLookIntoSets() throws Exception {
        NfSet pairs = new NfSet(TABLE, "pairs", Kind.INTERFACE, Kind.INTERFACE);
        NfSet ports = new NfSet(TABLE, "ports", Kind.PROTOCOL, Kind.PORT).to(Kind.IPV4, Kind.PORT);

        assertThat(rule(
                        new Rule()
                                .where(Load.INTERFACE_IN, Load.INTERFACE_OUT)
                                .notIn(pairs)
                                .drop(),
                        pairs))
                .isEqualTo("iifname . oifname != @pairs drop");
        assertThat(listed()).doesNotContain("dnat");
        Chain nat = Chain.at(TABLE, "nat", Chain.Type.NAT, Chain.Hook.PREROUTING, -100);
        nftables.commit(new Batch()
                .add(ports)
                .add(nat)
                .add(
                        nat,
                        new Rule()
                                .ipv4()
                                .where(Load.PROTOCOL, Load.DESTINATION_PORT)
                                .mapped(ports)
                                .dnat4()));
        assertThat(listed())
                .contains("type nat hook prerouting priority dstnat; policy accept;"
                        + " meta nfproto ipv4 dnat ip to meta l4proto . th dport map @ports");
    }

    @Test
    void aBatchIsDoneWholeOrNotAtAllAndTheFailureNamesItsPart() {
        NfSet missing = new NfSet(TABLE, "missing", Kind.PORT);
        Batch batch = new Batch()
                .add(TABLE)
                .add(missing, List.of(Element.of(new Fields().port(1))))
                .add(CHAIN);

        assertThatThrownBy(() -> nftables.commit(batch))
                .isInstanceOfSatisfying(
                        SandboxException.class, e -> assertThat(e.errno()).hasValue(Errno.ENOENT))
                .hasMessageStartingWith("nf_tables add element to inet mine missing: ENOENT");
        assertThat(list()).isEmpty();
    }

    @Test
    void aTableThatMustBeNewIsNotTouchedWhereItIsThere() throws Exception {
        nftables.commit(new Batch().onlyNew(TABLE).add(CHAIN));
        String before = listed();

        assertThatThrownBy(() ->
                        nftables.commit(new Batch().onlyNew(TABLE).add(CHAIN).add(CHAIN, new Rule().drop())))
                .isInstanceOfSatisfying(
                        SandboxException.class, e -> assertThat(e.errno()).hasValue(Errno.EEXIST));
        assertThat(listed()).isEqualTo(before);
    }

    @Test
    void elementsComeBackAsTheyWereAlsoThousandsOfThem() throws Exception {
        NfSet ports = new NfSet(TABLE, "ports", Kind.PROTOCOL, Kind.PORT).to(Kind.IPV4, Kind.PORT);
        List<Element> all = new ArrayList<>();
        for (int port = 1; port <= 1500; port++) {
            all.add(Element.of(new Fields().protocol(6).port(port))
                    .to(new Fields().bytes(ip("10.0.0.9")).port(port + 1))
                    .noted("port " + port));
        }
        nftables.commit(new Batch().add(TABLE).add(ports).addNew(ports, all));
        assertThat(words(nftables.elements(ports))).isEqualTo(words(all));

        nftables.commit(new Batch().delete(ports, all.subList(1, 1500)));
        assertThat(words(nftables.elements(ports))).isEqualTo(words(all.subList(0, 1)));
        assertThat(nftables.elements(new NfSet(TABLE, "other", Kind.PORT))).isEmpty();
    }

    @Test
    void oneThatIsThereWithAnotherValueIsRefused() throws Exception {
        NfSet ports = new NfSet(TABLE, "ports", Kind.PORT).to(Kind.IPV4, Kind.PORT);
        Element first = Element.of(new Fields().port(80))
                .to(new Fields().bytes(ip("10.0.0.1")).port(80));
        nftables.commit(new Batch().add(TABLE).add(ports).addNew(ports, List.of(first)));

        assertThatThrownBy(() -> nftables.commit(new Batch().addNew(ports, List.of(first))))
                .isInstanceOfSatisfying(
                        SandboxException.class, e -> assertThat(e.errno()).hasValue(Errno.EEXIST));
    }

    @Test
    void baseChainsOfOthersAreSeen() throws Exception {
        Tool.run(
                "nft",
                "add table ip foreign; add chain ip foreign FORWARD { type filter hook forward priority 0; policy drop; };"
                        + " add chain ip foreign plain");

        assertThat(nftables.baseChains()).containsExactly(new BaseChain("ip", "foreign", "FORWARD", 2, true));
    }

    private static Set<String> words(List<Element> elements) {
        return elements.stream()
                .map(each -> each + " : " + HexFormat.of().formatHex(each.value()) + " " + each.time())
                .collect(Collectors.toSet());
    }

    private String list() {
        try {
            return listed();
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static byte[] ip(String text) throws UnknownHostException {
        return InetAddress.getByName(text).getAddress();
    }

    private static byte[] name(String text) {
        return new Fields().networkInterface(text).toBytes();
    }
}
