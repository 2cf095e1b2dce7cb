// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.dns.Resolvers;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.net.Attachment;
import dev.hutch.internal.net.HostPorts;
import dev.hutch.internal.usernet.Carrier;
import dev.hutch.spec.PortMapping;
import dev.hutch.spec.SandboxException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The network of a sandbox whose traffic a process of the user's own carries; that ends with the sandbox. */
final class UserNetwork implements Attachment {
    private static final long PATIENCE_MILLIS = 10_000;
    private static final int MOST_WORDS = 4096;

    /**
     * As PID 1 of its pid namespace: what carries the traffic may change its ids and so escape the death of its parent,
     * but not that of PID 1. The shell gives what it starts beside itself the null device for standard input.
     */
    private static final List<String> KEEPER = List.of("/bin/sh", "-c", "exec 3<&0; \"$@\" <&3 & wait $!", "hutch-net");

    private final Means means;
    private final Carrier carrier;
    private final String resolvConf;
    private final List<PortMapping> ports;
    private final LiveChild child;
    private final int ready;
    private final int words;
    private boolean closed;

    private UserNetwork(
            Means means,
            Carrier carrier,
            String resolvConf,
            List<PortMapping> ports,
            LiveChild child,
            int ready,
            int words) {
        this.means = means;
        this.carrier = carrier;
        this.resolvConf = resolvConf;
        this.ports = ports;
        this.child = child;
        this.ready = ready;
        this.words = words;
    }

    /**
     * Starts it beside a sandbox whose first process waits.
     *
     * @param pid of that process
     */
    static UserNetwork start(Means means, Zygote parent, LiveChild served, int pid) throws IOException {
        Kernel kernel = means.kernel();
        Carrier carrier = Carrier.find(served.spec().network().name(), Carrier.FOLDERS);
        Resolvers host = resolvers(kernel, served.spec().network().dns());
        String resolvConf = host.with(carrier.nameservers(host));
        List<PortMapping> ports = free(served.spec().network().ports());
        List<Integer> ours = new ArrayList<>();
        List<Integer> theirs = new ArrayList<>();
        try {
            theirs.add(kernel.open("/proc/" + pid + "/ns/net", 0, 0));
            for (int i = 0; i < 2; i++) {
                int[] pipe = kernel.pipe();
                ours.add(pipe[0]);
                theirs.add(pipe[1]);
            }
            // Nobody reads on once it works, and it must not wait for that.
            kernel.nonBlocking(theirs.get(2), true);
            LiveChild child = launch(means, parent, served, carrier.words(host, ports), theirs);
            UserNetwork network = new UserNetwork(means, carrier, resolvConf, ports, child, ours.get(0), ours.get(1));
            network.endWith(served);
            return network;
        } catch (IOException | RuntimeException e) {
            ours.forEach(kernel::close);
            throw e;
        } finally {
            theirs.forEach(kernel::close);
        }
    }

    private static Resolvers resolvers(Kernel kernel, List<InetAddress> asked) throws SandboxException {
        return asked.isEmpty()
                ? Resolvers.read(kernel)
                : Resolvers.of(asked.stream().map(InetAddress::getHostAddress).toList());
    }

    /** One that somebody has is told before anything starts; that process takes them right afterwards. */
    private static List<PortMapping> free(List<PortMapping> wanted) throws SandboxException {
        try (HostPorts held = HostPorts.hold(wanted, true)) {
            return held.mappings();
        }
    }

    private static LiveChild launch(
            Means means, Zygote parent, LiveChild served, List<String> words, List<Integer> streams)
            throws IOException {
        List<String> command = new ArrayList<>(KEEPER);
        command.addAll(words);
        Parked parked = CarrierLaunch.park(means, parent, served);
        LiveChild child = parked.take(new LaunchRequest(
                parked.spec(),
                command,
                Map.of(),
                "/",
                streams.stream().mapToInt(Integer::intValue).toArray(),
                new boolean[] {false, true, true},
                false,
                false));
        child.abandon();
        return child;
    }

    /** The sandbox's ids, which are its own, and its cgroup are given back after it has gone. */
    private void endWith(LiveChild served) throws SandboxException {
        child.gone().whenComplete((nothing, failure) -> closeStreams());
        served.ended().whenComplete((report, failure) -> end());
        served.container().join(child.gone());
    }

    @Override
    public String resolvConf() {
        return resolvConf;
    }

    @Override
    public List<PortMapping> ports() {
        return ports;
    }

    private synchronized void closeStreams() {
        means.kernel().close(ready);
        means.kernel().close(words);
        closed = true;
    }

    private void end() {
        try {
            child.end(LiveChild.Ending.DESTROYED);
        } catch (SandboxException e) {
            Log.write(System.Logger.Level.WARNING, "what carried a sandbox's traffic could not be ended", e);
        }
    }

    /**
     * Waits until it works. Its end closes what is read here only afterwards.
     *
     * @throws SandboxException with what it said, if it doesn't
     */
    synchronized void awaitReady() throws SandboxException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
        for (long left = PATIENCE_MILLIS;
                left > 0;
                left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())) {
            if (closed || means.kernel().poll((int) left, 0, ready) != 0) {
                if (read(ready).isEmpty()) {
                    throw carrier.failed(read(words));
                }
                carrier.publish(Path.of("/proc", Integer.toString(child.pid()), "root"), ports);
                return;
            }
        }
        throw carrier.failed("it was not ready after " + PATIENCE_MILLIS / 1000 + " s");
    }

    /** What is there by now. */
    private String read(int fd) throws SandboxException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(MOST_WORDS);
        int length = closed || means.kernel().poll(0, 0, fd) == 0
                ? 0
                : means.kernel().read(fd, buffer, MOST_WORDS);
        byte[] text = new byte[Math.max(0, length)];
        buffer.get(0, text);
        return new String(text, StandardCharsets.UTF_8);
    }
}
