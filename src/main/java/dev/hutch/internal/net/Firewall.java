// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.netlink.NetlinkSocket;
import dev.hutch.internal.nftables.Batch;
import dev.hutch.internal.nftables.Element;
import dev.hutch.internal.nftables.Fields;
import dev.hutch.internal.nftables.NfSet;
import dev.hutch.internal.nftables.Nftables;
import dev.hutch.internal.nftables.Table;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What containers on bridges may send and be sent, in the two tables of {@link FirewallRules} that all JVMs of the host
 * share; no other table is touched. It holds that
 *
 * <ul>
 *   <li>a container sends with its own MAC and IP addresses only, and nothing that only routers say;
 *   <li>it reaches what the host reaches, under the host's address, but not the host itself, not 169.254.0.0/16, and no
 *       container of another network; an internal network reaches nothing beyond itself;
 *   <li>nothing from outside its network reaches it but by published ports;
 *   <li>it begins no more connections than {@link FirewallRules#MOST_CONNECTIONS} that the kernel remembers at once, where the
 *       kernel can count them;
 *   <li>published ports lead to it from everywhere, the host's loopback and its own neighbours included.
 * </ul>
 *
 * Whoever removes the tables lifts all that for the containers that run; each JVM is told of it, and brings them back at once,
 * with what it has. Thread-safe.
 */
public final class Firewall implements AutoCloseable {
    private final Kernel kernel;
    private final Map<String, Network> networks = new LinkedHashMap<>();
    private final Map<String, Guest> guests = new LinkedHashMap<>();
    private @Nullable Nftables nftables;
    private @Nullable FirewallWatch watch;

    /** Whether the rules count connections; null where nobody has asked yet since they may have been made anew. */
    private @Nullable Boolean bounding;

    private record Network(String bridge, boolean internal, boolean isolated) {}

    public Firewall(Kernel kernel) {
        this.kernel = kernel;
    }

    /**
     * Before the first container of the network, and again as often as wanted.
     *
     * @param internal whether it leads nowhere
     * @param isolated whether its containers can't reach one another; what goes from port to port is up to the bridge
     */
    public synchronized void addNetwork(String bridge, boolean internal, boolean isolated) throws SandboxException {
        Network network = new Network(bridge, internal, isolated);
        if (watch == null) {
            watch = FirewallWatch.start(kernel, this::restore);
        }
        networks.put(bridge, network);
        try {
            commit(() -> add(network, new Batch()));
        } catch (SandboxException e) {
            networks.remove(bridge);
            throw e;
        }
    }

    /** When this JVM uses it no more: what others have of it is theirs to bring back. */
    public synchronized void leave(String bridge) {
        networks.remove(bridge);
    }

    /** When the bridge is gone, or about to go. */
    public synchronized void removeNetwork(String bridge) throws SandboxException {
        networks.remove(bridge);
        delete(List.of(FirewallSets.BRIDGES, FirewallSets.INTERNAL), List.of(key(bridge)));
        delete(List.of(FirewallSets.PAIRS, FirewallSets.SAME), List.of(pair(bridge)));
    }

    /** Before the container's cable carries anything. Nothing of it is left where that fails. */
    public synchronized void addContainer(Guest guest) throws SandboxException {
        guests.put(guest.port(), guest);
        try {
            commitOrTakeOver(guest);
        } catch (SandboxException e) {
            guests.remove(guest.port());
            throw e;
        }
    }

    private void commitOrTakeOver(Guest guest) throws SandboxException {
        boolean bounded = boundsConnections();
        Supplier<Batch> change = () -> add(guest, uncounted(guest, bounded));
        try {
            commit(change);
        } catch (SandboxException e) {
            if (!isClash(e)) {
                throw e;
            }
            freePorts(guest);
            commit(change);
        }
    }

    /** Another value for the same key. */
    private static boolean isClash(SandboxException e) {
        return NetlinkSocket.is(e, Errno.EEXIST) || NetlinkSocket.is(e, Errno.EBUSY);
    }

    /**
     * What leads from a published port elsewhere is a killed JVM's, not swept yet: this one has the sockets that hold the
     * ports, which nobody alive would have let it have.
     */
    private void freePorts(Guest guest) throws SandboxException {
        for (Map.Entry<NfSet, List<Element>> of : guest.elements().entrySet()) {
            if (FirewallSets.OF_PORTS.contains(of.getKey())) {
                delete(List.of(of.getKey()), of.getValue());
            }
        }
    }

    /** When its cable is gone. */
    public synchronized void removeContainer(Guest guest) throws SandboxException {
        guests.remove(guest.port());
        Batch batch = new Batch();
        guest.elements().forEach(batch::delete);
        try {
            open().commit(batch);
        } catch (SandboxException e) {
            if (!NetlinkSocket.is(e, Errno.ENOENT)) {
                throw e;
            }
            // Somebody has taken a part of it away, or all: what is left goes one by one.
            for (Map.Entry<NfSet, List<Element>> of : guest.elements().entrySet()) {
                delete(List.of(of.getKey()), of.getValue());
            }
        }
    }

    /**
     * Removes what is noted for an address, of a container whose JVM was killed. Nobody else may get that address meanwhile.
     */
    public synchronized void forget(String ipv4) throws SandboxException {
        for (NfSet set : FirewallSets.OF_CONTAINERS) {
            List<Element> dead = new ArrayList<>();
            for (Element element : open().elements(set)) {
                if (element.comment().equals(ipv4)) {
                    dead.add(element);
                }
            }
            delete(List.of(set), dead);
        }
    }

    /** When the host has no network left. Nobody may make one meanwhile. */
    public synchronized void removeTables() throws SandboxException {
        for (Table table : List.of(FirewallSets.ROUTED, FirewallSets.BRIDGED)) {
            try {
                open().commit(new Batch().delete(table));
            } catch (SandboxException e) {
                if (!NetlinkSocket.is(e, Errno.ENOENT)) {
                    throw e;
                }
            }
        }
    }

    private Nftables open() throws SandboxException {
        if (nftables == null) {
            nftables = Nftables.open(kernel);
        }
        return nftables;
    }

    private void install() throws SandboxException {
        bounding = null;
        boolean made;
        try {
            made = make(FirewallRules.routed(true));
        } catch (SandboxException e) {
            if (!cantCount(e)) {
                throw e;
            }
            made = make(FirewallRules.routed(false));
        }
        if (!made) {
            // A version that knew of no bound may have made the table: what follows needs the set.
            open().commit(new Batch().add(FirewallSets.TRACKED));
        }
        make(FirewallRules.bridged());
    }

    private static boolean cantCount(SandboxException e) {
        return NetlinkSocket.is(e, Errno.ENOENT) || NetlinkSocket.is(e, Errno.EOPNOTSUPP);
    }

    /** False where it is there already, which is another's work: the tables are made whole or not at all. */
    private boolean make(Batch table) throws SandboxException {
        try {
            open().commit(table);
            return true;
        } catch (SandboxException e) {
            if (!NetlinkSocket.is(e, Errno.EEXIST)) {
                throw e;
            }
            return false;
        }
    }

    /** Whether the kernel counts containers' connections, with the rules that are there now. */
    public synchronized boolean boundsConnections() throws SandboxException {
        if (bounding == null) {
            bounding = open().has(FirewallSets.FULL);
        }
        return bounding;
    }

    private void commit(Supplier<Batch> change) throws SandboxException {
        try {
            open().commit(change.get());
        } catch (SandboxException e) {
            if (!NetlinkSocket.is(e, Errno.ENOENT)) {
                throw e;
            }
            rebuild();
        }
    }

    /** Somebody has removed a table. Where this JVM has nothing on the host, or is about to end, that is right. */
    private synchronized void restore() throws SandboxException {
        bounding = null;
        if (!networks.isEmpty() && watch != null) {
            rebuild();
        }
    }

    /** Whole, with all that this JVM has. */
    private void rebuild() throws SandboxException {
        install();
        Batch all = new Batch();
        networks.values().forEach(network -> add(network, all));
        guests.values().forEach(guest -> add(guest, all));
        open().commit(all);
    }

    private static Batch add(Network network, Batch batch) {
        String bridge = network.bridge();
        batch.add(FirewallSets.BRIDGES, List.of(key(bridge))).add(FirewallSets.SAME, List.of(pair(bridge)));
        if (network.internal()) {
            batch.add(FirewallSets.INTERNAL, List.of(key(bridge)));
        }
        return network.isolated() ? batch : batch.add(FirewallSets.PAIRS, List.of(pair(bridge)));
    }

    /** What the address's owner before has of connections that the kernel still tracks is not counted as this one's. */
    private static Batch uncounted(Guest guest, boolean bounded) {
        List<Element> counted = List.of(Element.of(new Fields().bytes(guest.mac())));
        Batch batch = new Batch();
        // Only what is there can be deleted.
        batch.add(FirewallSets.TRACKED, counted).delete(FirewallSets.TRACKED, counted);
        return bounded ? batch.add(FirewallSets.FULL, counted).delete(FirewallSets.FULL, counted) : batch;
    }

    private static Batch add(Guest guest, Batch batch) {
        guest.elements().forEach(batch::add);
        return batch;
    }

    /** Each by itself: one that is not there is none to delete. */
    private void delete(List<NfSet> sets, List<Element> elements) throws SandboxException {
        for (NfSet set : sets) {
            for (Element element : elements) {
                try {
                    open().commit(new Batch().delete(set, List.of(element)));
                } catch (SandboxException e) {
                    if (!NetlinkSocket.is(e, Errno.ENOENT)) {
                        throw e;
                    }
                }
            }
        }
    }

    private static Element key(String bridge) {
        return Element.of(new Fields().networkInterface(bridge));
    }

    private static Element pair(String bridge) {
        return Element.of(new Fields().networkInterface(bridge).networkInterface(bridge));
    }

    @Override
    public synchronized void close() {
        if (watch != null) {
            watch.close();
            watch = null;
        }
        if (nftables != null) {
            nftables.close();
            nftables = null;
        }
    }
}
