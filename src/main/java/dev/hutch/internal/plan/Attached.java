// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.plan;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the files of a container say of the network that it is attached to. Immutable.
 *
 * @param hosts lines of /etc/hosts beside the usual ones
 * @param ownAddress what /etc/hosts has for the container's own name
 * @param resolvConf the content of /etc/resolv.conf; null for none
 */
public record Attached(
        List<String> hosts, String ownAddress, @Nullable String resolvConf) {
    /** To nothing. */
    public static final Attached NONE = new Attached(List.of(), "127.0.1.1", null);

    /** Part by part: a record's own equals takes a JVM's first launch some 20 ms. */
    boolean isNothing() {
        return hosts.isEmpty() && ownAddress.equals(NONE.ownAddress) && resolvConf == null;
    }

    /** The whole of /etc/hosts. */
    String hostsFile(String hostname) {
        StringBuilder lines = new StringBuilder("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n");
        lines.append(ownAddress).append('\t').append(hostname).append('\n');
        hosts.forEach(line -> lines.append(line).append('\n'));
        return lines.toString();
    }
}
