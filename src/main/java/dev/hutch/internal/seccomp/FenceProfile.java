// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import dev.hutch.internal.seccomp.Condition.Operator;
import dev.hutch.spec.Errno;
import java.util.ArrayList;
import java.util.List;

/**
 * Refuses what a sandbox without namespaces could reach past Landlock's rules. It is a filter of its own, which holds
 * beside any other profile: the most severe answer counts. What is compared here the kernel reads as 32 bits, so the upper ones
 * of a register are masked out: they could hold anything.
 */
final class FenceProfile {
    private static final long INT = 0xffff_ffffL;
    private static final int EAFNOSUPPORT = 97;
    private static final int TRUNCATE_SINCE = 3;
    private static final int SCOPES_SINCE = 6;

    private static final int AF_UNIX = 1;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int AF_NETLINK = 16;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_SEQPACKET = 5;
    private static final long SOCK_TYPE = 0xf;
    private static final int PROCESS = 1;

    private final List<Profile.Rule> rules = new ArrayList<>();

    private FenceProfile() {}

    /**
     * @param version Landlock's
     * @param network whether the host's network is open
     * @param ownIds whether the program's ids are nobody else's, so that the kernel keeps it from other processes
     * @param command the command's pid
     */
    static Profile of(int version, boolean network, boolean ownIds, int command) {
        FenceProfile profile = new FenceProfile();
        profile.refuse(List.of("io_uring_setup", "io_uring_enter", "io_uring_register"));
        profile.refuse(List.of("add_key", "keyctl", "request_key"));
        profile.sockets(network);
        profile.interProcess();
        if (version < TRUNCATE_SINCE) {
            profile.truncation();
        }
        if (!ownIds) {
            profile.othersSchedulingAndLimits();
            if (version < SCOPES_SINCE) {
                profile.signals(command);
            }
        }
        return new Profile(Action.ALLOW, profile.rules);
    }

    /**
     * No rule says which Unix socket may be connected to: a session bus, which starts programs for who asks, is one. Of
     * pairs only those that can't be connected elsewhere, or send to an address.
     */
    private void sockets(boolean network) {
        for (int family : network ? new int[] {AF_INET, AF_INET6, AF_NETLINK} : new int[0]) {
            allow(List.of("socket"), is(0, family));
        }
        errno(List.of("socket"), EAFNOSUPPORT);
        for (int type : new int[] {SOCK_STREAM, SOCK_SEQPACKET}) {
            allow(List.of("socketpair"), is(0, AF_UNIX), new Condition(1, Operator.MASKED_EQ, SOCK_TYPE, type));
        }
        errno(List.of("socketpair"), EAFNOSUPPORT);
    }

    /** System V's and POSIX's, which users share. */
    private void interProcess() {
        refuse(List.of(
                "shmget",
                "shmat",
                "shmctl",
                "semget",
                "semop",
                "semtimedop",
                "semctl",
                "msgget",
                "msgsnd",
                "msgrcv",
                "msgctl",
                "mq_open",
                "mq_unlink"));
    }

    /** Older versions look at how a file is opened, and not at O_TRUNC, for which reading is enough. */
    private void truncation() {
        long truncateOrAccessMode = 01003;
        long truncateToRead = 01000;
        refuse(List.of("truncate", "openat2"));
        refuse(List.of("open"), new Condition(1, Operator.MASKED_EQ, truncateOrAccessMode, truncateToRead));
        refuse(List.of("openat"), new Condition(2, Operator.MASKED_EQ, truncateOrAccessMode, truncateToRead));
    }

    /** A limit of processor time that is over ends a process. */
    private void othersSchedulingAndLimits() {
        List<String> byPid =
                List.of("prlimit64", "sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler");
        allow(byPid, is(0, 0));
        refuse(byPid);
        allow(List.of("setpriority"), is(0, 0), is(1, 0));
        allow(List.of("ioprio_set"), is(0, PROCESS), is(1, 0));
        refuse(List.of("setpriority", "ioprio_set"));
    }

    /** To the own process group, which is the session's, and to the command's own threads. */
    private void signals(int command) {
        allow(List.of("kill"), is(0, 0));
        allow(List.of("kill"), is(0, command));
        allow(List.of("kill", "tkill"), is(1, 0));
        allow(List.of("tgkill"), is(2, 0));
        allow(List.of("tgkill"), is(0, command));
        refuse(List.of("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal"));
        for (int setOwner : new int[] {8, 10, 15}) { // F_SETOWN, F_SETSIG, F_SETOWN_EX
            refuse(List.of("fcntl"), is(1, setOwner));
        }
        for (int setOwner : new int[] {0x8901, 0x8902}) { // FIOSETOWN, SIOCSPGRP
            refuse(List.of("ioctl"), is(1, setOwner));
        }
    }

    private static Condition is(int index, int value) {
        return new Condition(index, Operator.MASKED_EQ, INT, value & INT);
    }

    private void allow(List<String> names, Condition... args) {
        rule(names, Action.ALLOW, args);
    }

    private void refuse(List<String> names, Condition... args) {
        rule(names, Action.errno(Errno.EPERM.number()), args);
    }

    private void errno(List<String> names, int errno) {
        rule(names, Action.errno(errno));
    }

    private void rule(List<String> names, Action action, Condition... args) {
        rules.add(new Profile.Rule(names, action, List.of(args), Requirement.NONE, Requirement.NONE));
    }
}
