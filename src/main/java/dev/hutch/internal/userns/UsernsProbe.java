// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.userns;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.spec.Errno;
import dev.hutch.spec.HostReport.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether this user may make user namespaces, and with which ids. Reads only. */
public final class UsernsProbe {
    private static final String CLONE = "kernel.unprivileged_userns_clone";
    private static final String APPARMOR = "kernel.apparmor_restrict_unprivileged_userns";

    private final KernelFiles files;

    public UsernsProbe(KernelFiles files) {
        this.files = files;
    }

    /**
     * Looks at ids and what forbids user namespaces.
     *
     * @param uid this user's
     * @param helpers whether newuidmap(1) is installed
     */
    public List<Finding> findings(boolean privileged, String user, long uid, boolean helpers) throws KernelException {
        List<Finding> findings = new ArrayList<>();
        if (privileged) {
            findings.add(Finding.good("ids for sandboxes", "an unused range for each, as root"));
            return findings;
        }
        findings.add(allowed());
        SubordinateRange range = SubordinateRange.find(files, user, uid, helpers);
        String name = "ids for sandboxes";
        findings.add(
                range.reason().isEmpty()
                        ? Finding.good(name, "the subordinate ids of /etc/subuid: " + range.uids())
                        : Finding.bad(
                                name,
                                "only your own, so -u chooses its number inside and there is no second one: "
                                        + range.reason(),
                                range.cure()));
        return findings;
    }

    private Finding allowed() throws KernelException {
        String name = "user namespaces for plain users";
        Optional<Rule> rule = rule();
        return rule.isEmpty()
                ? Finding.good(name, "")
                : Finding.bad(name, rule.get().why(), rule.get().cure());
    }

    /**
     * What keeps a plain user from user namespaces.
     *
     * @param cure how to lift it
     */
    public record Rule(String why, String cure) {}

    /** The host's own rule against them; empty where there is none. */
    public Optional<Rule> rule() throws KernelException {
        if (is(CLONE, "0")) {
            return Optional.of(new Rule(CLONE + " is 0", "sysctl -w " + CLONE + "=1"));
        }
        return is(APPARMOR, "1")
                ? Optional.of(new Rule(
                        "AppArmor takes all rights away inside them (" + APPARMOR + " is 1, Ubuntu's default)",
                        "an AppArmor profile with 'userns,' for this java, or sysctl -w " + APPARMOR + "=0"))
                : Optional.empty();
    }

    private boolean is(String sysctl, String value) throws KernelException {
        try {
            return files.read("/proc/sys/" + sysctl.replace('.', '/')).strip().equals(value);
        } catch (KernelException e) {
            if (e.is(Errno.ENOENT)) {
                return false;
            }
            throw e;
        }
    }
}
