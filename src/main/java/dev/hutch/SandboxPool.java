// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.launch.WarmPool;
import dev.hutch.spec.Command;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import java.io.IOException;
import java.time.Duration;

/**
 * Containers of one sandbox made ahead, so that a program starts in less time than a bare process. Each waits with all its
 * walls but the last, nothing has ever run in it, and it is used once. What the sandbox mounts is opened when a container
 * is made ahead, not when it is taken.
 *
 * <pre>{@code
 * try (SandboxPool pool = SandboxPool.builder(box).minimum(4).maximum(16).build()) {
 *     SandboxResult result = pool.run("python3", "-c", "print(6 * 7)");
 * }
 * }</pre>
 *
 * <p>A Java program is served where the sandbox mounts its files: {@link Sandbox.Builder#mountJava}.
 *
 * <p>While it is open, launches of the sandbox itself take from it as well. Where none is ready, one is made then. A
 * waiting container holds about half a megabyte of the kernel's memory. Thread-safe.
 *
 * @since 0.1
 */
public final class SandboxPool implements AutoCloseable {
    private final Sandbox sandbox;
    private final WarmPool pool;

    private SandboxPool(Sandbox sandbox, WarmPool pool) {
        this.sandbox = sandbox;
        this.pool = pool;
    }

    /** For containers of this sandbox, in its context. */
    public static Builder builder(Sandbox sandbox) {
        return new Builder(sandbox);
    }

    /** As {@link Sandbox#run(String...)}. */
    public SandboxResult run(String... arguments) throws IOException, InterruptedException {
        return sandbox.run(arguments);
    }

    /** As {@link Sandbox#run(Command)}. */
    public SandboxResult run(Command command) throws IOException, InterruptedException {
        return sandbox.run(command);
    }

    /** As {@link Sandbox#start(String...)}. */
    public SandboxProcess start(String... arguments) throws IOException {
        return sandbox.start(arguments);
    }

    /** As {@link Sandbox#start(Command)}. */
    public SandboxProcess start(Command command) throws IOException {
        return sandbox.start(command);
    }

    /** How many containers wait for a command at this moment. */
    public int ready() {
        return pool.ready();
    }

    /** Ends the containers that wait; programs that run go on, and the sandbox stays usable. */
    @Override
    public void close() throws SandboxException {
        pool.close();
    }

    /** Not thread-safe. */
    public static final class Builder {
        private static final int MOST = 4096;

        private final Sandbox sandbox;
        private int minimum = 1;
        private int maximum = 8;
        private Duration idle = Duration.ofMinutes(1);

        private Builder(Sandbox sandbox) {
            this.sandbox = sandbox;
        }

        /** How many wait at least, 0 to 4096; default 1. The maximum follows where it is less. */
        public Builder minimum(int containers) {
            minimum = between(0, containers);
            maximum = Math.max(minimum, maximum);
            return this;
        }

        /** Up to how many wait where launches found none, 1 to 4096; default 8. The minimum follows where it is more. */
        public Builder maximum(int containers) {
            maximum = between(1, containers);
            minimum = Math.min(minimum, maximum);
            return this;
        }

        /** After how long without a launch those beyond the minimum are ended; default one minute, at least 1 ms. */
        public Builder idle(Duration time) {
            if (time.compareTo(Duration.ofMillis(1)) < 0) {
                throw new IllegalArgumentException("idle must be at least 1 ms: " + time);
            }
            idle = time;
            return this;
        }

        private static int between(int least, int containers) {
            if (containers < least || containers > MOST) {
                throw new IllegalArgumentException(
                        "a pool holds " + least + " to " + MOST + " containers: " + containers);
            }
            return containers;
        }

        /**
         * Makes the first container, and starts to make the others.
         *
         * @throws SandboxException if it can't be made, or this sandbox has an open pool in its context already
         */
        public SandboxPool build() throws IOException {
            Hutch hutch = sandbox.context();
            return new SandboxPool(
                    sandbox, hutch.launcher().pool(hutch.underBudget(sandbox.spec()), minimum, maximum, idle));
        }
    }
}
