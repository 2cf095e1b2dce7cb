// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.host;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.internal.kernel.OuterFilter;
import dev.hutch.spec.Errno;
import dev.hutch.spec.HostReport.Finding;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.SandboxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the kernel says of itself: version, namespaces, filters, file systems. Reads only. */
public final class HostProbe {
    private final KernelFiles files;

    public HostProbe(KernelFiles files) {
        this.files = files;
    }

    /**
     * Looks at kernel, architecture and filters.
     *
     * @param release uname(2)'s, such as {@code 6.1.0-37-amd64}
     */
    public List<Finding> findings(String release, String arch) throws SandboxException {
        List<Finding> findings = new ArrayList<>();
        findings.add(kernel(release, arch));
        for (Namespace namespace : Namespace.values()) {
            findings.add(namespace(namespace));
        }
        findings.add(seccomp());
        findings.add(outerFilter());
        findings.add(overlay());
        return findings;
    }

    private static Finding kernel(String release, String arch) {
        String name = "Linux " + KernelVersion.OLDEST + " or newer, x86-64 or aarch64";
        try {
            KernelVersion.check(KernelVersion.parse(release), arch);
            return Finding.good(name, release + ", " + arch);
        } catch (SandboxException e) {
            return Finding.bad(name, release + ", " + arch, e.cure());
        }
    }

    private Finding namespace(Namespace namespace) throws KernelException {
        String name = namespace.procName() + " namespace";
        String sysctl = "user.max_" + namespace.procName() + "_namespaces";
        Optional<String> most = read("/proc/sys/" + sysctl.replace('.', '/'));
        if (most.isEmpty()) {
            return Finding.bad(name, "the kernel was built without it", "boot a kernel that has it");
        }
        return most.get().strip().equals("0")
                ? Finding.bad(name, sysctl + " is 0", "sysctl -w " + sysctl + "=10000")
                : Finding.good(name, "");
    }

    private Finding seccomp() throws KernelException {
        String actions = read("/proc/sys/kernel/seccomp/actions_avail").orElse("");
        return actions.contains("errno")
                ? Finding.good("seccomp filters", actions.strip())
                : Finding.bad(
                        "seccomp filters",
                        "the kernel was built without CONFIG_SECCOMP_FILTER",
                        "boot one that has it");
    }

    /** Docker's and Kubernetes' own filters answer clone3 with ENOSYS and mount with EPERM. */
    private Finding outerFilter() throws KernelException {
        String name = "no seccomp filter around this process";
        return OuterFilter.inForce(files)
                ? Finding.bad(name, "one is in force, and may refuse new namespaces and mounts", OuterFilter.CURE)
                : Finding.good(name, "");
    }

    private Finding overlay() throws KernelException {
        String name = "overlay file system (--ephemeral)";
        return read("/proc/filesystems").orElse("").contains("\toverlay\n")
                ? Finding.good(name, "")
                : Finding.bad(name, "not loaded, or not built in", "modprobe overlay");
    }

    private Optional<String> read(String path) throws KernelException {
        try {
            return Optional.of(files.read(path));
        } catch (KernelException e) {
            if (e.is(Errno.ENOENT) || e.is(Errno.EACCES)) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
