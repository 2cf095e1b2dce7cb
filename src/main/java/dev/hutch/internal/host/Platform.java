// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.host;

import dev.hutch.internal.kernel.NativeLibrary;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.Support;

/** What the JVM tells of the machine, without native code: the first question on any operating system. */
public record Platform(String os, String release, String arch) {
    public static Platform ofThisJvm() {
        return new Platform(
                System.getProperty("os.name", ""),
                System.getProperty("os.version", ""),
                System.getProperty("os.arch", ""));
    }

    public Support support() {
        try {
            check();
            return Support.yes();
        } catch (SandboxException e) {
            return Support.no(String.valueOf(e.getMessage()));
        }
    }

    /** Refuses a machine on which nothing can work. */
    public void check() throws SandboxException {
        if (!os.equals("Linux")) {
            throw new SandboxException(
                    "start",
                    "on " + os,
                    null,
                    "Hutch runs on Linux, x86-64 and aarch64; for tests there is dev.hutch.testing.FakeSandbox, for"
                            + " development Sandbox.Builder.unsafeLocal()");
        }
        KernelVersion.check(KernelVersion.parse(release), arch);
        if (System.getProperty(NativeLibrary.LIBRARY_PROPERTY) == null && !NativeLibrary.isInJar(arch)) {
            throw new SandboxException("start", "on " + arch, null, "this jar was built without the code for it");
        }
    }
}
