// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.cgroup.CgroupUsage;
import dev.hutch.internal.plan.Op;
import dev.hutch.spec.Captured;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Signal;
import java.util.List;
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

    /**
     * The result of a child that has ended.
     *
     * @throws SandboxException if it never came to its execve, or that failed and a filter kept it from saying so; or if
     *     nothing is known of its end
     */
    public static SandboxResult result(LiveChild child, Report report, Captured out, Captured err)
            throws SandboxException {
        boolean takenAlong = report.error() == 0 && child.wentWithItsContainer();
        if (report.failedToStart() && child.ending() == null && !takenAlong) {
            throw startFailure(child, report, child.lastOps());
        }
        if (report.isSilent() && !takenAlong) {
            throw new SandboxException(
                    "wait",
                    "",
                    null,
                    "the container's first process ended without telling how the command did:"
                            + " somebody outside ended it, or its zygote; start again");
        }
        CgroupUsage usage = child.counted();
        return new SandboxResult(
                        takenAlong && (report.failedToStart() || report.isSilent())
                                ? new Outcome.Signalled(Signal.SIGKILL)
                                : Verdict.outcome(report, usage, child),
                        Verdict.account(report, usage, child.cpuBefore(), child.clockOffset()),
                        child.setup(),
                        out,
                        err,
                        child.enforced())
                .withRefused(child.container().network().refused())
                .withViolations(child.violations(report.signal() == Signal.SIGSYS.number()));
    }

    /**
     * Why a child ended before its execve, as far as its end tells.
     *
     * @param ops what it was walking
     */
    static SandboxException startFailure(LiveChild child, Report report, List<Op> ops) throws SandboxException {
        if (report.error() != 0) {
            return OpFailure.of(ops, report.stage(), report.op(), report.error());
        }
        return new SandboxException(
                "launch",
                "",
                null,
                child.counted().oomKills() > 0
                        ? "the memory limit is too small for the set-up: raise --memory"
                        : "the child was killed during its set-up, by somebody outside or for lack of memory: start again");
    }

    /** Waits until nothing is left of the child. */
    public static void awaitGone(LiveChild child) throws SandboxException {
        Waiting.uninterruptibly(child.gone());
    }
}
