// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.spec.Allow;
import dev.hutch.spec.Capability;
import dev.hutch.spec.Isolation;
import dev.hutch.spec.Lifetime;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Network;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.SeccompProfile;
import dev.hutch.spec.User;

/** Parts of a spec that can't go together. What can't be enforced is refused here, never left out in silence. */
final class Contradictions {
    private Contradictions() {}

    static void check(SandboxSpec spec) {
        refuse(
                spec.lifetime() == Lifetime.DETACHED,
                "lifetime DETACHED is not offered yet: a sandbox ends with the JVM that started it");
        refuse(
                spec.capabilities().contains(Capability.SYS_ADMIN)
                        && !spec.allow().contains(Allow.REMOUNT),
                "CAP_SYS_ADMIN can lift masks and read-only mounts inside: it needs REMOUNT allowed as well (--allow remount), and the"
                        + " result then lists these as not enforced");
        refuse(
                spec.network().egress() != null
                        && (spec.capabilities().contains(Capability.NET_ADMIN)
                                || spec.capabilities().contains(Capability.NET_RAW)),
                "an egress list and CAP_NET_ADMIN or CAP_NET_RAW contradict each other: with these a program inside changes the"
                        + " rules, or passes them by");
        refuse(
                spec.hasPathsPastEgress()
                        && !spec.allow().contains(Allow.UNIX_SOCKETS)
                        && (!(spec.seccomp() instanceof SeccompProfile.Default)
                                || spec.allow().contains(Allow.IO_URING)),
                "beside an egress list and files of the host's, only the default seccomp profile without io_uring keeps unix"
                        + " sockets from leading past the list; UNIX_SOCKETS (--allow unix-sockets) does without that wall");
        refuse(
                spec.capabilities().contains(Capability.NET_ADMIN)
                        && spec.network().rate().isLimited(),
                "CAP_NET_ADMIN can lift the network rate (--network-rate) inside");
        refuse(spec.strict() && spec.bestEffort(), "strict and bestEffort (--best-effort) contradict each other");
        refuse(
                !spec.isNew(Namespace.TIME) && !spec.timeOffsets().areZero(),
                "time offsets need a time namespace of the sandbox's own");
        refuse(
                spec.hostname() != null && !spec.isNew(Namespace.UTS),
                "a host name needs a UTS namespace of the sandbox's own");
        refuse(
                !spec.isNew(Namespace.USER)
                        && !(spec.uidMappings().isEmpty() && spec.gidMappings().isEmpty()),
                "id mappings need a user namespace of the sandbox's own");
        if (spec.isolation() == Isolation.LANDLOCK) {
            landlock(spec);
        }
        refuse(spec.uidMappings().isEmpty() != spec.gidMappings().isEmpty(), "uidMappings and gidMappings go together");
    }

    /** Landlock fences off what is there; it shows nothing elsewhere or otherwise. */
    private static void landlock(SandboxSpec spec) {
        String with = "isolation landlock (--isolation landlock) ";
        refuse(!(spec.rootfs() instanceof Rootfs.HostView), with + "has no root file system of its own");
        for (Mount mount : spec.mounts()) {
            refuse(
                    !(mount instanceof Mount.Bind bind) || !bind.source().equals(bind.destination()),
                    with + "mounts nothing: " + mount.destination()
                            + " can only be a folder or file of the host's at its own" + " place");
        }
        refuse(!spec.devices().isEmpty(), with + "has no devices but null, zero, full, random, urandom and tty");
        refuse(!spec.user().equals(User.DEFAULT), with + "has no ids of its own inside: leave the user out");
        refuse(!spec.capabilities().isEmpty(), with + "gives no capabilities: they would be the host's");
        refuse(
                !spec.network().equals(Network.NONE) && !spec.network().equals(Network.HOST),
                with + "has no network but none and host");
        refuse(!spec.init(), with + "has no PID 1: leave init(false) out");
        refuse(spec.allow().contains(Allow.IO_URING), with + "can't let io_uring through: it passes by its filter");
        refuse(spec.allow().contains(Allow.KEYRING), with + "can't let keyctl through: the keys would be the caller's");
        refuse(
                spec.allow().contains(Allow.UNIX_SOCKETS),
                with + "can't let Unix sockets through: a session bus of the caller's is one");
    }

    private static void refuse(boolean contradiction, String words) {
        if (contradiction) {
            throw new IllegalArgumentException(words);
        }
    }
}
