// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.userns;

import java.util.ArrayList;
import java.util.List;

/**
 * The ids that exist in this JVM's own user namespace: only those can be mapped into a new one. On a host without
 * containers around us they are all.
 *
 * @param spans without overlap
 */
public record OwnIds(List<IdSpan> spans) {
    public OwnIds {
        spans = List.copyOf(spans);
    }

    /** Reads /proc/self/uid_map or gid_map: lines {@code INSIDE OUTSIDE COUNT}, of which the inside is ours. */
    public static OwnIds parse(String map) {
        List<IdSpan> spans = new ArrayList<>();
        for (String line : map.split("\n")) {
            String[] parts = line.trim().split(" +");
            if (parts.length == 3) {
                spans.add(new IdSpan(Long.parseLong(parts[0]), Long.parseLong(parts[2])));
            }
        }
        return new OwnIds(spans);
    }

    /** Whether there are ids from that one on. */
    boolean reach(long id) {
        return spans.stream().anyMatch(span -> span.end() > id);
    }

    /** Whether every id of the span exists here; it may reach over adjacent lines of the map. */
    boolean contain(IdSpan wanted) {
        long next = wanted.first();
        boolean moved = true;
        while (next < wanted.end() && moved) {
            moved = false;
            for (IdSpan span : spans) {
                if (span.first() <= next && next < span.end()) {
                    next = span.end();
                    moved = true;
                }
            }
        }
        return next >= wanted.end();
    }
}
