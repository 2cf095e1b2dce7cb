// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.usernet;

import dev.hutch.internal.dns.Resolvers;
import dev.hutch.spec.PortMapping;
import dev.hutch.spec.SandboxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** slirp4netns(1): the inside is 10.0.2.100 behind a gateway and a resolver of the program's own. */
record Slirp4netns(Path program) implements Carrier {
    /** It asks what the host's resolv.conf says. */
    private static final String OWN_RESOLVER = "10.0.2.3";

    @Override
    public List<String> words(Resolvers host, List<PortMapping> ports) {
        List<String> words = new ArrayList<>(List.of(program.toString(), "--configure", "--mtu=65520"));
        words.addAll(List.of("--enable-ipv6", "--disable-host-loopback", "--ready-fd=1"));
        if (!ports.isEmpty()) {
            words.add("--api-socket=" + SlirpPorts.SOCKET);
        }
        words.addAll(List.of("--netns-type=path", NAMESPACE, INTERFACE));
        return words;
    }

    @Override
    public void publish(Path root, List<PortMapping> ports) throws SandboxException {
        for (PortMapping mapping : ports) {
            for (PortMapping single : mapping.singles()) {
                SlirpPorts.publish(root, single);
            }
        }
    }

    @Override
    public Optional<String> onLoopback(Resolvers host) {
        return host.hosts() ? Optional.of(OWN_RESOLVER) : Optional.empty();
    }

    @Override
    public Map<String, String> cures() {
        Map<String, String> cures = new LinkedHashMap<>();
        cures.put("/dev/net/tun", "it must be there and writable: modprobe tun; chmod 666 /dev/net/tun");
        return cures;
    }
}
