// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.plan;

import dev.hutch.spec.User;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What stands in for namespaces where a sandbox has none. Immutable.
 *
 * @param version Landlock's
 * @param user ids of the host's that are nobody else's; null where the program keeps the caller's
 * @param folder the sandbox's own, for what it writes outside of mounts; without links
 * @param view what of the host can be read
 * @param cgroups directories of the sandbox's own cgroup, whose limits a JVM inside looks for
 * @param filter of what Landlock doesn't govern; empty as long as the command is not known
 */
public record Fence(int version, @Nullable User user, Path folder, HostView view, List<String> cgroups, byte[] filter) {
    /** The kernel keeps signals in: since version 6. */
    public boolean scopesSignals() {
        return version >= FencePlan.SCOPES_SINCE;
    }

    public Fence withFilter(byte[] program) {
        return new Fence(version, user, folder, view, cgroups, program);
    }
}
