// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.usernet;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** pasta(1), of Debian's package passt: the inside has the host's own addresses and routes. */
record Pasta(Path program) implements Carrier {
    /** Stands for the host's resolver where that listens on the host's loopback alone. */
    private static final String FORWARDED_DNS = "169.254.1.1";

    @Override
    public List<String> words(Resolvers host, List<Forward> forwards) {
        List<String> words = new ArrayList<>(List.of(program.toString(), "--foreground", "--quiet"));
        words.addAll(List.of("--config-net", "--ns-ifname", INTERFACE, "--netns-only", "--netns", NAMESPACE));
        words.addAll(List.of("--pid", READY));
        // Else the gateway's address would stand for the host, with all that listens on its loopback.
        words.add("--no-map-gw");
        words.addAll(List.of("--tcp-ns", "none", "--udp-ns", "none"));
        if (host.servers().isEmpty()) {
            words.addAll(List.of("--dns", "none"));
        } else if (host.reachable().isEmpty()) {
            words.addAll(List.of("--dns", host.servers().get(0), "--dns-forward", FORWARDED_DNS));
        }
        ports(
                words,
                "--tcp-ports",
                forwards.stream().filter(forward -> !forward.udp()).toList());
        ports(words, "--udp-ports", forwards.stream().filter(Forward::udp).toList());
        return words;
    }

    private static void ports(List<String> words, String option, List<Forward> forwards) {
        if (forwards.isEmpty()) {
            words.addAll(List.of(option, "none"));
        }
        for (Forward forward : forwards) {
            String address = forward.address().isEmpty() ? "" : forward.address() + "/";
            words.addAll(List.of(option, address + forward.hostPort() + ":" + forward.containerPort()));
        }
    }

    @Override
    public List<String> nameservers(Resolvers host) {
        if (host.servers().isEmpty()) {
            return List.of();
        }
        return host.reachable().isEmpty() ? List.of(FORWARDED_DNS) : host.reachable();
    }

    @Override
    public boolean forwardsToAnyServer() {
        return true;
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
