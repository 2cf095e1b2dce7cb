// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.cgroup.Cgroups;
import dev.hutch.internal.files.ThrowAways;
import dev.hutch.internal.host.KernelVersion;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.net.Attacher;
import dev.hutch.internal.plan.Host;
import dev.hutch.internal.seccomp.Architecture;
import dev.hutch.internal.seccomp.SeccompFilters;
import dev.hutch.spec.Allow;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * What every launch of a context works with.
 *
 * @param hostnames random ones, no two alike
 * @param cleaners remove what ended containers leave, off every launch's path
 * @param nextId numbers launches
 */
record Means(
        Kernel kernel,
        KernelVersion version,
        Host host,
        Cgroups cgroups,
        IdSource ids,
        Trees trees,
        ThrowAways throwAways,
        SeccompFilters filters,
        PlanSource plans,
        Attacher attacher,
        Supplier<String> hostnames,
        Cleaners cleaners,
        AtomicLong nextId) {
    /** The filter's program; empty for none. */
    byte[] filter(SandboxSpec spec) throws SandboxException {
        return filters.compile(
                spec.seccomp(),
                spec.capabilities(),
                allow(spec),
                spec.init() && spec.isNew(Namespace.PID),
                Architecture.current(),
                version.major(),
                version.minor());
    }

    private static Set<Allow> allow(SandboxSpec spec) {
        if (spec.hasPathsPastEgress() || spec.allow().contains(Allow.UNIX_SOCKETS)) {
            return spec.allow();
        }
        EnumSet<Allow> all = EnumSet.of(Allow.UNIX_SOCKETS);
        all.addAll(spec.allow());
        return all;
    }

    /** When nothing is left of any launch. */
    void close() throws SandboxException {
        try {
            attacher.close();
        } finally {
            try {
                cgroups.close();
            } finally {
                ids.close();
            }
        }
    }
}
