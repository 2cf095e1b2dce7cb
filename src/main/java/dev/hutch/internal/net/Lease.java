// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.internal.kernel.LockFile;
import dev.hutch.spec.SandboxException;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A container's addresses in a network: its own until this is closed, or this JVM is dead. */
final class Lease implements AutoCloseable {
    private final InetAddress ipv4;
    private final @Nullable InetAddress ipv6;
    private final LockFile file;
    private final Leases all;

    Lease(InetAddress ipv4, @Nullable InetAddress ipv6, LockFile file, Leases all) {
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
        this.file = file;
        this.all = all;
    }

    InetAddress ipv4() {
        return ipv4;
    }

    @Nullable
    InetAddress ipv6() {
        return ipv6;
    }

    List<InetAddress> addresses() {
        return ipv6 == null ? List.of(ipv4) : List.of(ipv4, ipv6);
    }

    /** The addresses of the network's containers with this name. */
    List<InetAddress> neighbours(String name) throws SandboxException {
        return all.lookup(name);
    }

    @Override
    public void close() throws SandboxException {
        file.delete();
    }
}
