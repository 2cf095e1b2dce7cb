// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.nftables;

import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.util.Map;

/** What the kernel's refusals of nf_tables mean to the reader. */
final class NftablesFailure {
    static final String NO_NF_TABLES =
            "the kernel has no nf_tables: load its modules (modprobe nf_tables nft_nat nft_masq"
                    + " nft_ct nft_fib_inet nft_reject_inet), or do without what needs the rules";

    private static final Map<Errno, String> CURES = Map.of(
            Errno.EOPNOTSUPP,
            NO_NF_TABLES,
            Errno.ENOENT,
            "what it names is not there: another program may have flushed the rules (nft flush ruleset), or "
                    + NO_NF_TABLES,
            Errno.EPERM,
            "rules are for who has CAP_NET_ADMIN over the network namespace",
            Errno.ENOSPC,
            "the set is full");

    private NftablesFailure() {}

    /** The same with what can be done about it, where that is known. */
    static SandboxException explained(SandboxException e) {
        String cure = e.errno().map(CURES::get).orElse(null);
        if (cure == null) {
            return e;
        }
        SandboxException told =
                new SandboxException(e.operation(), e.target(), e.errno().get(), cure);
        told.initCause(e);
        return told;
    }
}
