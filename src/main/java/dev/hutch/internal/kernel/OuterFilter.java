// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.kernel;

/** A seccomp filter that somebody else put around this JVM: Docker's, Kubernetes', systemd's. */
public final class OuterFilter {
    /** How one gets rid of it. */
    public static final String CURE =
            "docker run --security-opt seccomp=unconfined, or seccompProfile: Unconfined of the pod";

    private OuterFilter() {}

    /** Whether one is in force, which every process below this one has too; proc_pid_status(5), Seccomp. */
    public static boolean inForce(KernelFiles files) throws KernelException {
        return files.read("/proc/self/status")
                .lines()
                .anyMatch(line -> line.startsWith("Seccomp:") && line.strip().endsWith("2"));
    }
}
