// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.NativeLibrary;
import dev.hutch.internal.plan.FdSource;
import dev.hutch.internal.plan.Launch;
import dev.hutch.internal.plan.Op;
import dev.hutch.internal.plan.PlanCompiler;
import dev.hutch.internal.plan.PlanPart;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.SetupTime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A child that has walked its surroundings and waits for its command: namespaces, cgroups, ids, mounts and rlimits are
 * done, nothing untrusted has ever touched it. Taken or discarded, once. Not thread-safe.
 */
final class Parked implements Prepared {
    private final Means means;
    private final LiveChild child;
    private final Channel channel;
    private List<Op> walked = List.of();
    private @Nullable Launch launch;
    private SetupTime parking = SetupTime.NONE;
    private boolean filtered;

    Parked(Means means, LiveChild child, Channel channel) {
        this.means = means;
        this.child = child;
        this.channel = channel;
    }

    SandboxSpec spec() {
        return child.spec();
    }

    Channel channel() {
        return channel;
    }

    void closeChannel() {
        channel.close();
    }

    @Override
    public void letGo() {
        channel.close();
        child.abandon();
    }

    /** Words for a failure that only the child's end tells of. */
    void walks(List<Op> ops) {
        walked = ops;
    }

    void ready(Launch soFar, SetupTime took) {
        launch = soFar;
        parking = took;
    }

    @Override
    public boolean usable() throws SandboxException {
        boolean over = true;
        try {
            over = child.isOver();
        } finally {
            if (over) {
                discard();
            }
        }
        // Its set-up took no time of the launch.
        parking = SetupTime.NONE;
        return !over;
    }

    /**
     * Gives it its command, and answers when execve has been reached.
     *
     * @throws SandboxException if that fails; nothing of the sandbox is left then
     */
    LiveChild take(LaunchRequest request) throws IOException {
        try (channel) {
            long start = System.nanoTime();
            Launch whole = whole(request);
            PlanPart last = new PlanPart(ops(whole, request.helper()));
            own(request);
            Attaching.announce(means, child);
            child.started(last.ops());
            walks(last.ops());
            channel.send(last, source -> open(source, request));
            channel.executed(last);
            Walls.of(whole, child.container().ids()).forEach(child::note);
            child.container().network().walls().forEach(child::note);
            child.setup(new SetupTime(
                    parking.cgroup(),
                    parking.fork(),
                    parking.ids(),
                    parking.plan().plusNanos(System.nanoTime() - start)));
            return child;
        } catch (IOException e) {
            throw failed(e);
        } catch (RuntimeException e) {
            discard();
            throw e;
        }
    }

    private List<Op> ops(Launch whole, boolean helper) {
        List<Op> ops = means.plans().command(whole);
        ops = filtered ? PlanCompiler.behindFilter(ops) : ops;
        return helper ? PlanCompiler.ofHelper(ops) : ops;
    }

    /** For one that is to wait: it goes as far as it can without a command. */
    Parked ahead() throws IOException {
        List<Op> ops = PlanCompiler.ahead(launch().withFilter(means.filter(spec())));
        if (!ops.isEmpty()) {
            try {
                walk(new PlanPart(ops));
            } catch (IOException e) {
                throw failed(e);
            }
            filtered = true;
        }
        return this;
    }

    /** More than its plan has: without a command, so only to be discarded afterwards. */
    void walk(List<Op> more) throws IOException {
        List<Op> ops = new ArrayList<>(more);
        ops.add(Op.ready());
        walk(new PlanPart(ops));
    }

    private void walk(PlanPart part) throws IOException {
        walks(part.ops());
        channel.send(part, source -> {
            throw new IllegalStateException("nothing is sent along: " + source);
        });
        channel.ready(part);
    }

    private int open(FdSource source, LaunchRequest request) throws IOException {
        return source instanceof FdSource.Stream stream
                ? request.streams()[stream.number()]
                : means.kernel().sealedMemory("hutch-session", NativeLibrary.zygote(), true);
    }

    private Launch launch() {
        if (launch == null) {
            throw new IllegalStateException("the child is not ready");
        }
        return launch;
    }

    private Launch whole(LaunchRequest request) throws SandboxException {
        Launch soFar = launch();
        return Fencing.behind(request.completes(soFar.withFilter(means.filter(spec()))), soFar.fence(), child.pid());
    }

    /** Else opening /dev/stdout anew, which is opening the pipe, is EACCES for the user inside. */
    private void own(LaunchRequest request) throws SandboxException {
        Ids map = child.container().ids();
        if (!means.host().privileged() && map.range() == null) {
            return;
        }
        for (int i = 0; i < request.streams().length; i++) {
            if (request.made()[i]) {
                int uid = (int) map.hostUid(spec().user().uid());
                give(request.streams()[i], uid, (int) map.hostGid(spec().user().gid()));
            }
        }
    }

    /** Root of a container that may not leaves them its own: they work, but can't be opened anew. */
    private void give(int stream, int uid, int gid) throws KernelException {
        try {
            means.kernel().fchown(stream, uid, gid);
        } catch (KernelException e) {
            if (means.host().privileged() || !e.is(Errno.EPERM)) {
                throw e;
            }
        }
    }

    /** Leaves nothing, and answers why: what the child said, or else what its end tells. */
    IOException failed(IOException e) {
        boolean over = e instanceof Channel.EndedException || cutShort(e);
        try {
            discard();
        } catch (SandboxException also) {
            e.addSuppressed(also);
            return e;
        }
        return over ? toldByItsEnd(e) : e;
    }

    /** What fails on this side because the child is no more: its own end says more. */
    private boolean cutShort(IOException e) {
        try {
            // Words on what to do may have been put around it.
            Throwable first = e.getCause() instanceof KernelException cause ? cause : e;
            return first instanceof KernelException refusal && (refusal.is(Errno.ESRCH) || child.isOver());
        } catch (KernelException unknown) {
            e.addSuppressed(unknown);
            return false;
        }
    }

    private SandboxException toldByItsEnd(IOException e) {
        SandboxException told;
        try {
            told = Verdicts.startFailure(child, Waiting.uninterruptibly(child.ended()), walked);
        } catch (SandboxException lost) {
            told = lost;
        }
        told.addSuppressed(e);
        return told;
    }

    /** The child sees the channel close, init the command's end. */
    @Override
    public void discard() throws SandboxException {
        channel.close();
        child.endNow();
        child.abandon();
        Waiting.uninterruptibly(child.gone());
    }
}
