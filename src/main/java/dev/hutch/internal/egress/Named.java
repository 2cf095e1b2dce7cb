// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.egress;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.net.Attachment;
import dev.hutch.internal.net.Step;
import dev.hutch.internal.netlink.NetlinkSocket;
import dev.hutch.internal.nftables.Nftables;
import dev.hutch.spec.Egress;
import dev.hutch.spec.Refusal;
import dev.hutch.spec.SandboxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The resolver of one container, and its walls where it has an egress list. The rules are in its namespace before the
 * command can run; whoever has the socket that was made there can change them, and that is this JVM alone.
 */
final class Named implements Attachment {
    /** An address of loopback that is the container's own, as docker has it. */
    private static final String SERVER = "127.0.0.11";

    private static final int INET = 2;
    private static final int STREAM = 1;
    private static final int DATAGRAM = 2;
    private static final int NONBLOCK = 04000;

    /** struct sockaddr_in of {@link #SERVER}, port 53. */
    private static final byte[] ADDRESS = {INET, 0, 0, 53, 127, 0, 0, 11, 0, 0, 0, 0, 0, 0, 0, 0};

    private final Kernel kernel;
    private final Names names;
    private final Resolver resolver;
    private final KernelWall wall = new KernelWall();
    private final @Nullable Gate gate;
    private @Nullable Questions questions;
    private @Nullable Station station;
    private boolean closed;

    /** @param network that it is in */
    Named(Kernel kernel, Names names, Attachment network, @Nullable Egress list, Resolver.Servers servers) {
        this.kernel = kernel;
        this.names = names;
        this.gate = list == null ? null : names.gate(list, wall);
        this.resolver = new Resolver(network::neighbours, servers, gate);
    }

    @Override
    public List<Step> connect(int netns) {
        List<Step> steps = new ArrayList<>();
        if (gate != null) {
            steps.add(new Step.Send(NetlinkSocket.NETFILTER, KernelWall.rules(gate.openings()), "egress list"));
        }
        steps.add(new Step.Socket(INET, DATAGRAM | NONBLOCK, 0, ADDRESS, false, "of the resolver, UDP"));
        steps.add(new Step.Socket(INET, STREAM | NONBLOCK, 0, ADDRESS, true, "of the resolver, TCP"));
        if (gate != null) {
            steps.add(new Step.Socket(
                    NetlinkSocket.AF_NETLINK,
                    NetlinkSocket.SOCK_RAW,
                    NetlinkSocket.NETFILTER,
                    new byte[0],
                    false,
                    "of the egress list"));
        }
        return steps;
    }

    @Override
    public String resolvConf() {
        return "nameserver " + SERVER + "\n";
    }

    @Override
    public synchronized void sockets(int[] fds) throws SandboxException {
        if (closed) {
            Arrays.stream(fds).forEach(kernel::close);
            throw new SandboxException("connect", "", null, "the sandbox has ended");
        }
        questions = new Questions(kernel, fds[0], fds[1], resolver, names.streams());
        if (gate != null) {
            wall.through(new Nftables(new NetlinkSocket(kernel, fds[2])));
        }
        station = names.stations().serve(questions);
    }

    @Override
    public void egress(Egress list) throws SandboxException {
        if (gate == null) {
            throw new SandboxException(
                    "egress", "", null, "it was started without a list: start it with Egress.NOTHING to set one later");
        }
        gate.change(list);
    }

    @Override
    public List<Refusal> refused() throws SandboxException {
        return gate == null ? List.of() : gate.refusals();
    }

    @Override
    public synchronized void close() throws SandboxException {
        closed = true;
        if (questions == null) {
            return;
        }
        if (station != null) {
            station.remove(questions).join();
        }
        questions.close();
        if (gate != null) {
            gate.close();
        }
    }
}
