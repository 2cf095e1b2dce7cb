// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.cgroup.CgroupProbe;
import dev.hutch.internal.host.HostProbe;
import dev.hutch.internal.host.LandlockProbe;
import dev.hutch.internal.host.Privilege;
import dev.hutch.internal.kernel.JniKernel;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.net.FirewallProbe;
import dev.hutch.internal.userns.UsernsProbe;
import dev.hutch.spec.Egress;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.HostReport;
import dev.hutch.spec.HostReport.Finding;
import dev.hutch.spec.Network;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks at what this machine, user and kernel offer. What can be tried is tried, in a sandbox; the rest is read from the
 * kernel's files.
 *
 * @since 0.1
 */
public final class Doctor {
    private static final String DEFAULTS = "sandbox with the defaults";

    private Doctor() {}

    /**
     * Examines the machine. Nothing is changed, but for a few sandboxes that run {@code true}.
     *
     * @param folder one that could be a workspace: whether its owner can be mapped is tried
     */
    public static HostReport examine(Path folder) throws InterruptedException {
        List<Finding> findings = new ArrayList<>();
        try {
            read(JniKernel.load(), findings);
        } catch (SandboxException e) {
            findings.add(Finding.bad("the kernel's files", e.operation() + " " + e.target() + " failed", e.cure()));
        } catch (UnsatisfiedLinkError e) {
            findings.add(Finding.bad("native library", String.valueOf(e.getMessage()), ""));
            return new HostReport(findings, false);
        }
        boolean runs = defaults(findings);
        if (runs) {
            findings.add(tried(
                    "workspace in " + folder + " (an idmapped mount as root)",
                    Sandbox.builder().workspace(folder)));
            findings.add(
                    tried("user networks (--network user)", Sandbox.builder().network(Network.user())));
            findings.add(tried(
                    "egress lists (--egress)",
                    Sandbox.builder().network(Network.user().egress(Egress.NOTHING))));
        }
        return new HostReport(findings, runs);
    }

    private static void read(Kernel kernel, List<Finding> findings) throws SandboxException {
        findings.addAll(new HostProbe(kernel)
                .findings(System.getProperty("os.version", ""), System.getProperty("os.arch", "")));
        findings.add(LandlockProbe.finding(kernel));
        findings.addAll(new UsernsProbe(kernel)
                .findings(
                        Privilege.ofThisProcess(kernel),
                        Privilege.mapsIds(kernel),
                        user(kernel.effectiveUid()),
                        kernel.effectiveUid(),
                        Files.isExecutable(Path.of("/usr/bin/newuidmap"))));
        findings.addAll(new CgroupProbe(kernel).findings());
        if (Privilege.ofThisProcess(kernel)) {
            findings.addAll(new FirewallProbe(kernel).findings());
        }
    }

    /** A user without an entry in /etc/passwd has no name. */
    private static String user(int uid) {
        String name = System.getProperty("user.name", "?");
        return name.equals("?") ? Integer.toUnsignedString(uid) : name;
    }

    /** Runs one; what it says of its limits goes before the verdict. */
    private static boolean defaults(List<Finding> findings) throws InterruptedException {
        try {
            SandboxResult result = Sandbox.builder().build().run("true");
            result.enforced().forEach(each -> findings.add(finding(each)));
            findings.add(
                    result.succeeded()
                            ? Finding.good(DEFAULTS, "")
                            : Finding.bad(DEFAULTS, "true ended with status " + result.exitStatus(), ""));
            return result.succeeded();
        } catch (SandboxException e) {
            findings.add(Finding.bad(DEFAULTS, words(e), e.cure()));
        } catch (IOException e) {
            findings.add(Finding.bad(DEFAULTS, String.valueOf(e.getMessage()), ""));
        }
        return false;
    }

    private static Finding finding(Enforced each) {
        return each.enforced()
                ? Finding.good("enforced: " + each.name(), each.value())
                : Finding.bad("enforced: " + each.name(), each.reason(), "");
    }

    private static Finding tried(String name, Sandbox.Builder box) throws InterruptedException {
        try {
            SandboxResult result = box.build().run("true");
            return result.succeeded() ? Finding.good(name, "") : Finding.bad(name, "true failed there", "");
        } catch (SandboxException e) {
            return Finding.bad(name, words(e), e.cure());
        } catch (IOException e) {
            return Finding.bad(name, String.valueOf(e.getMessage()), "");
        }
    }

    private static String words(SandboxException e) {
        return e.operation() + " " + e.target()
                + e.errno().map(errno -> ": " + errno).orElse("");
    }
}
