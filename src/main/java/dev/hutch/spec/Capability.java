// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** A capability of Linux, in the kernel's numbering; capabilities(7). Its number is its ordinal. @since 0.1 */
public enum Capability {
    /** Changing any file's owner and group; chown(2). */
    CHOWN,
    /** Reading, writing and running any file. */
    DAC_OVERRIDE,
    /** Reading any file and folder; open_by_handle_at(2). */
    DAC_READ_SEARCH,
    /** What a file's owner may do, on any file. */
    FOWNER,
    /** Set-id bits that stay when a file changes. */
    FSETID,
    /** Signals to any process; kill(2). */
    KILL,
    /** Any group ids; setgid(2), setgroups(2). */
    SETGID,
    /** Any user ids; setuid(2). */
    SETUID,
    /** Dropping from the bounding set, adding to the inheritable one. */
    SETPCAP,
    /** The immutable and append-only attributes; chattr(1). */
    LINUX_IMMUTABLE,
    /** Ports below 1024. */
    NET_BIND_SERVICE,
    /** Broadcasts and multicasts. */
    NET_BROADCAST,
    /** Interfaces, routes, firewall of the network namespace. */
    NET_ADMIN,
    /** Raw and packet sockets; packet(7). */
    NET_RAW,
    /** Locking memory; mlock(2). */
    IPC_LOCK,
    /** Any System V IPC object. */
    IPC_OWNER,
    /** Loading kernel modules; init_module(2). */
    SYS_MODULE,
    /** Ports and physical memory; iopl(2). */
    SYS_RAWIO,
    /** Another root directory, another mount namespace; chroot(2), setns(2). */
    SYS_CHROOT,
    /** Tracing any process; ptrace(2). */
    SYS_PTRACE,
    /** Process accounting; acct(2). */
    SYS_PACCT,
    /** Mounts, namespaces and much else; it lifts masks and read-only mounts inside. */
    SYS_ADMIN,
    /** Restarting the machine; reboot(2). */
    SYS_BOOT,
    /** Higher priorities, real-time scheduling; nice(2). */
    SYS_NICE,
    /** Going past resource limits and quotas; setrlimit(2). */
    SYS_RESOURCE,
    /** Setting the clock; settimeofday(2). */
    SYS_TIME,
    /** Virtual terminals; vhangup(2). */
    SYS_TTY_CONFIG,
    /** Device nodes; mknod(2). */
    MKNOD,
    /** Leases on any file; fcntl(2). */
    LEASE,
    /** Writing to the audit log. */
    AUDIT_WRITE,
    /** Configuring the audit system. */
    AUDIT_CONTROL,
    /** Capabilities of files. */
    SETFCAP,
    /** Passing over mandatory access control. */
    MAC_OVERRIDE,
    /** Configuring mandatory access control. */
    MAC_ADMIN,
    /** The kernel's log and addresses; syslog(2). */
    SYSLOG,
    /** Waking the machine; timer_create(2). */
    WAKE_ALARM,
    /** Keeping the machine awake; epoll(7), EPOLLWAKEUP. */
    BLOCK_SUSPEND,
    /** Reading the audit log. */
    AUDIT_READ,
    /** Performance counters; perf_event_open(2). */
    PERFMON,
    /** Programs in the kernel; bpf(2). */
    BPF,
    /** Choosing process ids, reading /proc/PID/map_files; clone3(2). */
    CHECKPOINT_RESTORE;

    /** What is left when the twenty capabilities that the classic 500-line container drops are gone. */
    public static final Set<Capability> CLASSIC = Collections.unmodifiableSet(EnumSet.complementOf(EnumSet.of(
            AUDIT_CONTROL,
            AUDIT_READ,
            AUDIT_WRITE,
            BLOCK_SUSPEND,
            DAC_READ_SEARCH,
            FSETID,
            IPC_LOCK,
            MAC_ADMIN,
            MAC_OVERRIDE,
            MKNOD,
            SETFCAP,
            SYSLOG,
            SYS_ADMIN,
            SYS_BOOT,
            SYS_MODULE,
            SYS_NICE,
            SYS_RAWIO,
            SYS_RESOURCE,
            SYS_TIME,
            WAKE_ALARM)));

    /** This capability's bit in a set as capset(2) and /proc/PID/status have it. */
    public long bit() {
        return 1L << ordinal();
    }

    /** The bits of a set, as /proc/PID/status prints them. */
    public static long bits(Set<Capability> capabilities) {
        return capabilities.stream().mapToLong(Capability::bit).reduce(0, (a, b) -> a | b);
    }

    /**
     * Reads {@code CAP_NET_RAW} or {@code net_raw}, either case.
     *
     * @throws IllegalArgumentException if no capability has that name
     */
    public static Capability parse(String text) {
        String name = text.toUpperCase(Locale.ROOT);
        String bare = name.startsWith("CAP_") ? name.substring(4) : name;
        return Arrays.stream(values())
                .filter(capability -> capability.name().equals(bare))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "capability '" + text + "' is unknown; capabilities(7) lists them, such as NET_BIND_SERVICE"));
    }
}
