// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.host;

import dev.hutch.spec.SandboxException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Linux kernel's version.
 *
 * @param major before the first dot
 * @param minor after it
 */
public record KernelVersion(int major, int minor) implements Comparable<KernelVersion> {
    /** openat2, clone3 with CLONE_INTO_CGROUP, close_range, mount_setattr and cgroup.kill are all there from here on. */
    public static final KernelVersion OLDEST = new KernelVersion(5, 14);

    private static final Pattern RELEASE = Pattern.compile("([0-9]{1,4})\\.([0-9]{1,4}).*", Pattern.DOTALL);

    /** The running kernel's, without a system call: the JVM has asked uname(2). */
    public static KernelVersion running() throws SandboxException {
        return parse(System.getProperty("os.version", ""));
    }

    /** Reads uname(2)'s release, such as {@code 6.1.0-37-amd64}. */
    static KernelVersion parse(String release) throws SandboxException {
        Matcher matcher = RELEASE.matcher(release);
        if (!matcher.matches()) {
            throw new SandboxException(
                    "read the kernel's version", "'" + release + "'", null, "it is no Linux release");
        }
        return new KernelVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    /**
     * Refuses a machine that lacks what every launch needs.
     *
     * @param arch the JVM's {@code os.arch}
     */
    public static void check(KernelVersion running, String arch) throws SandboxException {
        if (running.compareTo(OLDEST) < 0) {
            throw new SandboxException(
                    "start",
                    "on Linux " + running,
                    null,
                    "Hutch needs Linux " + OLDEST + " or newer (RHEL 9, Debian 12)");
        }
        if (!arch.equals("amd64") && !arch.equals("x86_64") && !arch.equals("aarch64")) {
            throw new SandboxException("start", "on " + arch, null, "Hutch runs on x86-64 and aarch64");
        }
    }

    @Override
    public int compareTo(KernelVersion other) {
        return major != other.major ? Integer.compare(major, other.major) : Integer.compare(minor, other.minor);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
