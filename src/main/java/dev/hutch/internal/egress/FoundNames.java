// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.egress;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/** Which addresses names led to, and for how long that is so. A bounded number; the oldest go. Not thread-safe. */
final class FoundNames {
    static final int MOST_ADDRESSES = 1_024;

    /** A program may resolve once and connect a little later, so no address is valid for less. */
    static final Duration LEAST = Duration.ofMinutes(5);

    private static final Duration MOST = Duration.ofDays(1);

    private final LongSupplier clock;
    private final Map<String, Map<InetAddress, Long>> ends = new LinkedHashMap<>();
    private int count;

    /** @param clock nanoseconds */
    FoundNames(LongSupplier clock) {
        this.clock = clock;
    }

    /** Whether that changes what is known enough to be told: a new address, or one that would end soon. */
    boolean add(String name, Collection<InetAddress> addresses, int secondsToLive) {
        Duration lives = Duration.ofSeconds(Math.max(LEAST.toSeconds(), Math.min(MOST.toSeconds(), secondsToLive)));
        long now = clock.getAsLong();
        boolean news = false;
        Map<InetAddress, Long> its = ends.computeIfAbsent(name, key -> new LinkedHashMap<>());
        for (InetAddress address : addresses) {
            Long end = its.get(address);
            if (end == null || end - now < lives.toNanos() / 2) {
                news = true;
                count += end == null ? 1 : 0;
                its.put(address, now + lives.toNanos());
            }
        }
        if (news) {
            expire(now);
        }
        return news;
    }

    private void expire(long now) {
        for (Map<InetAddress, Long> each : ends.values()) {
            int before = each.size();
            each.values().removeIf(end -> end - now <= 0);
            count -= before - each.size();
        }
        ends.values().removeIf(Map::isEmpty);
        Iterator<Map<InetAddress, Long>> oldest = ends.values().iterator();
        while (count > MOST_ADDRESSES && oldest.hasNext()) {
            Map<InetAddress, Long> its = oldest.next();
            Iterator<InetAddress> first = its.keySet().iterator();
            while (count > MOST_ADDRESSES && first.hasNext()) {
                first.next();
                first.remove();
                count--;
            }
            if (its.isEmpty()) {
                oldest.remove();
            }
        }
    }

    /** The name that led to an address; empty where none did. */
    String nameOf(InetAddress address) {
        return ends.entrySet().stream()
                .filter(each -> each.getValue().containsKey(address))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse("");
    }

    /** All that is still valid, and for how long, by name. */
    void forEach(BiConsumer<String, Map<InetAddress, Duration>> action) {
        long now = clock.getAsLong();
        ends.forEach((name, its) -> {
            Map<InetAddress, Duration> left = new LinkedHashMap<>();
            its.forEach((address, end) -> {
                if (end - now > 0) {
                    left.put(address, Duration.ofNanos(end - now));
                }
            });
            action.accept(name, left);
        });
    }
}
