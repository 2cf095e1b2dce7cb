// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.usernet;

import dev.hutch.internal.dns.Resolvers;
import dev.hutch.spec.PortMapping;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** pasta(1), of Debian's package passt: the inside has the host's own addresses and routes. */
record Pasta(Path program) implements Carrier {
    private static final String LOOPBACK = "127.0.0.1";

    @Override
    public List<String> words(Resolvers host, List<PortMapping> published) {
        List<String> words = new ArrayList<>(List.of(program.toString(), "--foreground", "--quiet"));
        words.addAll(List.of("--config-net", "--ns-ifname", INTERFACE, "--netns-only", "--netns", NAMESPACE));
        words.addAll(List.of("--pid", READY));
        // Else the gateway's address would stand for the host, with all that listens on its loopback.
        words.add("--no-map-gw");
        words.addAll(List.of("--dns", "none"));
        // From the inside's loopback to the host's, where a name server listens there.
        String inner = onLoopback(host).isPresent() ? "53" : "none";
        words.addAll(List.of("--tcp-ns", inner, "--udp-ns", inner));
        ports(words, "--tcp-ports", PortMapping.Protocol.TCP, published);
        ports(words, "--udp-ports", PortMapping.Protocol.UDP, published);
        return words;
    }

    private static void ports(
            List<String> words, String option, PortMapping.Protocol protocol, List<PortMapping> published) {
        List<String> specs = published.stream()
                .filter(mapping -> mapping.protocol() == protocol)
                .map(mapping -> address(mapping.address()) + range(mapping.hostPort(), mapping.count()) + ":"
                        + range(mapping.containerPort(), mapping.count()))
                .toList();
        for (String spec : specs.isEmpty() ? List.of("none") : specs) {
            words.addAll(List.of(option, spec));
        }
    }

    private static String address(@Nullable InetAddress address) {
        return address == null ? "" : address.getHostAddress() + "/";
    }

    private static String range(int first, int count) {
        return count == 1 ? Integer.toString(first) : first + "-" + (first + count - 1);
    }

    @Override
    public Optional<String> onLoopback(Resolvers host) {
        return host.reachable().isEmpty() && host.servers().contains(LOOPBACK)
                ? Optional.of(LOOPBACK)
                : Optional.empty();
    }

    @Override
    public Map<String, String> cures() {
        Map<String, String> cures = new LinkedHashMap<>();
        cures.put("ailed to bind", "a published port is in use, or below 1024: choose another");
        cures.put("/dev/net/tun", "it must be there and writable: modprobe tun; chmod 666 /dev/net/tun");
        cures.put("xternal interface", "the host has no default route, so there is nothing to carry traffic to");
        return cures;
    }
}
