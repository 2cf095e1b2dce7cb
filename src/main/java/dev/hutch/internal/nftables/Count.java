// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.nftables;

import dev.hutch.internal.netlink.Attributes;
import dev.hutch.spec.SandboxException;

/**
 * An element of a set that counts.
 *
 * @param key as {@link Fields} makes it
 */
public record Count(byte[] key, long packets) {
    /** Of an element's attributes: the counter is an expression in it. */
    static Count of(Attributes told) throws SandboxException {
        long packets = told.has(7) ? told.nested(7).nested(2).be64(2) : 0;
        return new Count(Element.field(told, 1), packets);
    }
}
