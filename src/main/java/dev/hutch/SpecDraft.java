// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.spec.Allow;
import dev.hutch.spec.Capability;
import dev.hutch.spec.CgroupParent;
import dev.hutch.spec.Command;
import dev.hutch.spec.Device;
import dev.hutch.spec.IdMapping;
import dev.hutch.spec.Isolation;
import dev.hutch.spec.Lifetime;
import dev.hutch.spec.Limits;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Network;
import dev.hutch.spec.Rlimit;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.SeccompProfile;
import dev.hutch.spec.Size;
import dev.hutch.spec.SoftStop;
import dev.hutch.spec.TimeOffsets;
import dev.hutch.spec.User;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A spec that is being put together: {@link Sandbox.Builder}'s state, with the defaults. */
final class SpecDraft {
    Rootfs rootfs = new Rootfs.HostView();
    final List<Mount> mounts = new ArrayList<>();

    @Nullable
    Path workspace;

    User user = User.DEFAULT;
    List<IdMapping> uidMappings = List.of();
    List<IdMapping> gidMappings = List.of();
    final EnumSet<Namespace> namespaces = EnumSet.allOf(Namespace.class);

    @Nullable
    String hostname;

    final Map<String, String> environment = new LinkedHashMap<>();
    Limits.Builder limits = Limits.builder();
    final List<Rlimit> rlimits = new ArrayList<>();
    final EnumSet<Capability> capabilities = EnumSet.noneOf(Capability.class);
    final EnumSet<Allow> allow = EnumSet.noneOf(Allow.class);
    SeccompProfile seccomp = new SeccompProfile.Default();
    final List<Device> devices = new ArrayList<>();
    Network network = Network.NONE;
    TimeOffsets timeOffsets = TimeOffsets.NONE;

    @Nullable
    Duration wallTime;

    @Nullable
    Duration cpuTime;

    @Nullable
    SoftStop softStop;

    @Nullable
    Size outputLimit;

    boolean init = true;
    boolean strict;
    boolean bestEffort;
    Lifetime lifetime = Lifetime.ATTACHED;

    @Nullable
    CgroupParent cgroupParent;

    @Nullable
    String name;

    Isolation isolation = Isolation.CONTAINER;

    SpecDraft() {}

    SpecDraft(SandboxSpec all) {
        rootfs = all.rootfs();
        mounts.addAll(all.mounts());
        workspace = all.workspace();
        user = all.user();
        uidMappings = all.uidMappings();
        gidMappings = all.gidMappings();
        if (all.isolation() == Isolation.CONTAINER) {
            namespaces.retainAll(all.namespaces());
        }
        hostname = all.hostname();
        environment.putAll(all.environment());
        limits = all.limits().toBuilder();
        rlimits.addAll(all.rlimits());
        capabilities.addAll(all.capabilities());
        allow.addAll(all.allow());
        seccomp = all.seccomp();
        devices.addAll(all.devices());
        network = all.network();
        timeOffsets = all.timeOffsets();
        wallTime = all.wallTime();
        cpuTime = all.cpuTime();
        softStop = all.softStop();
        outputLimit = all.outputLimit();
        init = all.init();
        strict = all.strict();
        bestEffort = all.bestEffort();
        lifetime = all.lifetime();
        cgroupParent = all.cgroupParent();
        name = all.name();
        isolation = all.isolation();
    }

    void workspace(Path folder) {
        if (!folder.isAbsolute()) {
            throw new IllegalArgumentException("workspace '" + folder + "' is not an absolute path");
        }
        workspace = folder.normalize();
    }

    void hostNamespace(Namespace kind) {
        if (kind == Namespace.MOUNT) {
            throw new IllegalArgumentException("the mount namespace is always new");
        }
        namespaces.remove(kind);
        if (kind == Namespace.NETWORK) {
            network = Network.HOST;
        }
    }

    void network(Network reach) {
        network = reach;
        if (reach.isOwn()) {
            namespaces.add(Namespace.NETWORK);
        } else {
            namespaces.remove(Namespace.NETWORK);
        }
    }

    void hostname(String inside) {
        if (!inside.matches("[a-zA-Z0-9]([a-zA-Z0-9.-]{0,62}[a-zA-Z0-9])?")) {
            throw new IllegalArgumentException("hostname '" + inside + "' is not 1 to 64 letters, digits, - and .");
        }
        hostname = inside;
    }

    /** By the rules for a command's own. */
    void environment(String variable, String value) {
        Command.builder("env").environment(variable, value);
        environment.put(variable, value);
    }

    static Duration positive(String what, Duration limit) {
        if (limit.isZero() || limit.isNegative()) {
            throw new IllegalArgumentException(what + " is " + limit + ", must be more than zero");
        }
        return limit;
    }

    SandboxSpec spec() {
        return new SandboxSpec(
                rootfs,
                mounts,
                workspace,
                user,
                uidMappings,
                gidMappings,
                isolation == Isolation.CONTAINER ? namespaces : Set.of(),
                hostname,
                environment,
                limits.build(),
                rlimits,
                capabilities,
                allow,
                seccomp,
                devices,
                network,
                timeOffsets,
                wallTime,
                cpuTime,
                softStop,
                outputLimit,
                init,
                strict,
                bestEffort,
                lifetime,
                cgroupParent,
                name,
                isolation);
    }
}
