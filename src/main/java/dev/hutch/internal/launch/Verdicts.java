// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.cgroup.CgroupUsage;
import dev.hutch.spec.Captured;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import java.util.concurrent.ExecutionException;

/** Waits for the end of a child and makes its result. */
public final class Verdicts {
    private Verdicts() {}

    public static SandboxResult await(LiveChild child, Captured out, Captured err)
            throws SandboxException, InterruptedException {
        try {
            return result(child, child.ended().get(), out, err);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SandboxException known) {
                throw known;
            }
            throw new SandboxException("wait", "", "see the cause", e);
        }
    }

    /** The result of a child that has ended. */
    public static SandboxResult result(LiveChild child, Report report, Captured out, Captured err)
            throws SandboxException {
        CgroupUsage usage = child.facts().usage();
        return new SandboxResult(
                Verdict.outcome(report, usage, child),
                Verdict.account(report, usage, child.spec().timeOffsets().monotonic()),
                child.setup(),
                out,
                err,
                child.enforced());
    }

    /** Waits until nothing is left of the child. */
    public static void awaitGone(LiveChild child) throws SandboxException {
        Waiting.uninterruptibly(child.gone());
    }
}
