// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.nftables.BaseChain;
import dev.hutch.internal.nftables.Nftables;
import dev.hutch.spec.HostReport.Finding;
import dev.hutch.spec.SandboxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Whether the host can wall bridge networks, and whether its own rules let them out. Reads only; for root. */
public final class FirewallProbe {
    private static final String NAME = "rules of bridge networks (nf_tables)";
    private static final int FORWARD = 2;
    private static final Set<String> ROUTED = Set.of("inet", "ip", "ip6");

    private final Kernel kernel;

    public FirewallProbe(Kernel kernel) {
        this.kernel = kernel;
    }

    /** One for the kernel, one where networks lack a bound, and one for each chain of others' that drops what no rule of its accepts. */
    public List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        try (Nftables nftables = Nftables.open(kernel)) {
            List<BaseChain> chains = nftables.baseChains();
            findings.add(Finding.good(NAME, ""));
            if (nftables.has(FirewallSets.BRIDGES) && !nftables.has(FirewallSets.FULL)) {
                findings.add(Finding.bad(
                        "bound of sandboxes' connections",
                        "their networks were made without it",
                        "end what older versions of Hutch run, and modprobe nft_connlimit; the rules are made anew with the next"
                                + " network, once none is left"));
            }
            chains.stream().filter(FirewallProbe::dropsForwarded).forEach(chain -> findings.add(finding(chain)));
        } catch (SandboxException e) {
            findings.add(Finding.bad(NAME, e.operation() + " " + e.target() + " failed", e.cure()));
        }
        return findings;
    }

    private static boolean dropsForwarded(BaseChain chain) {
        return chain.dropping() && chain.hook() == FORWARD && ROUTED.contains(chain.family());
    }

    /** They are their owner's, so they are told of and left as they are. */
    private static Finding finding(BaseChain chain) {
        String name = chain.family() + " " + chain.table() + " " + chain.name();
        return Finding.bad(
                "bridge networks and the host's chain " + name,
                "it drops forwarded packets that none of its rules accepts",
                "let them pass: nft 'insert rule " + name + " iifname \"hutch-*\" accept; insert rule " + name
                        + " oifname \"hutch-*\" accept'; Hutch's own rules go on refusing what they refuse");
    }
}
