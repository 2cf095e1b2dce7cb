// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.plan;

import java.util.List;

/**
 * What a plan must know of the host; the same for all launches of a context. Immutable.
 *
 * @param privileged whether we are root with CAP_SYS_ADMIN: then trees come as descriptors and the zygote has a mount
 *     namespace of its own
 * @param view what sandboxes without a root file system see
 * @param procPaths which of the paths of /proc that need masking this kernel has
 */
public record Host(boolean privileged, HostView view, List<String> procPaths) {
    /** Looks at the host once. */
    public static Host scan(boolean privileged) throws java.io.IOException {
        return new Host(privileged, HostView.scan(), ProcOps.present());
    }
}
