// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.host;

import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.spec.SandboxException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The running kernel's version. */
public record KernelVersion(int major, int minor) implements Comparable<KernelVersion> {
    public static final KernelVersion OLDEST = new KernelVersion(5, 14);

    private static final Pattern RELEASE = Pattern.compile("(\\d+)\\.(\\d+).*", Pattern.DOTALL);

    public static KernelVersion running(KernelFiles files) throws SandboxException {
        return parse(files.read("/proc/sys/kernel/osrelease"));
    }

    static KernelVersion parse(String release) throws SandboxException {
        Matcher matcher = RELEASE.matcher(release);
        if (!matcher.matches()) {
            throw new SandboxException("kernel version", release.strip(), null, "is not MAJOR.MINOR…");
        }
        return new KernelVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    /** @throws SandboxException if it is older than what Hutch needs: openat2, clone3, close_range, mount_setattr */
    public void require() throws SandboxException {
        if (compareTo(OLDEST) < 0) {
            throw new SandboxException(
                    "kernel version", toString(), null, "Hutch needs Linux " + OLDEST + " or newer");
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
