// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;

/** Exit statuses of our own, as shells and docker have them; a result brings its own. */
final class ExitStatus {
    static final int OK = 0;
    static final int HUTCH_FAILED = 125;
    static final int NOT_EXECUTABLE = 126;
    static final int NOT_FOUND = 127;

    private ExitStatus() {}

    static int of(SandboxException refused) {
        if (!refused.operation().equals("execve")) {
            return HUTCH_FAILED;
        }
        return refused.errno().filter(Errno.ENOENT::equals).isPresent() ? NOT_FOUND : NOT_EXECUTABLE;
    }
}
