// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import dev.hutch.Sandbox;
import dev.hutch.spec.SeccompProfile;

/** Reads {@code --security-opt}: {@code seccomp=FILE|unconfined}, and {@code no-new-privileges}, which always holds. */
final class SecurityOption {
    private static final String SECCOMP = "seccomp=";

    private SecurityOption() {}

    static void apply(Sandbox.Builder sandbox, String text) {
        if (text.matches("no-new-privileges([:=]true)?")) {
            return;
        }
        if (!text.startsWith(SECCOMP)) {
            throw new IllegalArgumentException(
                    "'" + text + "' is unknown; there are seccomp=FILE, seccomp=unconfined and no-new-privileges");
        }
        String value = text.substring(SECCOMP.length());
        sandbox.seccomp(
                value.equals("unconfined")
                        ? new SeccompProfile.Unconfined()
                        : new SeccompProfile.File(Texts.path(value).toAbsolutePath()));
    }
}
