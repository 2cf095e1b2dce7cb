// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import dev.hutch.Sandbox;
import dev.hutch.spec.Capability;
import dev.hutch.spec.Command;
import dev.hutch.spec.IdMapping;
import dev.hutch.spec.Limits;
import dev.hutch.spec.Network;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.Signal;
import dev.hutch.spec.SoftStop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What {@code hutch run} was told so far. Filled by {@link RunOptions}; not thread-safe. */
final class RunRequest {
    /** As docker has it. */
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

    final Sandbox.Builder sandbox = Sandbox.builder();
    Limits.Builder limits = Limits.builder();
    final Map<String, String> environment = new LinkedHashMap<>();
    final Set<String> capabilitiesAdded = new java.util.LinkedHashSet<>();
    final Set<String> capabilitiesDropped = new java.util.LinkedHashSet<>();
    final List<IdMapping> uidMappings = new ArrayList<>();
    final List<IdMapping> gidMappings = new ArrayList<>();
    List<String> arguments = List.of();

    /** What is said of the network beside its kind, before or after that. */
    final List<UnaryOperator<Network>> networkOptions = new ArrayList<>();

    Network network = Network.NONE;

    @Nullable
    Path directory;

    @Nullable
    Path rootfs;

    private @Nullable Path specRootfs;

    @Nullable
    JsonTarget json;

    @Nullable
    Signal stopSignal;

    @Nullable
    Duration stopTimeout;

    /** Whether an option was applied already. */
    boolean begun;

    boolean readOnly;
    boolean ephemeral;
    boolean interactive;
    boolean terminal;
    boolean dryRun;
    boolean moveIntoLeaf;

    /** Begins with what a file says; options that come after it override. */
    void spec(Path file) {
        if (begun) {
            throw new IllegalArgumentException("goes before all other options, which override what the file says");
        }
        try {
            SandboxSpec spec = sandbox.spec(file).build().spec();
            limits = spec.limits().toBuilder();
            network = spec.network();
            spec.capabilities().forEach(capability -> capabilitiesAdded.add(capability.name()));
            if (spec.softStop() != null) {
                stopSignal = spec.softStop().signal();
                stopTimeout = spec.softStop().grace();
            }
            specRootfs = spec.rootfs() instanceof Rootfs.Directory root ? root.path() : null;
        } catch (SandboxException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("'" + file + "' can't be read: " + Failures.reason(e), e);
        }
    }

    Sandbox sandbox() {
        if (rootfs == null && (readOnly || ephemeral)) {
            rootfs = specRootfs;
        }
        if (rootfs != null) {
            sandbox.rootfs(new Rootfs.Directory(existing(rootfs), readOnly, ephemeral));
        } else if (ephemeral) {
            throw new IllegalArgumentException("--ephemeral needs a root file system: -m ROOTFS");
        }
        for (UnaryOperator<Network> option : networkOptions) {
            network = option.apply(network);
        }
        if (!networkOptions.isEmpty()) {
            sandbox.network(network);
        }
        sandbox.limits(limits.build());
        sandbox.capabilities(capabilities());
        if (!uidMappings.isEmpty() || !gidMappings.isEmpty()) {
            sandbox.uidMappings(uidMappings).gidMappings(gidMappings.isEmpty() ? uidMappings : gidMappings);
        }
        if (stopSignal != null || stopTimeout != null) {
            sandbox.softStop(new SoftStop(
                    Objects.requireNonNullElse(stopSignal, Signal.SIGTERM),
                    Objects.requireNonNullElse(stopTimeout, STOP_TIMEOUT)));
        }
        return sandbox.build();
    }

    private static Path existing(Path folder) {
        if (!Files.exists(folder)) {
            throw new IllegalArgumentException("root file system '" + folder + "' does not exist");
        }
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException("root file system '" + folder + "' is not a directory");
        }
        return folder;
    }

    Command command() {
        if (arguments.isEmpty() || arguments.get(0).isEmpty()) {
            throw new IllegalArgumentException("the command is empty: -c COMMAND [ARGS...] or -- COMMAND [ARGS...]");
        }
        if (terminal && !environment.containsKey("TERM")) {
            environment.put("TERM", System.getenv().getOrDefault("TERM", "xterm"));
        }
        Command.Builder command =
                Command.builder(arguments.toArray(String[]::new)).environment(environment);
        return (directory == null ? command : command.directory(directory)).build();
    }

    /** Docker's rule: what is dropped is taken from what was added, unless everything is dropped first. */
    private Set<Capability> capabilities() {
        EnumSet<Capability> granted = EnumSet.noneOf(Capability.class);
        capabilitiesAdded.forEach(word -> granted.addAll(named(word)));
        if (!capabilitiesDropped.contains("ALL")) {
            capabilitiesDropped.forEach(word -> granted.removeAll(named(word)));
        } else if (capabilitiesAdded.contains("ALL")) {
            throw new IllegalArgumentException("--cap-add ALL and --cap-drop ALL contradict each other");
        }
        return granted;
    }

    static Set<Capability> named(String word) {
        return switch (word) {
            case "ALL" -> EnumSet.allOf(Capability.class);
            case "CLASSIC" -> Capability.CLASSIC;
            default -> EnumSet.of(Capability.parse(word));
        };
    }
}
