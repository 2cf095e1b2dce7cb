// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.egress;

import dev.hutch.internal.dns.HostServers;
import dev.hutch.internal.dns.Upstream;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.net.Attacher;
import dev.hutch.internal.net.Attachment;
import dev.hutch.spec.Egress;
import dev.hutch.spec.Network;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Gives containers of the other attacher's networks a resolver, and walls where their spec has an egress list. */
public final class Names implements Attacher {
    private static final int DNS_PORT = 53;
    private static final int MOST_STREAMS = 16;
    private static final int MOST_DECIDERS = 32;

    private final Kernel kernel;
    private final Attacher networks;
    private final Stations stations;
    private final Upstream upstream = new Upstream();
    private final HostServers host;
    private final Ground ground = new Ground();
    private final ExecutorService streams = threads("hutch-dns-tcp-", MOST_STREAMS);
    private final ExecutorService deciders = threads("hutch-egress-", MOST_DECIDERS);

    /**
     * For the containers of one context.
     *
     * @param networks closed with this
     */
    public Names(Kernel kernel, Attacher networks) {
        this.kernel = kernel;
        this.networks = networks;
        this.stations = new Stations(kernel);
        this.host = new HostServers(kernel);
    }

    /** As many as are needed, up to a bound, beyond which work is refused; idle ones end. */
    private static ExecutorService threads(String name, int most) {
        AtomicInteger count = new AtomicInteger();
        ThreadFactory daemons = work -> {
            Thread thread = new Thread(work, name + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
        return new ThreadPoolExecutor(0, most, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), daemons);
    }

    @Override
    public int namespace(SandboxSpec spec) throws SandboxException {
        return networks.namespace(spec);
    }

    @Override
    public Attachment attach(Target target) throws SandboxException {
        Attachment its = networks.attach(target);
        Network network = target.spec().network();
        if (hasResolver(network)) {
            HostResolver servers = new HostResolver(upstream, servers(network.dns()), streams);
            return its.and(new Named(kernel, this, its, network.egress(), servers));
        }
        return switch (network.kind()) {
            case HOST -> its.and(AskedDirectly.ofHost(kernel));
            case NAMESPACE -> its.and(AskedDirectly.ofNamespace(kernel, Path.of(network.name())));
            default -> its;
        };
    }

    @Override
    public Attachment share(String name, int pid, int netns, Attachment attachment) throws SandboxException {
        return networks.share(name, pid, netns, attachment);
    }

    /** A user network's own program leads to the host's servers, as long as no list is to be kept. */
    private static boolean hasResolver(Network network) {
        return network.kind() == Network.Kind.BRIDGE
                || (network.kind() == Network.Kind.USER && network.egress() != null);
    }

    private Supplier<List<InetSocketAddress>> servers(List<InetAddress> asked) {
        List<InetSocketAddress> own = asked.stream()
                .map(each -> new InetSocketAddress(each, DNS_PORT))
                .toList();
        return own.isEmpty() ? host::now : () -> own;
    }

    Gate gate(Egress list, Wall wall) {
        return new Gate(list, wall, ground, deciders);
    }

    ExecutorService streams() {
        return streams;
    }

    Stations stations() {
        return stations;
    }

    @Override
    public void close() throws SandboxException {
        stations.close();
        upstream.close();
        streams.shutdown();
        deciders.shutdownNow();
        networks.close();
    }
}
