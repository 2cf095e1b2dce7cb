// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.host;

import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.spec.SandboxException;

/** What this process may do. */
public final class Privilege {
    private static final int SYS_ADMIN = 21;
    private static final int SETUID = 7;

    private Privilege() {}

    /** Whether it may mount, and take any ids: root outside of a container, mostly. */
    public static boolean ofThisProcess(KernelFiles files) throws SandboxException {
        for (String line : files.read("/proc/self/status").split("\n")) {
            if (line.startsWith("CapEff:")) {
                long effective = Long.parseUnsignedLong(line.substring(7).strip(), 16);
                return (effective >> SYS_ADMIN & effective >> SETUID & 1) != 0;
            }
        }
        return false;
    }
}
