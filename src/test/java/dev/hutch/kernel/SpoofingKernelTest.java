// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.internal.net.Guest;
import dev.hutch.support.InOwnNetwork;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.NetHost;
import dev.hutch.support.Tool;
import java.io.IOException;
import java.util.HexFormat;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Containers that may do with their own interface what they like, and send what isn't theirs. */
@InOwnNetwork
@KernelTest({Need.ROOT, Need.NFT, Need.PYTHON})
class SpoofingKernelTest extends FirewallCase {
    private static final String SEND = "import socket, sys; s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW);"
            + " s.bind(('eth0', 0)); s.send(bytes.fromhex(sys.argv[1]))";
    private static final String BROADCAST = "ffffffffffff";
    private static final String ALL_NODES = "333300000001";

    private NetHost attacker;
    private NetHost victim;
    private Guest own;
    private Guest others;

    @BeforeEach
    void attackerAndVictim() throws Exception {
        firewall.addNetwork("hutch-a", false, false);
        own = guest("hutch-a", 2);
        others = guest("hutch-a", 3);
        attacker = walled(own);
        victim = walled(others);
    }

    private String mac(Guest guest) {
        return HexFormat.of().formatHex(guest.mac());
    }

    private void unwalled() throws IOException {
        // Which would bring it back.
        firewall.close();
        Tool.run("nft", "delete table bridge hutch");
    }

    @Test
    void anotherSourceAddressGetsNothingThrough() throws Exception {
        victim.serve("udp,10.88.1.3,53");
        attacker.run("ip", "address", "add", "10.88.1.77/24", "dev", "eth0");
        attacker.run("ip", "address", "add", "fd00:1::77/64", "dev", "eth0", "nodad");
        victim.serve("udp,fd00:1::3,53");

        assertThat(attacker.askFrom("10.88.1.77", "udp", "10.88.1.3", 53)).isIn("no answer", "EHOSTUNREACH");
        assertThat(attacker.askFrom("fd00:1::77", "udp", "fd00:1::3", 53)).isIn("no answer", "EHOSTUNREACH");
        unwalled();
        assertThat(attacker.askFrom("10.88.1.77", "udp", "10.88.1.3", 53)).isEqualTo("10.88.1.77");
        assertThat(attacker.askFrom("fd00:1::77", "udp", "fd00:1::3", 53)).isEqualTo("fd00:1::77");
    }

    @Test
    void anotherMacAddressGetsNothingThrough() throws Exception {
        victim.serve("udp,10.88.1.3,53");
        assertThat(attacker.ask("udp", "10.88.1.3", 53)).isEqualTo("10.88.1.2");
        attacker.run("ip", "link", "set", "eth0", "address", "02:48:0a:58:01:63");

        assertThat(attacker.ask("udp", "10.88.1.3", 53)).isNotEqualTo("10.88.1.2");
    }

    @Test
    void nobodyIsToldByArpThatAnAddressIsTheAttackers() throws Exception {
        Tool.run("ping", "-c1", "-W3", "10.88.1.3");
        // An answer nobody asked for: 10.88.1.3 is at the attacker's.
        String lie = BROADCAST + mac(own) + "0806" + "0001080006040002" + mac(own) + "0a580103" + mac(own) + "0a580101";

        attacker.run("python3", "-c", SEND, lie);
        assertThat(neighbour("10.88.1.3")).contains(colons(others));
        unwalled();
        attacker.run("python3", "-c", SEND, lie);
        assertThat(neighbour("10.88.1.3")).contains(colons(own));
    }

    @Test
    void nobodyIsToldByNeighbourAdvertisementThatAnAddressIsTheAttackers() throws Exception {
        Tool.run("ping", "-c1", "-W3", "fd00:1::3");
        String source = "fd000001000000000000000000000002";
        String target = "fd000001000000000000000000000003";
        // Overriding, with the attacker's link-layer address.
        String body = "20000000" + target + "0201" + mac(own);
        String lie = icmpv6(source, "fd000001000000000000000000000001", "8800", body);

        attacker.run("python3", "-c", SEND, bridgeMac() + mac(own) + "86dd" + lie);
        assertThat(neighbour("fd00:1::3")).contains(colons(others));
        unwalled();
        attacker.run("python3", "-c", SEND, bridgeMac() + mac(own) + "86dd" + lie);
        assertThat(neighbour("fd00:1::3")).contains(colons(own));
    }

