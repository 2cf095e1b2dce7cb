// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.spec.Egress;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.PortMapping;
import dev.hutch.spec.Refusal;
import dev.hutch.spec.SandboxException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What ties one container to its network, from before its namespace is set up until nothing is left of it. */
public interface Attachment {
    /** Nothing: loopback only, or a namespace that others have set up. */
    Attachment NONE = new Attachment() {};

    /**
     * Lays what leads to the container. Called once, before the command can run, while the container's surroundings are made;
     * {@link #close} is called also where it fails.
     *
     * @param netns the container's network namespace; the caller closes it
     * @return what is done inside right after loopback is up. At most eight of them make sockets
     */
    default List<Step> connect(int netns) throws SandboxException {
        return List.of();
    }

    /** Lines of /etc/hosts beside those that every container has, without line ends. */
    default List<String> hosts() {
        return List.of();
    }

    /** The address that /etc/hosts has for the container's own name. */
    default String ownAddress() {
        return "127.0.1.1";
    }

    /** The content of /etc/resolv.conf; null where the attachment has none to give. */
    default @Nullable String resolvConf() {
        return null;
    }

    /** The ports of the host's that lead inside, each a real one. */
    default List<PortMapping> ports() {
        return List.of();
    }

    /**
     * Takes the sockets that the steps made, in their order, and owns them from then on, also where it fails. Called once,
     * and not at all where the steps make none; before the command can run.
     */
    default void sockets(int[] fds) throws SandboxException {
        if (fds.length != 0) {
            throw new IllegalStateException("sockets that nobody asked for");
        }
    }

    /** What else bounds the container, for the result. */
    default List<Enforced> walls() {
        return List.of();
    }

    /** Addresses of a container of the same network, by its name; none where there is no such one. */
    default List<InetAddress> neighbours(String name) throws SandboxException {
        return List.of();
    }

    /** Another list of what may be reached, from now on: all of it, or an error and the one before. */
    default void egress(Egress list) throws SandboxException {
        throw new SandboxException("egress", "", null, "the sandbox has no network that could keep a list");
    }

    /** What was wanted and is not on the list; after the end too. */
    default List<Refusal> refused() throws SandboxException {
        return List.of();
    }

    /**
     * Called once, when no process of the container is left: gives back whatever it holds on the host. Also where the
     * launch failed halfway.
     */
    default void close() throws SandboxException {}

    /** Both: this one's steps first, its end last. */
    default Attachment and(Attachment next) {
        return next == NONE ? this : this == NONE ? next : new Both(this, next);
    }

    /** Two that are one to the launch. */
    final class Both implements Attachment {
        private final Attachment first;
        private final Attachment second;
        private int socketsOfFirst;

        private Both(Attachment first, Attachment second) {
            this.first = first;
            this.second = second;
        }

        @Override
        public List<Step> connect(int netns) throws SandboxException {
            List<Step> all = new ArrayList<>(first.connect(netns));
            socketsOfFirst =
                    (int) all.stream().filter(Step.Socket.class::isInstance).count();
            all.addAll(second.connect(netns));
            return all;
        }

        @Override
        public List<String> hosts() {
            List<String> all = new ArrayList<>(first.hosts());
            all.addAll(second.hosts());
            return all;
        }

        @Override
        public List<PortMapping> ports() {
            List<PortMapping> all = new ArrayList<>(first.ports());
            all.addAll(second.ports());
            return all;
        }

        @Override
        public List<Enforced> walls() {
            List<Enforced> all = new ArrayList<>(first.walls());
            all.addAll(second.walls());
            return all;
        }

        @Override
        public String ownAddress() {
            return first.ownAddress().equals(NONE.ownAddress()) ? second.ownAddress() : first.ownAddress();
        }

        @Override
        public @Nullable String resolvConf() {
            return second.resolvConf() != null ? second.resolvConf() : first.resolvConf();
        }

        @Override
        public void sockets(int[] fds) throws SandboxException {
            try {
                if (socketsOfFirst > 0) {
                    first.sockets(Arrays.copyOf(fds, socketsOfFirst));
                }
            } finally {
                if (fds.length > socketsOfFirst) {
                    second.sockets(Arrays.copyOfRange(fds, socketsOfFirst, fds.length));
                }
            }
        }

        @Override
        public List<InetAddress> neighbours(String name) throws SandboxException {
            return first.neighbours(name);
        }

        @Override
        public void egress(Egress list) throws SandboxException {
            second.egress(list);
        }

        @Override
        public List<Refusal> refused() throws SandboxException {
            return second.refused();
        }

        @Override
        public void close() throws SandboxException {
            try {
                second.close();
            } finally {
                first.close();
            }
        }
    }
}
