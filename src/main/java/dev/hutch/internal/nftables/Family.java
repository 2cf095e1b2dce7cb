// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.nftables;

/** Which packets a table sees; nft(8), ADDRESS FAMILIES. */
public enum Family {
    /** IPv4 and IPv6. */
    INET(1),
    /** What passes a bridge, of any protocol. */
    BRIDGE(7);

    final int number;

    Family(int number) {
        this.number = number;
    }

    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
