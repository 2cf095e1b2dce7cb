// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.host;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.HostReport.Finding;

/** Whether {@code --isolation landlock} is there to fall back on. */
public final class LandlockProbe {
    private static final String NAME = "Landlock (--isolation landlock)";
    private static final int SCOPES_SINCE = 6;

    private LandlockProbe() {}

    /** Asks the kernel. */
    public static Finding finding(Kernel kernel) {
        try {
            int version = kernel.landlockVersion();
            return Finding.good(
                    NAME,
                    "version " + version + (version < SCOPES_SINCE ? ": signals are kept in by the filter alone" : ""));
        } catch (KernelException e) {
            return Finding.bad(
                    NAME,
                    e.operation() + ": " + e.errno().orElseThrow().name(),
                    "landlock among lsm= of the kernel's command line");
        }
    }
}
