// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.egress;

import dev.hutch.internal.dns.Resolvers;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.internal.net.Attachment;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Name servers of a network namespace that is not the sandbox's own: programs ask them themselves.
 *
 * @param resolvConf null for none that are known
 */
record AskedDirectly(@Nullable String resolvConf) implements Attachment {
    /** The host's, as its own programs ask them. */
    static Attachment ofHost(KernelFiles files) throws SandboxException {
        Resolvers host = Resolvers.own(files);
        return of(host.with(host.servers()));
    }

    /** What ip-netns(8) keeps for a namespace with a name; else those of the host's that can be asked from anywhere. */
    static Attachment ofNamespace(KernelFiles files, Path namespace) throws SandboxException {
        Path folder = namespace.getParent();
        if (folder != null && folder.endsWith("netns")) {
            try {
                return of(files.read("/etc/netns/" + namespace.getFileName() + "/resolv.conf"));
            } catch (KernelException e) {
                if (!e.is(Errno.ENOENT)) {
                    throw e;
                }
            }
        }
        Resolvers host = Resolvers.read(files);
        return of(host.with(host.reachable()));
    }

    private static Attachment of(String text) {
        return text.isEmpty() ? NONE : new AskedDirectly(text);
    }
}
