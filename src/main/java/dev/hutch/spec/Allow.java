// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What the default seccomp profile forbids and a named kind of tool needs. @since 0.1 */
public enum Allow {
    /** Set-user-ID and set-group-ID bits on files: {@code tar}, {@code install -m 2755}, {@code git init --shared}. */
    SET_ID_BITS,
    /** ptrace(2) and process_vm_readv(2): strace, gdb, and AddressSanitizer's leak check. */
    PTRACE,
    /** Remounting: with CAP_SYS_ADMIN inside, masks and read-only mounts can be lifted. */
    REMOUNT,
    /** personality(2) with any argument. */
    PERSONALITY,
    /** keyctl(2), add_key(2) and request_key(2). */
    KEYRING,
    /** mbind(2), set_mempolicy(2) and their kin. */
    NUMA,
    /** perf_event_open(2). */
    PERF,
    /** io_uring. */
    IO_URING,
    /** userfaultfd(2). */
    USERFAULTFD,
    /**
     * unix(7) sockets beside an {@link Egress} list where folders of the host's are mounted: whoever listens at a socket in
     * one of them is reached past the list. Everywhere else they are allowed in any case.
     */
    UNIX_SOCKETS;

    /** The command line's word, such as {@code set-id-bits}. */
    public String option() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Reads {@link #option()}'s word. */
    public static Allow parse(String text) {
        return Arrays.stream(values())
                .filter(allow -> allow.option().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("allow '" + text + "' is not one of "
                        + Arrays.stream(values()).map(Allow::option).collect(Collectors.joining(", "))));
    }
}
