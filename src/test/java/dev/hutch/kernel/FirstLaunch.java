// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import dev.hutch.Hutch;
import dev.hutch.Sandbox;

/** A JVM's first launch, and no more. */
final class FirstLaunch {
    private FirstLaunch() {}

    public static void main(String[] args) throws Exception {
        try (Hutch context = Hutch.builder().stock(0).build()) {
            int status = Sandbox.builder().context(context).build().run("true").exitStatus();
            System.out.println(status == 0 ? "done" : "failed");
        }
    }
}
