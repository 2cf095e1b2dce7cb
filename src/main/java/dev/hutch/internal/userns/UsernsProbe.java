// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.userns;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.internal.kernel.OuterProc;
import dev.hutch.spec.Errno;
import dev.hutch.spec.HostReport.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether this user may make user namespaces, and with which ids. Reads only. */
public final class UsernsProbe {
    private static final String IDS = "ids for sandboxes";
    private static final String CLONE = "kernel.unprivileged_userns_clone";
    private static final String APPARMOR = "kernel.apparmor_restrict_unprivileged_userns";

    private final KernelFiles files;

    public UsernsProbe(KernelFiles files) {
        this.files = files;
    }

    /**
     * Looks at ids and what forbids user namespaces, and mounts in them.
     *
     * @param mapsIds whether any ids may be mapped
     * @param uid this user's
     * @param helpers whether newuidmap(1) is installed
     */
    public List<Finding> findings(boolean privileged, boolean mapsIds, String user, long uid, boolean helpers)
            throws KernelException {
        List<Finding> findings = new ArrayList<>();
        if (!privileged) {
            findings.add(allowed());
            findings.add(proc());
            if (uid == 0) {
                findings.add(Finding.bad(
                        "rights of root",
                        "no CAP_SYS_ADMIN, so what a plain user may mount is mounted",
                        "--cap-add SYS_ADMIN"));
            }
        }
        findings.add(mapsIds ? Finding.good(IDS, "an unused range for each, as root") : ids(user, uid, helpers));
        return findings;
    }

    private Finding proc() throws KernelException {
        String name = "/proc without masks";
        return OuterProc.isMasked(files)
                ? Finding.bad(
                        name,
                        "parts of it are covered, so the kernel refuses sandboxes one of their own",
                        OuterProc.CURE)
                : Finding.good(name, "");
    }

    private Finding ids(String user, long uid, boolean helpers) throws KernelException {
        if (uid == 0) {
            return Finding.bad(
                    IDS,
                    "root's own is never mapped, and without CAP_SETUID and CAP_SETGID there is no other",
                    "--cap-add SETUID --cap-add SETGID, or another user (--user 1000:1000, runAsUser)");
        }
        SubordinateRange range = SubordinateRange.find(files, user, uid, helpers);
        return range.reason().isEmpty()
                ? Finding.good(IDS, "the subordinate ids of /etc/subuid: " + range.uids())
                : Finding.bad(
                        IDS,
                        "only your own, so -u chooses its number inside and there is no second one: " + range.reason(),
                        range.cure());
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
                        "an AppArmor profile with 'userns,' for this java (native-build/apparmor/hutch is one), or sysctl -w "
                                + APPARMOR + "=0"))
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
