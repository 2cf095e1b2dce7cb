// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.net.Attacher;
import dev.hutch.internal.net.Attachment;
import dev.hutch.internal.net.Step;
import dev.hutch.internal.plan.Attached;
import dev.hutch.internal.plan.Op;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import java.util.List;

/** Between a container's network and its plan, which don't know each other. */
final class Attaching {
    private Attaching() {}

    /** While the process is dumpable: after it has its ids, nobody without rights over it can open its namespace. */
    static Attachment attach(Means means, SandboxSpec spec, String hostname, int pid) throws SandboxException {
        int netns = means.kernel().open("/proc/" + pid + "/ns/net", 0, 0);
        try {
            return means.attacher().attach(new Attacher.Target(spec, hostname, pid, netns));
        } finally {
            means.kernel().close(netns);
        }
    }

    static Attached plan(Attachment attachment) {
        if (attachment == Attachment.NONE) {
            return Attached.NONE;
        }
        List<Op> ops = attachment.steps().stream().map(Attaching::op).toList();
        return new Attached(ops, attachment.hosts(), attachment.ownAddress(), attachment.resolvConf());
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
