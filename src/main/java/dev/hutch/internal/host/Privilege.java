// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.host;

import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.spec.SandboxException;

/** What this process may do. */
public final class Privilege {
    private static final int SYS_ADMIN = 21;
    private static final int KILL = 5;
    private static final int SETGID = 6;
    private static final int SETUID = 7;

    private Privilege() {}

    /** Whether it may mount, and take any ids: root outside of a container, mostly. */
    public static boolean ofThisProcess(KernelFiles files) throws SandboxException {
        return has(files, SYS_ADMIN) && mapsIds(files);
    }

    /** Whether it may map any ids of its user namespace into a new one: also root of a container that may not mount. */
    public static boolean mapsIds(KernelFiles files) throws SandboxException {
        return has(files, SETUID) && has(files, SETGID);
    }

    /** Whether it may give a process any ids, and still end it: what root in a container has, too. */
    public static boolean takesIds(KernelFiles files) throws SandboxException {
        return mapsIds(files) && has(files, KILL);
    }

    private static boolean has(KernelFiles files, int capability) throws SandboxException {
        for (String line : files.read("/proc/self/status").split("\n")) {
            if (line.startsWith("CapEff:")) {
                return (Long.parseUnsignedLong(line.substring(7).strip(), 16) >> capability & 1) != 0;
            }
        }
        return false;
    }
}
