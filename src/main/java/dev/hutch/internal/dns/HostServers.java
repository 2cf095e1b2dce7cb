// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.dns;

import dev.hutch.spec.AddressRange;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The servers that this host asks, as resolv.conf(5) names them: its own resolver's address on loopback too, since this JVM
 * asks from the host's network. Thread-safe.
 */
public final class HostServers {
    private static final int PORT = 53;
    private static final int MOST = 3;

    private final Path file;

    public HostServers(Path file) {
        this.file = file;
    }

    /** As they are now, in the order to be asked: networks come and go, and with them a laptop's servers. */
    public List<InetSocketAddress> now() {
        List<InetSocketAddress> servers = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(file)) {
                String[] words = line.trim().split("\\s+");
                if (words.length > 1 && words[0].equals("nameserver") && servers.size() < MOST) {
                    servers.add(new InetSocketAddress(InetAddress.getAllByName(literal(words[1]))[0], PORT));
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            // As resolver(3): without a file that can be read, the local machine's.
        }
        return servers.isEmpty() ? List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT)) : servers;
    }

    /** A link-local address has its interface behind a percent sign. */
    private static String literal(String word) throws UnknownHostException {
        int scope = word.indexOf('%');
        if (AddressRange.parse(scope < 0 ? word : word.substring(0, scope)) == null) {
            throw new UnknownHostException(word);
        }
        return word;
    }
}
