// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.dns;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.spec.AddressRange;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * The servers that this host asks, as resolv.conf(5) names them: its own resolver's address on loopback too, since this JVM
 * asks from the host's network. Thread-safe.
 */
public final class HostServers {
    private static final int PORT = 53;
    private static final int MOST = 3;

    private final KernelFiles files;

    public HostServers(KernelFiles files) {
        this.files = files;
    }

    /** As they are now, in the order to be asked: networks come and go, and with them a laptop's servers. */
    public List<InetSocketAddress> now() {
        List<InetSocketAddress> servers = new ArrayList<>();
        try {
            for (String server : Resolvers.own(files).servers()) {
                if (servers.size() < MOST) {
                    servers.add(new InetSocketAddress(InetAddress.getAllByName(literal(server))[0], PORT));
                }
            }
        } catch (KernelException | UnknownHostException e) {
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
