// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.egress;

import dev.hutch.spec.AddressRange;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All that the walls let through. Each destination of the list has a mark, by which the kernel knows a connection that was
 * made to it for as long as the destination stays on the list, however short the name's address was valid. Immutable.
 *
 * @param alive the marks of what is on the list
 * @param standing addresses and ranges of the list itself
 * @param found addresses that names led to
 */
record Openings(Set<Integer> alive, List<Standing> standing, Map<Endpoint, Found> found) {
    /** @param port 0 for every port */
    record Standing(AddressRange range, int port, int mark) {}

    /** @param port 0 for every port */
    record Endpoint(InetAddress address, int port) {}

    /** @param valid for connections that are made from now on */
    record Found(int mark, Duration valid) {}

    Openings {
        alive = Set.copyOf(alive);
        standing = List.copyOf(standing);
        found = Map.copyOf(found);
    }
}
