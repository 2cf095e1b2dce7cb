// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.nftables;

import dev.hutch.internal.netlink.Answer;
import dev.hutch.internal.netlink.Attributes;
import dev.hutch.spec.SandboxException;
import java.util.Map;
import java.util.Optional;

/**
 * A chain that packets enter, as the kernel tells it, whosever it is.
 *
 * @param family as nft has it, such as {@code ip}
 * @param hook its number in the family
 * @param dropping whether its policy is to drop
 */
public record BaseChain(String family, String table, String name, int hook, boolean dropping) {
    private static final Map<Integer, String> FAMILIES =
            Map.of(1, "inet", 2, "ip", 3, "arp", 5, "netdev", 7, "bridge", 10, "ip6");

    /** Empty for a chain that only others jump to. */
    static Optional<BaseChain> of(Answer answer) throws SandboxException {
        Attributes told = answer.attributes(Batch.FAMILY_HEADER);
        if (!told.has(4)) {
            return Optional.empty();
        }
        int family = answer.byteField(0);
        return Optional.of(new BaseChain(
                FAMILIES.getOrDefault(family, "family " + family),
                told.text(1),
                told.text(3),
                (int) told.nested(4).be32(1),
                told.has(5) && told.be32(5) == 0));
    }
}
