// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;
import java.lang.System.Logger.Level;

/** For failures that no caller can be told of. */
final class Log {
    private Log() {}

    /**
     * Not where this process has no descriptors left. The launch that wanted one fails and says so; and the JDK's logging,
     * where this is its first use, would find no file of its own, and classes that fail in their initialisation do so for
     * the JVM's whole life: those of java.security are among them.
     */
    static void write(Level level, String what, Exception e) {
        if (!(e instanceof KernelException refusal && refusal.is(Errno.EMFILE))) {
            System.getLogger("dev.hutch").log(level, what, e);
        }
    }
}
