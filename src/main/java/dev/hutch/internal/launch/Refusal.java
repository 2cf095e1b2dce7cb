// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.internal.kernel.OuterFilter;
import dev.hutch.internal.kernel.OuterProc;
import dev.hutch.internal.userns.UsernsProbe;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.io.IOException;
import java.util.Optional;

/**
 * Who refuses new namespaces, and mounts in them: the kernel says EPERM for all of them alike. An outer filter is there
 * for every process below it; a rule of the host's is for plain users.
 */
final class Refusal {
    private static final String LANDLOCK = "; or --isolation landlock, which needs none";

    private Refusal() {}

    /** The same failure with what to do about it, where that can be known. */
    static IOException explained(KernelFiles files, boolean privileged, IOException e) {
        if (!(e instanceof SandboxException refused)
                || !Errno.EPERM.equals(refused.errno().orElse(null))) {
            return e;
        }
        try {
            if (isNewProc(refused) && OuterProc.isMasked(files)) {
                return e;
            }
            Optional<String> cure = cure(files, privileged);
            return cure.isEmpty() ? e : with(refused, cure.get());
        } catch (KernelException unread) {
            e.addSuppressed(unread);
            return e;
        }
    }

    /** Which has words of its own, where a mask of /proc is the reason. */
    private static boolean isNewProc(SandboxException refused) {
        return refused.operation().equals("mount") && refused.target().startsWith("proc ");
    }

    private static Optional<String> cure(KernelFiles files, boolean privileged) throws KernelException {
        if (OuterFilter.inForce(files)) {
            return Optional.of("a seccomp filter around this process (Docker's, Kubernetes') may refuse it: "
                    + OuterFilter.CURE + LANDLOCK);
        }
        return privileged
                ? Optional.empty()
                : new UsernsProbe(files).rule().map(rule -> rule.why() + ": " + rule.cure() + LANDLOCK);
    }

    private static SandboxException with(SandboxException e, String cure) {
        String all = e.cure().isEmpty() ? cure : e.cure() + "; " + cure;
        SandboxException told =
                new SandboxException(e.operation(), e.target(), e.errno().orElse(null), all);
        told.setStackTrace(e.getStackTrace());
        told.initCause(e);
        return told;
    }
}
