// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import com.grack.nanojson.JsonWriter;
import dev.hutch.internal.json.JsonValue;
import dev.hutch.spec.SandboxException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A bridge network, as all JVMs of the host know it.
 *
 * @param ipv4 its addresses; the second is the bridge's own, and the gateway
 * @param ipv6 the same of IPv6; null for none
 * @param mtu of every link
 * @param internal whether it leads nowhere else
 * @param isolated whether its containers can't reach one another
 * @param kept whether it stays when nobody uses it: somebody made it by name
 */
public record NetworkConfig(
        String name, Subnet ipv4, @Nullable Subnet ipv6, int mtu, boolean internal, boolean isolated, boolean kept) {
    private static final int LONGEST_LINK = 15;
    private static final String PREFIX = "hutch-";

    /** The bridge's name, which all that it is may not fit into. */
    public String bridge() {
        if (PREFIX.length() + name.length() <= LONGEST_LINK) {
            return PREFIX + name;
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
            return PREFIX + HexFormat.of().formatHex(hash).substring(0, LONGEST_LINK - PREFIX.length());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** By which the bridge is known as Hutch's. */
    String alias() {
        return "hutch network " + name;
    }

    public InetAddress gateway() {
        return ipv4.address(1);
    }

    public @Nullable InetAddress gateway6() {
        return ipv6 == null ? null : ipv6.address(1);
    }

    /** The MAC address that goes with an IPv4 address of the network; of no maker's. */
    static byte[] mac(InetAddress ipv4) {
        byte[] address = ipv4.getAddress();
        return new byte[] {0x02, 0x48, address[0], address[1], address[2], address[3]};
    }

    /** The host's end of the container's cable. The same address is not given twice, so neither is the name. */
    static String port(InetAddress ipv4) {
        return FirewallSets.PORT_PREFIX + HexFormat.of().formatHex(ipv4.getAddress());
    }

    String json() {
        return JsonWriter.indent("  ")
                        .string()
                        .object()
                        .value("name", name)
                        .value("ipv4", ipv4.toString())
                        .value("ipv6", ipv6 == null ? null : ipv6.toString())
                        .value("mtu", mtu)
                        .value("internal", internal)
                        .value("isolated", isolated)
                        .value("kept", kept)
                        .end()
                        .done()
                + "\n";
    }

    static NetworkConfig read(String path, String text) throws SandboxException {
        JsonValue json = JsonValue.parse("network", path, text)
                .only("name", "ipv4", "ipv6", "mtu", "internal", "isolated", "kept");
        return new NetworkConfig(
                json.need("name").text(),
                json.need("ipv4").as(value -> Subnet.parse(value.text())),
                json.field("ipv6").isEmpty() ? null : json.need("ipv6").as(value -> Subnet.parse(value.text())),
                (int) json.need("mtu").number(68, 65_535),
                json.need("internal").flag(),
                json.need("isolated").flag(),
                json.need("kept").flag());
    }
}
