// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.spec.Isolation;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Network;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.SeccompProfile;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A container with its cgroup, namespaces and ids, which waits for its surroundings: it serves any sandbox of its kind,
 * whatever that mounts, and nothing of the caller's was opened for it. Not thread-safe.
 */
final class Blank implements Prepared {
    private final NewContainer container;
    private final Zygote parent;
    private final Parked parked;

    Blank(NewContainer container, Zygote parent, Parked parked) {
        this.container = container;
        this.parent = parent;
        this.parked = parked;
    }

    /**
     * Whether all of a container, up to its command, may be made ahead. What is the caller's, and mounted, is opened when
     * that is done: at the launch another may have its name. Neither is what a network gives to each of its containers to
     * be held by one that only waits; name servers change.
     */
    static boolean isNeedless(SandboxSpec spec) {
        return spec.isolation() == Isolation.CONTAINER
                && spec.rootfs() instanceof Rootfs.HostView
                && spec.workspace() == null
                && spec.network().kind() == Network.Kind.NONE
                && spec.devices().isEmpty()
                && spec.limits().throttles().isEmpty()
                && spec.mounts().stream().allMatch(mount -> mount instanceof Mount.Tmpfs);
    }

    /**
     * Of what a sandbox is, all that its cgroup, namespaces and ids depend on; null where no blank serves it. A device whose
     * traffic is bounded is looked at for the cgroup: at the launch its name may be another's.
     */
    static @Nullable SandboxSpec kind(SandboxSpec spec) {
        if (spec.isolation() != Isolation.CONTAINER
                || spec.network().kind() != Network.Kind.NONE
                || !spec.limits().throttles().isEmpty()) {
            return null;
        }
        return new SandboxSpec(
                new Rootfs.HostView(),
                List.of(),
                null,
                spec.user(),
                spec.uidMappings(),
                spec.gidMappings(),
                spec.namespaces(),
                null,
                Map.of(),
                spec.limits(),
                List.of(),
                Set.of(),
                Set.of(),
                new SeccompProfile.Default(),
                List.of(),
                Network.NONE,
                spec.timeOffsets(),
                null,
                null,
                null,
                null,
                spec.init(),
                spec.strict(),
                spec.bestEffort(),
                spec.lifetime(),
                spec.cgroupParent(),
                null,
                spec.isolation());
    }

    /** Gives it the surroundings of a sandbox of its kind. Nothing of it is left if that fails. */
    Parked become(SandboxSpec spec) throws IOException {
        container.become(spec);
        container.complete(parent, parked);
        return parked;
    }

    @Override
    public boolean usable() throws SandboxException {
        boolean usable = false;
        try {
            usable = parked.usable();
        } finally {
            if (!usable) {
                container.close();
            }
        }
        return usable;
    }

    @Override
    public void discard() throws SandboxException {
        container.close();
        parked.discard();
    }

    @Override
    public void letGo() {
        container.close();
        parked.letGo();
    }
}
