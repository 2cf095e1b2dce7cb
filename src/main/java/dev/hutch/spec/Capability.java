// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** A capability of Linux, in the kernel's numbering; capabilities(7). Its number is its ordinal. @since 0.1 */
public enum Capability {
    CHOWN,
    DAC_OVERRIDE,
    DAC_READ_SEARCH,
    FOWNER,
    FSETID,
    KILL,
    SETGID,
    SETUID,
    SETPCAP,
    LINUX_IMMUTABLE,
    NET_BIND_SERVICE,
    NET_BROADCAST,
    NET_ADMIN,
    NET_RAW,
    IPC_LOCK,
    IPC_OWNER,
    SYS_MODULE,
    SYS_RAWIO,
    SYS_CHROOT,
    SYS_PTRACE,
    SYS_PACCT,
    SYS_ADMIN,
    SYS_BOOT,
    SYS_NICE,
    SYS_RESOURCE,
    SYS_TIME,
    SYS_TTY_CONFIG,
    MKNOD,
    LEASE,
    AUDIT_WRITE,
    AUDIT_CONTROL,
    SETFCAP,
    MAC_OVERRIDE,
    MAC_ADMIN,
    SYSLOG,
    WAKE_ALARM,
    BLOCK_SUSPEND,
    AUDIT_READ,
    PERFMON,
    BPF,
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
