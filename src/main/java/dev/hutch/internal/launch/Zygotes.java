// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

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
final class Zygotes implements AutoCloseable {
    private final Means means;
    private final CompletableFuture<Zygote> first = new CompletableFuture<>();
    private @Nullable Zygote usual;
    private @Nullable Zygote bare;
    private boolean firstTaken;
    private boolean closed;

    /** The first one starts beside whatever else a new context does. What it fails with is told to the first launch. */
    Zygotes(Means means) {
        this.means = means;
        new Daemon("hutch-start").newThread(this::startFirst).start();
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
        if (!firstTaken) {
            usual = takeFirst();
        } else if (usual == null || !usual.alive()) {
            usual = start();
        }
        return usual;
    }

    private Zygote takeFirst() throws SandboxException {
        firstTaken = true;
        return Waiting.uninterruptibly(first);
    }

    /** For one of that spec: without a root of its own it sees the host's mounts, which the usual one has left as root. */
    synchronized Zygote of(SandboxSpec spec) throws IOException {
        if (spec.isolation() == Isolation.CONTAINER || !means.host().privileged()) {
            return usual();
        }
        checkOpen();
        if (bare == null || !bare.alive()) {
            bare = Zygote.start(means.kernel(), List.of(), means.trees());
        }
        return bare;
    }

    private Zygote start() throws IOException {
        try {
            return Zygote.start(means.kernel(), means.plans().zygote(means.host()), means.trees());
        } catch (IOException e) {
            throw Refusal.explained(means.kernel(), means.host().privileged(), e);
        }
    }

    private void checkOpen() throws SandboxException {
        if (closed) {
            throw new SandboxException("launch", "", null, "this context is closed: make another");
        }
    }

    /** Ends them, and every container with them. */
    @Override
    public void close() throws SandboxException {
        Zygote last;
        Zygote second;
        synchronized (this) {
            closed = true;
            last = firstTaken ? usual : firstOrNone();
            second = bare;
        }
        if (last != null) {
            last.close();
        }
        if (second != null) {
            second.close();
        }
    }

    private @Nullable Zygote firstOrNone() {
        try {
            return takeFirst();
        } catch (SandboxException e) {
            Log.write(System.Logger.Level.DEBUG, "a context that is closed had no zygote", e);
            return null;
        }
    }
}
