// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.spec.Network;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;

/** Every kind of network, by those who know it. */
public final class Networks implements Attacher {
    @Override
    public int namespace(SandboxSpec spec) throws SandboxException {
        switch (spec.network().kind()) {
            case NONE, HOST, USER -> {
                return -1;
            }
            default -> throw notYet(spec.network());
        }
    }

    @Override
    public Attachment attach(Target target) throws SandboxException {
        return Attachment.NONE;
    }

    private static SandboxException notYet(Network network) {
        return new SandboxException("network", network.toString(), null, "this kind is not there yet");
    }

    @Override
    public void close() {}
}
