// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.jvm.JavaLine;
import dev.hutch.internal.launch.LaunchRequest;
import dev.hutch.internal.launch.LiveChild;
import dev.hutch.internal.launch.Verdicts;
import dev.hutch.internal.stdio.Meter;
import dev.hutch.spec.Captured;
import dev.hutch.spec.Command;
import dev.hutch.spec.Isolation;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.Size;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A sandbox that runs: its child, with the deadlines that were set on it. */
record Started(LiveChild child, Hutch hutch) {
    static Started launch(Place place, Command command, Pipes pipes) throws IOException {
        Hutch hutch = place.hutch();
        LiveChild child = hutch.launcher()
                .launch(request(place.spec(), command, pipes.theirs(), pipes.made(), pipes.isTerminal()));
        place.handOn(child);
        pipes.launched();
        child.wallTime(place.spec().wallTimeOf(command));
        hutch.deadlines().watch(child);
        hutch.events().launched(child);
        return new Started(child, hutch);
    }

    /** One more command in the container of another. */
    static Started join(Hutch hutch, LiveChild host, SandboxSpec spec, Command command, Pipes pipes)
            throws IOException {
        if (command.java().isPresent()
                && !JavaLine.inside(command.java().get(), spec)
                        .missingFrom(spec)
                        .isEmpty()) {
            throw new IllegalArgumentException(
                    "a JDK and a class path can't be mounted any more: Sandbox.Builder.mountJava mounts them"
                            + " when the container is made");
        }
        LiveChild child =
                hutch.launcher().join(host, request(spec, command, pipes.theirs(), pipes.made(), pipes.isTerminal()));
        pipes.launched();
        child.wallTime(spec.wallTimeOf(command));
        hutch.deadlines().watch(child);
        hutch.events().launched(child);
        return new Started(child, hutch);
    }

    private static LaunchRequest request(
            SandboxSpec spec, Command command, int[] streams, boolean[] made, boolean terminal)
            throws SandboxException {
        List<String> arguments = command.arguments();
        SandboxSpec whole = spec;
        if (command.java().isPresent()) {
            JavaLine line = JavaLine.inside(command.java().get(), spec);
            arguments = line.arguments();
            whole = with(line.missingFrom(spec), spec);
        }
        return new LaunchRequest(
                whole,
                arguments,
                environment(spec, command),
                command.directory().map(Object::toString).orElse(home(spec)),
                streams,
                made,
                terminal,
                false);
    }

    static List<String> describe(Hutch hutch, SandboxSpec spec, Command command) throws IOException {
        return hutch.launcher().describe(request(spec, command, new int[3], new boolean[3], false));
    }

    private static SandboxSpec with(List<Mount> mounts, SandboxSpec spec) {
        if (mounts.isEmpty()) {
            return spec;
        }
        Sandbox.Builder builder = Sandbox.of(spec);
        mounts.forEach(builder::mount);
        return builder.build().spec();
    }

    private static Map<String, String> environment(SandboxSpec spec, Command command) {
        Map<String, String> environment = new LinkedHashMap<>(SandboxSpec.defaultEnvironment());
        // Behind Landlock both are known with the sandbox's own folder.
        if (spec.isolation() == Isolation.CONTAINER) {
            environment.put("HOME", home(spec));
        }
        if (spec.isolation() == Isolation.CONTAINER && spec.rootfs() instanceof Rootfs.HostView) {
            environment.put("USER", "user");
        }
        if (command.terminal().isPresent()) {
            environment.put("TERM", "xterm");
        }
        environment.putAll(spec.environment());
        environment.putAll(command.environment());
        return environment;
    }

    private static String home(SandboxSpec spec) {
        if (spec.isolation() == Isolation.LANDLOCK) {
            return "";
        }
        if (spec.rootfs() instanceof Rootfs.HostView) {
            return "/home/user";
        }
        return spec.workspace() != null ? "/workspace" : "/";
    }

    SandboxResult result(Captured out, Captured err) throws SandboxException, InterruptedException {
        return Verdicts.await(child, out, err);
    }

    void end(LiveChild.Ending why) throws SandboxException {
        hutch.deadlines().end(child, why);
    }

    /** Counts its output, and ends it when that is over the limit. */
    Meter meter() {
        Size limit = child.spec().outputLimit();
        return new Meter(limit == null ? Long.MAX_VALUE : limit.bytes(), this::overLimit);
    }

    private void overLimit() {
        try {
            end(LiveChild.Ending.OUTPUT_LIMIT);
        } catch (SandboxException e) {
            throw new UncheckedIOException(e);
        }
    }

    void destroyAndWait() throws SandboxException {
        end(LiveChild.Ending.DESTROYED);
        awaitGone();
    }

    /** Nothing of it can write to its workspace any more. */
    void awaitGone() throws SandboxException {
        Verdicts.awaitGone(child);
    }
}
