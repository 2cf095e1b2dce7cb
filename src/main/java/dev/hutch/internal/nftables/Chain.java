// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.nftables;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A chain of rules.
 *
 * @param base where packets enter it; null for a chain that others jump to
 */
public record Chain(Table table, String name, @Nullable Base base) {
    /** Where packets pass; linux/netfilter.h, enum nf_inet_hooks. */
    public enum Hook {
        PREROUTING,
        INPUT,
        FORWARD,
        OUTPUT,
        POSTROUTING
    }

    /** What a chain may do with a packet: address translation is asked for the first packet of a connection only. */
    public enum Type {
        FILTER,
        NAT;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What makes a chain a base chain: where packets come to it.
     *
     * @param priority among the chains of the same hook: lower is earlier; nft(8), "Standard priority names"
     * @param dropping what becomes of a packet at the chain's end: dropped, or accepted
     */
    public record Base(Type type, Hook hook, int priority, boolean dropping) {}

    /** A chain that others jump to. */
    public Chain(Table table, String name) {
        this(table, name, null);
    }

    /** A base chain whose policy is accept. */
    public static Chain at(Table table, String name, Type type, Hook hook, int priority) {
        return new Chain(table, name, new Base(type, hook, priority, false));
    }

    @Override
    public String toString() {
        return table + " " + name;
    }
}
