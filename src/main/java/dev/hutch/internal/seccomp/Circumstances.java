// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import dev.hutch.spec.Allow;
import dev.hutch.spec.Capability;
import java.util.Set;

/**
 * What decides which rules of a profile count.
 *
 * @param init whether the container has an init of ours as PID 1
 * @param major the kernel's version, as in 6.18
 * @param minor its second part
 */
record Circumstances(
        Architecture architecture, Set<Capability> capabilities, Set<Allow> allow, boolean init, int major, int minor) {
    Circumstances {
        capabilities = Set.copyOf(capabilities);
        allow = Set.copyOf(allow);
    }
}
