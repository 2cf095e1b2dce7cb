// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import dev.hutch.spec.Allow;
import dev.hutch.spec.Capability;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;

/**
 * A rule's {@code includes} or {@code excludes}: Docker's, and two words of Hutch's own, {@code allow} and {@code init}.
 * Empty parts say nothing.
 *
 * @param arches Go's words: one of them is this machine's
 * @param minKernel this kernel or a newer one
 */
record Requirement(
        Set<Capability> caps,
        Set<String> arches,
        Optional<MinKernel> minKernel,
        Set<Allow> allow,
        Optional<Boolean> init) {
    static final Requirement NONE = new Requirement(Set.of(), Set.of(), Optional.empty(), Set.of(), Optional.empty());

    record MinKernel(int major, int minor) {
        boolean holds(Circumstances now) {
            return now.major() > major || (now.major() == major && now.minor() >= minor);
        }
    }

    /** For {@code includes}: each part that is given holds, every capability and option of it. */
    boolean allHold(Circumstances now) {
        return now.capabilities().containsAll(caps)
                && now.allow().containsAll(allow)
                && (arches.isEmpty() || arches.contains(now.architecture().goName()))
                && (minKernel.isEmpty() || minKernel.get().holds(now))
                && (init.isEmpty() || init.get() == now.init());
    }

    /** For {@code excludes}: one part that is given holds, one capability or option of it. */
    boolean anyHolds(Circumstances now) {
        return !Collections.disjoint(now.capabilities(), caps)
                || !Collections.disjoint(now.allow(), allow)
                || arches.contains(now.architecture().goName())
                || (minKernel.isPresent() && minKernel.get().holds(now))
                || (init.isPresent() && init.get() == now.init());
    }
}
