// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.spec.Rlimit;
import dev.hutch.spec.SandboxSpec;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The rlimits of a sandbox: the defaults, and the caller's over them. The inmate has no right to raise a hard one. */
final class Rlimits {
    private Rlimits() {}

    static List<Rlimit> of(SandboxSpec spec) {
        Map<Rlimit.Resource, Rlimit> limits = new EnumMap<>(Rlimit.Resource.class);
        limits.put(Rlimit.Resource.NOFILE, new Rlimit(Rlimit.Resource.NOFILE, 1024, 1024));
        limits.put(Rlimit.Resource.CORE, new Rlimit(Rlimit.Resource.CORE, 0, 0));
        // The JVM's own, which one for sound or trading has: with them a program takes the processors from everybody.
        limits.put(Rlimit.Resource.RTPRIO, new Rlimit(Rlimit.Resource.RTPRIO, 0, 0));
        limits.put(Rlimit.Resource.NICE, new Rlimit(Rlimit.Resource.NICE, 0, 0));
        spec.rlimits().forEach(limit -> limits.put(limit.resource(), limit));
        return new ArrayList<>(limits.values());
    }
}
