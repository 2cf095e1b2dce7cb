// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.util.Locale;
import java.util.Objects;

/**
 * What the sandbox can reach. Immutable.
 *
 * @param kind where its network interfaces come from
 * @param name of the bridge network, of the container, or the namespace's path; empty where the kind has none
 * @since 0.1
 */
public record Network(Kind kind, String name) {
    /** A network namespace of its own in which only loopback exists. The default. */
    public static final Network NONE = new Network(Kind.NONE, "");

    /** The host's network namespace. */
    public static final Network HOST = new Network(Kind.HOST, "");

    /** Where a sandbox's network interfaces come from. @since 0.1 */
    public enum Kind {
        /** Nowhere: only loopback exists. */
        NONE,
        /** They are the host's. */
        HOST
    }

    /** @throws NullPointerException if one is null */
    public Network {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(name, "name");
    }

    /**
     * Reads what the command line and spec files have: {@code none} or {@code host}.
     *
     * @throws IllegalArgumentException if it is something else
     */
    public static Network parse(String text) {
        return switch (text) {
            case "none" -> NONE;
            case "host" -> HOST;
            default -> throw new IllegalArgumentException("network '" + text + "' is not one of none, host");
        };
    }

    /** Whether the network namespace is the sandbox's own, new and empty. */
    public boolean isOwn() {
        return kind != Kind.HOST;
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        String word = kind.name().toLowerCase(Locale.ROOT);
        return name.isEmpty() ? word : word + ":" + name;
    }
}
