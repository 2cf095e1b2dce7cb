// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.spec.Network;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import java.util.Map;

/** Every kind of network, by those who know it. */
public final class Networks implements Attacher {
    private final boolean privileged;
    private final BridgeNetworks bridges;

    /** @param privileged whether this JVM may change the host's links */
    public Networks(Kernel kernel, Map<String, String> environment, boolean privileged) {
        this.privileged = privileged;
        this.bridges = new BridgeNetworks(kernel, environment);
    }

    @Override
    public int namespace(SandboxSpec spec) throws SandboxException {
        Network network = spec.network();
        switch (network.kind()) {
            case NONE, HOST, USER -> {
                return -1;
            }
            case BRIDGE -> {
                needRoot(network, "use --network user, which needs no rights");
                return -1;
            }
            default -> throw new SandboxException("network", network.toString(), null, "this kind is not there yet");
        }
    }

    private void needRoot(Network network, String cure) throws SandboxException {
        if (!privileged) {
            throw new SandboxException("network", network.toString(), null, "it needs root: " + cure);
        }
    }

    @Override
    public Attachment attach(Target target) throws SandboxException {
        Network network = target.spec().network();
        return network.kind() == Network.Kind.BRIDGE ? bridges.attach(network.name(), target) : Attachment.NONE;
    }

    /** Removes what JVMs that were killed left. */
    public Networks sweep() throws SandboxException {
        if (privileged) {
            bridges.sweep();
        }
        return this;
    }

    @Override
    public void close() throws SandboxException {
        bridges.close();
    }
}
