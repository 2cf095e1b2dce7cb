// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.kernel;

import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;

/** A system call failed: its name, what it was applied to, and errno. Callers that know a cure wrap it. */
public final class KernelException extends SandboxException {
    private static final long serialVersionUID = 1L;

    /** What to do about ENOSYS, whoever meets it. */
    public static final String NO_SUCH_CALL =
            "the kernel is older than Linux 5.14, or a seccomp filter outside of Hutch hides the call";

    private static final int ENOSYS = Errno.ENOSYS.number();

    private final int number;

    public KernelException(String call, String target, int errno) {
        super(call, target, new Errno(errno), errno == ENOSYS ? NO_SUCH_CALL : "");
        this.number = errno;
    }

    /** Whether the call failed with this error number. */
    public boolean is(Errno errno) {
        return errno.number() == number;
    }

    public int number() {
        return number;
    }

    /** The same failure with words on what to do about it. */
    public SandboxException withCure(String cure) {
        SandboxException told = new SandboxException(operation(), target(), new Errno(number), cure);
        told.initCause(this);
        return told;
    }
}
