// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.spec.HostReport;
import dev.hutch.spec.HostReport.Finding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks at what this machine, user and kernel offer.
 *
 * @since 0.1
 */
public final class Doctor {
    private Doctor() {}

    /** Examines the machine; runs one sandbox with the defaults to see that it works. */
    public static HostReport examine() throws InterruptedException {
        List<Finding> findings = new ArrayList<>();
        Finding run = sandbox();
        findings.add(run);
        return new HostReport(findings, run.works());
    }

    private static Finding sandbox() throws InterruptedException {
        String name = "sandbox with the defaults";
        try {
            boolean succeeded = Sandbox.builder().build().run("true").succeeded();
            return succeeded ? Finding.good(name, "") : Finding.bad(name, "'true' failed in it", "");
        } catch (IOException | UnsatisfiedLinkError e) {
            return Finding.bad(name, String.valueOf(e.getMessage()), "");
        }
    }
}
