// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;
import dev.hutch.spec.Network;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Network namespaces that exist: containers join them, and make their own known to be joined. The rest is another's. */
public final class Joinable implements Attacher {
    private static final int O_NONBLOCK = 04000;

    private final Kernel kernel;
    private final boolean privileged;
    private final SharedNamespaces shared;
    private final Attacher rest;

    /**
     * @param privileged whether this JVM may enter others' namespaces
     * @param rest for all kinds of networks that are no existing namespace
     */
    public Joinable(Kernel kernel, Map<String, String> environment, boolean privileged, Attacher rest) {
        this.kernel = kernel;
        this.privileged = privileged;
        this.shared = new SharedNamespaces(kernel, environment);
        this.rest = rest;
    }

    @Override
    public int namespace(SandboxSpec spec) throws SandboxException {
        Network network = spec.network();
        if (!network.isJoined()) {
            return rest.namespace(spec);
        }
        if (!privileged) {
            throw new SandboxException(
                    "network", network.toString(), null, "it needs root: only root may enter a namespace that exists");
        }
        return network.kind() == Network.Kind.CONTAINER
                ? shared.find(network.name()).fd()
                : namespace(network.name());
    }

    /** A path that leads to anything else than a namespace is no reason to wait, as a pipe without a writer would be. */
    private int namespace(String path) throws SandboxException {
        int fd;
        try {
            fd = kernel.open(path, O_NONBLOCK, 0);
        } catch (KernelException e) {
            throw e.is(Errno.ENOENT) ? e.withCure("there is no such namespace: see `ip netns list`") : e;
        }
        boolean right = false;
        try {
            right = kernel.fstat(fd).dev() == namespaceDevice();
        } finally {
            if (!right) {
                kernel.close(fd);
            }
        }
        if (!right) {
            throw new SandboxException("network", "ns:" + path, null, "it is no namespace's file");
        }
        return fd;
    }

    private long namespaceDevice() throws KernelException {
        int own = kernel.open("/proc/self/ns/net", 0, 0);
        try {
            return kernel.fstat(own).dev();
        } finally {
            kernel.close(own);
        }
    }

    @Override
    public Attachment attach(Target target) throws SandboxException {
        return target.spec().network().isJoined() ? joined(target) : rest.attach(target);
    }

    private Attachment joined(Target target) throws SandboxException {
        if (target.spec().network().kind() == Network.Kind.NAMESPACE) {
            return Attachment.NONE;
        }
        SharedNamespaces.Shared other = shared.find(target.spec().network().name());
        kernel.close(other.fd());
        return new Attachment() {
            @Override
            public String ownAddress() {
                return other.address();
            }

            @Override
            public @Nullable String resolvConf() {
                return other.resolvConf();
            }
        };
    }

    @Override
    public Attachment share(String name, int pid, int netns, Attachment attachment) throws SandboxException {
        return isName(name) ? shared.share(name, pid, netns, attachment) : Attachment.NONE;
    }

    /** A label that can't be one is nobody's way to it. */
    private static boolean isName(String label) {
        try {
            return !Network.container(label).name().isEmpty();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Removes what JVMs that were killed left. */
    public Joinable sweep() throws SandboxException {
        if (privileged) {
            shared.sweep();
        }
        return this;
    }

    @Override
    public void close() throws SandboxException {
        rest.close();
    }
}