    /** Who has no address yet asks from none whether somebody has it, which the bridge learns from. */
    @Test
    void theBridgeIsNotToldByNeighbourSolicitationThatAMacAddressIsTheAttackers() throws Exception {
        String ask = "86dd"
                + icmpv6(
                        "00".repeat(16),
                        "ff0200000000000000000001ff000063",
                        "8700",
                        "00000000" + "fd000001000000000000000000000063");
        Tool.run("ping", "-c1", "-W3", "10.88.1.2");
        Tool.run("ping", "-c1", "-W3", "10.88.1.3");

        attacker.run("python3", "-c", SEND, "3333ff000063" + mac(others) + ask);
        assertThat(portOf(others)).isEqualTo(others.port());
        Tool.run("bridge", "fdb", "delete", colons(own), "dev", own.port(), "master");
        attacker.run("python3", "-c", SEND, "3333ff000063" + mac(own) + ask);
        assertThat(portOf(own)).as("its own").isEqualTo(own.port());
        unwalled();
        attacker.run("python3", "-c", SEND, "3333ff000063" + mac(others) + ask);
        assertThat(portOf(others)).isEqualTo(own.port());
    }

    @Test
    void nobodyTakesTheAttackerForARouter() throws Exception {
        String source = "fe80000000000000" + "0048" + "0aff" + "fe58" + "0102";
        // A prefix for everybody: 2001:bad::/64, on-link, autonomous.
        String prefix = "030440c0" + "ffffffffffffffff00000000" + "20010bad000000000000000000000000";
        String lie =
                icmpv6(source, "ff020000000000000000000000000001", "8600", "40001000" + "0000000000000000" + prefix);

        attacker.run("python3", "-c", SEND, ALL_NODES + mac(own) + "86dd" + lie);
        assertThat(victim.run("ip", "-6", "address")).doesNotContain("2001:bad");
        unwalled();
        attacker.run("python3", "-c", SEND, ALL_NODES + mac(own) + "86dd" + lie);
        assertThat(victim.run("ip", "-6", "address")).contains("2001:bad");
    }

    @Test
    void otherProtocolsThanIpGetNothingThrough() throws Exception {
        Process dump = victim.start(
                "timeout",
                "60",
                "python3",
                "-c",
                "import socket; s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(0x88b5));"
                        + " s.bind(('eth0', 0x88b5)); print('ready', flush=True); print(s.recv(100)[14:18], flush=True)");
        var out = dump.inputReader();
        assertThat(out.readLine()).isEqualTo("ready");
        attacker.run("python3", "-c", SEND, mac(others) + mac(own) + "88b5" + "77616c6c" + "00".repeat(60));
        unwalled();
        attacker.run("python3", "-c", SEND, mac(others) + mac(own) + "88b5" + "6f70656e" + "00".repeat(60));

        assertThat(out.readLine()).isEqualTo("b'open'");
    }

    private static String neighbour(String address) throws IOException {
        return Tool.run("ip", "neighbour", "show", address, "dev", "hutch-a");
    }

    /** That the bridge has learned. */
    private static String portOf(Guest guest) throws IOException {
        return Tool.run("bridge", "fdb", "show", "br", "hutch-a")
                .lines()
                .filter(line -> line.startsWith(colons(guest)) && line.contains(" master "))
                .map(line -> line.split(" ")[2])
                .collect(Collectors.joining(" "));
    }

    private static String bridgeMac() throws IOException {
        return Tool.run("sh", "-c", "ip -o link show hutch-a | sed 's/.*ether \\([0-9a-f:]*\\).*/\\1/'")
                .strip()
                .replace(":", "");
    }

    private static String colons(Guest guest) {
        return HexFormat.ofDelimiter(":").formatHex(guest.mac());
    }

    /** An IPv6 packet with the checksum that it must have. */
    private static String icmpv6(String source, String destination, String typeAndCode, String body) {
        int length = 4 + body.length() / 2;
        String pseudo = source + destination + String.format("%08x", length) + "0000003a" + typeAndCode + "0000" + body;
        long sum = 0;
        for (int i = 0; i < pseudo.length(); i += 4) {
            sum += Integer.parseInt(pseudo.substring(i, i + 4), 16);
        }
        while (sum >> 16 != 0) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        String checksum = String.format("%04x", ~sum & 0xffff);
        return "60000000" + String.format("%04x", length) + "3aff" + source + destination + typeAndCode + checksum
                + body;
    }
}
