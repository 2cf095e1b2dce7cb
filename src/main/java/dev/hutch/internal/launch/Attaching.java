// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.net.Attachment;
import dev.hutch.internal.net.Step;
import dev.hutch.internal.plan.Attached;
import dev.hutch.internal.plan.Op;
import dev.hutch.spec.Network;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import java.util.List;

/** Between a container's network and its plan, which don't know each other. */
final class Attaching {
    private Attaching() {}

    /** Gives the network of a container that runs a name of its own, for as long as it lives. */
    static Network share(Means means, LiveChild first) throws SandboxException {
        if (first.spec().network().kind() == Network.Kind.HOST || !means.host().privileged()) {
            throw new SandboxException(
                    "share",
                    "the network of a sandbox",
                    null,
                    "only root's has one that others can join, and not the host's");
        }
        String name = "sandbox-" + means.nextId().getAndIncrement() + "-" + first.pid();
        share(means, first, name);
        return Network.container(name);
    }

    /** Makes the network of a container known by the name that its command was given. What only waits has none. */
    static void announce(Means means, LiveChild child) throws SandboxException {
        String name = child.spec().name();
        if (name != null
                && child.host() == child
                && child.spec().network().kind() != Network.Kind.HOST
                && means.host().privileged()) {
            share(means, child, name);
        }
    }

    private static void share(Means means, LiveChild first, String name) throws SandboxException {
        int pidfd = first.commandPidfd();
        int netns = -1;
        try {
            netns = means.kernel().open("/proc/" + first.pid() + "/ns/net", 0, 0);
            if (means.kernel().poll(0, 0, pidfd) != 0) {
                throw Joining.ended("share", null);
            }
            Attachment shared = means.attacher()
                    .share(name, first.pid(), netns, first.container().network());
            if (!first.container().attach(shared)) {
                shared.close();
                throw Joining.ended("share", null);
            }
        } finally {
            means.kernel().close(pidfd);
            if (netns >= 0) {
                means.kernel().close(netns);
            }
        }
    }

    static Attached plan(SandboxSpec spec, Attachment attachment) {
        if (attachment == Attachment.NONE || keepsItsFiles(spec)) {
            return Attached.NONE;
        }
        return new Attached(attachment.hosts(), attachment.ownAddress(), attachment.resolvConf());
    }

    /** In a network that is none of its own a root of the caller's says itself whom it asks. */
    private static boolean keepsItsFiles(SandboxSpec spec) {
        Network.Kind kind = spec.network().kind();
        return (kind == Network.Kind.HOST || kind == Network.Kind.NAMESPACE)
                && spec.rootfs() instanceof Rootfs.Directory;
    }

    /** @param netns of the container */
    static List<Op> connect(Attachment attachment, int netns) throws SandboxException {
        return attachment.connect(netns).stream().map(Attaching::op).toList();
    }

    private static Op op(Step step) {
        if (step instanceof Step.Send send) {
            return Op.netlink(send.protocol(), send.messages(), send.words());
        }
        Step.Socket socket = (Step.Socket) step;
        return Op.socket(
                socket.domain(), socket.type(), socket.protocol(), socket.address(), socket.listen(), socket.words());
    }
}
