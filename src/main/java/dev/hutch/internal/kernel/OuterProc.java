// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.kernel;

import java.util.List;

/** The /proc that this process sees: the kernel gives a user namespace a new one only where that hides nothing. */
public final class OuterProc {
    /** How one gets rid of the masks of an outer container. */
    public static final String CURE =
            "systempaths=unconfined (podman: unmask=ALL) as a --security-opt, or procMount: Unmasked of the pod";

    /** Folders that are empty for ever below their mounts: these reveal nothing. */
    private static final List<String> EMPTY = List.of("sys/fs/binfmt_misc", "fs/nfsd", "openprom");

    private OuterProc() {}

    /** Whether something is mounted over parts of each /proc that is there; fs/namespace.c, mount_too_revealing. */
    public static boolean isMasked(KernelFiles files) throws KernelException {
        List<String[]> mounts = files.read("/proc/self/mountinfo")
                .lines()
                .map(line -> line.split(" "))
                .filter(words -> words.length > 6)
                .toList();
        List<String> places = mounts.stream()
                .filter(words -> words[3].equals("/") && type(words).equals("proc"))
                .map(words -> words[4])
                .toList();
        return !places.isEmpty() && places.stream().allMatch(place -> isCovered(place, mounts));
    }

    /** Optional fields stand between, up to a dash; proc_pid_mountinfo(5). */
    private static String type(String[] words) {
        int dash = List.of(words).indexOf("-");
        return dash < 0 || dash + 1 == words.length ? "" : words[dash + 1];
    }

    private static boolean isCovered(String place, List<String[]> mounts) {
        return mounts.stream()
                .map(words -> words[4])
                .filter(point -> point.startsWith(place + "/"))
                .anyMatch(point -> !EMPTY.contains(point.substring(place.length() + 1)));
    }
}
