// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.plan.Host;
import dev.hutch.spec.Isolation;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What sandboxes of one context are cloned from: a zygote, and as root, once it was asked for, one that keeps the host's
 * mounts. One that has ended is started again. Thread-safe.
 */
public final class Zygotes implements AutoCloseable {
    private final Kernel kernel;
    private final Host host;
    private final PlanSource plans;
    private final Trees trees;
    private final CompletableFuture<Zygote> first = new CompletableFuture<>();
    private @Nullable Zygote usual;
    private @Nullable Zygote bare;
    private boolean firstTaken;
    private boolean closed;

    Zygotes(Kernel kernel, Host host, PlanSource plans) {
        this.kernel = kernel;
        this.host = host;
        this.plans = plans;
        this.trees = new Trees(kernel);
        new Daemon("hutch-start").newThread(this::startFirst).start();
    }

    /** The first one starts beside whatever else a new context does. */
    public static Zygotes starting(Kernel kernel, Host host) {
        return new Zygotes(kernel, host, PlanSource.COMPILER);
    }

    Trees trees() {
        return trees;
    }

    private void startFirst() {
        try {
            first.complete(start());
        } catch (IOException | RuntimeException | Error e) {
            first.completeExceptionally(e);
        }
    }

    /** For sandboxes of any kind that are containers. */
    synchronized Zygote usual() throws IOException {
        checkOpen();
        takeFirst();
        if (usual == null || !usual.alive()) {
            usual = start();
        }
        return usual;
    }

    /** Waits for it, once. Where it didn't come up there is none, and the next try tells why. */
    private void takeFirst() {
        if (firstTaken) {
            return;
        }
        firstTaken = true;
        try {
            usual = Waiting.uninterruptibly(first);
        } catch (SandboxException e) {
            Log.write(System.Logger.Level.DEBUG, "a context's first zygote did not start", e);
        }
    }

    /** For one of that spec: without a root of its own it sees the host's mounts, which the usual one has left as root. */
    synchronized Zygote of(SandboxSpec spec) throws IOException {
        if (spec.isolation() == Isolation.CONTAINER || !host.privileged()) {
            return usual();
        }
        checkOpen();
        takeFirst();
        if (bare == null || !bare.alive()) {
            bare = Zygote.start(kernel, List.of(), trees);
        }
        return bare;
    }

    private Zygote start() throws IOException {
        try {
            return Zygote.start(kernel, plans.zygote(host), trees);
        } catch (IOException e) {
            throw Refusal.explained(kernel, host.privileged(), e);
        }
    }

    private void checkOpen() throws SandboxException {
        if (closed) {
            throw ClosedContext.refusal();
        }
    }

    /** Ends them, and every container with them. */
    @Override
    public void close() throws SandboxException {
        Zygote last;
        Zygote second;
        synchronized (this) {
            closed = true;
            takeFirst();
            last = usual;
            second = bare;
        }
        if (last != null) {
            last.close();
        }
        if (second != null) {
            second.close();
        }
    }
}
