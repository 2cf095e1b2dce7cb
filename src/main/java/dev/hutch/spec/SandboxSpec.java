// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that a sandbox is, but not what it runs: the walls and the limits. Immutable; made by {@code Sandbox.builder()},
 * whose methods say what each part means.
 *
 * @param rootfs what is seen as {@code /}
 * @param mounts the caller's own, in order
 * @param workspace a folder of the host's, writable, owned by the id inside, where the command starts; or null
 * @param user the ids inside
 * @param uidMappings the user namespace's uid map; empty for a range of the sandbox's own
 * @param gidMappings the user namespace's gid map; empty for a range of the sandbox's own
 * @param namespaces those that are new; the host's are used of the others
 * @param hostname the host name inside; null for a random one
 * @param environment variables of every command, over HOME, USER, PATH and LANG and below the command's own
 * @param limits the cgroup's
 * @param rlimits over the defaults (NOFILE 1024; CORE, RTPRIO and NICE 0)
 * @param capabilities those in every set but the inheritable of an exec'd file; none by default
 * @param allow what the default seccomp profile lets through beyond
 * @param seccomp the filter's profile
 * @param devices nodes of the host's
 * @param network what can be reached
 * @param timeOffsets of the clocks inside
 * @param wallTime from execve on; null for no limit
 * @param cpuTime of all processes inside together; null for no limit
 * @param softStop what comes before the kill when either time is up; null for nothing
 * @param outputLimit bytes of standard output and error together; null for no limit
 * @param init whether Hutch's own init is PID 1 and the command its child
 * @param strict whether a default that can't be enforced fails the start
 * @param bestEffort whether a limit that was asked for and can't be enforced is left out, as a default is
 * @param lifetime who the sandbox ends with
 * @param cgroupParent where its cgroup is made; null for the context's
 * @param name a label for messages; null for the host name
 * @param isolation what the walls are made of
 * @since 0.1
 */
public record SandboxSpec(
        Rootfs rootfs,
        List<Mount> mounts,
        @Nullable Path workspace,
        User user,
        List<IdMapping> uidMappings,
        List<IdMapping> gidMappings,
        Set<Namespace> namespaces,
        @Nullable String hostname,
        Map<String, String> environment,
        Limits limits,
        List<Rlimit> rlimits,
        Set<Capability> capabilities,
        Set<Allow> allow,
        SeccompProfile seccomp,
        List<Device> devices,
        Network network,
        TimeOffsets timeOffsets,
        @Nullable Duration wallTime,
        @Nullable Duration cpuTime,
        @Nullable SoftStop softStop,
        @Nullable Size outputLimit,
        boolean init,
        boolean strict,
        boolean bestEffort,
        Lifetime lifetime,
        @Nullable CgroupParent cgroupParent,
        @Nullable String name,
        Isolation isolation) {
    public SandboxSpec {
        mounts = List.copyOf(mounts);
        uidMappings = List.copyOf(uidMappings);
        gidMappings = List.copyOf(gidMappings);
        namespaces = copy(Namespace.class, namespaces);
        environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
        rlimits = List.copyOf(rlimits);
        capabilities = copy(Capability.class, capabilities);
        allow = copy(Allow.class, allow);
        devices = List.copyOf(devices);
    }

    private static <E extends Enum<E>> Set<E> copy(Class<E> type, Set<E> from) {
        EnumSet<E> copy = EnumSet.noneOf(type);
        copy.addAll(from);
        return Collections.unmodifiableSet(copy);
    }

    /** Whether a namespace of that kind is made for the sandbox. */
    public boolean isNew(Namespace namespace) {
        return namespaces.contains(namespace);
    }

    /**
     * Whether unix(7) sockets would lead past the egress list: there is one, and files of the host's are mounted, among which
     * somebody may listen. They are walled off then, but for {@link Allow#UNIX_SOCKETS}. Under an overlay a socket's file is
     * another, at which nobody listens.
     */
    public boolean hasPathsPastEgress() {
        return network.egress() != null
                && (workspace != null
                        || (rootfs instanceof Rootfs.Directory root && !root.ephemeral())
                        || mounts.stream().anyMatch(Mount.Bind.class::isInstance));
    }

    /** The wall time of a run: this spec's or the command's own, whichever is shorter; null where neither has one. */
    public @Nullable Duration wallTimeOf(Command command) {
        Duration own = command.wallTime().orElse(wallTime);
        return own == null || wallTime == null || own.compareTo(wallTime) < 0 ? own : wallTime;
    }

    /** PATH and LANG: with HOME and USER the whole environment that a command gets, unless it or its sandbox has more. */
    public static Map<String, String> defaultEnvironment() {
        return Map.of("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG", "C.UTF-8");
    }
}
