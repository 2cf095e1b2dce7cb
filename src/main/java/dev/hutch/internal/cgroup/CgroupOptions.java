// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.spec.CgroupParent;
import dev.hutch.spec.Device;
import java.util.List;
import java.util.Optional;

/**
 * How one container's cgroup is made, beside its limits. Immutable.
 *
 * @param parent where; empty for the context's own place
 * @param strict whether a default that can't be enforced is an error
 * @param kill whether {@code cgroup.kill} is needed although the controllers are version 1's: where no pid namespace of
 *     its own ends the container
 * @param freezer whether it may be frozen; costs a directory on version 1
 * @param devices empty where the devices controller is not used; else the devices allowed beside the usual ones
 *     (version 1)
 * @param oomGroup whether the OOM killer ends all processes together; version 2's memory.oom.group
 * @param network what its packets are in the host's own network
 */
public record CgroupOptions(
        Optional<CgroupParent> parent,
        boolean strict,
        boolean kill,
        boolean freezer,
        Optional<List<Device>> devices,
        boolean oomGroup,
        NetworkClass network) {
    public static final CgroupOptions DEFAULT =
            new CgroupOptions(Optional.empty(), false, false, false, Optional.empty(), false, NetworkClass.NONE);

    public CgroupOptions {
        devices = devices.map(List::copyOf);
    }

    public CgroupOptions withParent(CgroupParent place) {
        return new CgroupOptions(Optional.of(place), strict, kill, freezer, devices, oomGroup, network);
    }

    public CgroupOptions withStrict(boolean on) {
        return new CgroupOptions(parent, on, kill, freezer, devices, oomGroup, network);
    }

    public CgroupOptions withKill(boolean on) {
        return new CgroupOptions(parent, strict, on, freezer, devices, oomGroup, network);
    }

    public CgroupOptions withFreezer(boolean on) {
        return new CgroupOptions(parent, strict, kill, on, devices, oomGroup, network);
    }

    public CgroupOptions withDevices(List<Device> allowed) {
        return new CgroupOptions(parent, strict, kill, freezer, Optional.of(allowed), oomGroup, network);
    }

    public CgroupOptions withNetwork(NetworkClass asked) {
        return new CgroupOptions(parent, strict, kill, freezer, devices, oomGroup, asked);
    }

    public CgroupOptions withOomGroup(boolean on) {
        return new CgroupOptions(parent, strict, kill, freezer, devices, on, network);
    }
}
