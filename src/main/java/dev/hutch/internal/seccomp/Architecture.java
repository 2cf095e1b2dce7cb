// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import dev.hutch.spec.SandboxException;

/** The machines that Hutch runs on, as seccomp(2) tells them apart. Both are little-endian. */
public enum Architecture {
    X86_64(0xC000003E, "SCMP_ARCH_X86_64", "amd64"),
    AARCH64(0xC00000B7, "SCMP_ARCH_AARCH64", "arm64");

    private final int auditArch;
    private final String ociName;
    private final String goName;

    Architecture(int auditArch, String ociName, String goName) {
        this.auditArch = auditArch;
        this.ociName = ociName;
        this.goName = goName;
    }

    /** {@code seccomp_data.arch}: AUDIT_ARCH_* of linux/audit.h. */
    int auditArch() {
        return auditArch;
    }

    /** The OCI runtime specification's word, in {@code architectures}. */
    String ociName() {
        return ociName;
    }

    /** Go's word, which Docker's {@code includes.arches} has. */
    String goName() {
        return goName;
    }

    /** The machine that this JVM runs on. */
    public static Architecture current() throws SandboxException {
        String name = System.getProperty("os.arch", "");
        return switch (name) {
            case "amd64", "x86_64" -> X86_64;
            case "aarch64", "arm64" -> AARCH64;
            default ->
                throw new SandboxException(
                        "seccomp", "on " + name, null, "Hutch has system call tables for x86-64 and aarch64 only");
        };
    }
}
