// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.LockFile;
import dev.hutch.spec.BridgeNetwork;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.io.File;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Gives out the addresses of one network, each once among all JVMs: who has the lock of the file that is named after it
 * has the address. The file says whose it is. Thread-safe.
 */
final class Leases {
    private final Kernel kernel;
    private final NetworkConfig network;
    private final String folder;
    private final Dead dead;
    private long next;

    /** Whom the addresses of JVMs that were killed are told, before they are given to others. */
    interface Dead {
        void forget(String ipv4) throws SandboxException;
    }

    Leases(Kernel kernel, NetworkConfig network, String folder, Dead dead) {
        this.kernel = kernel;
        this.network = network;
        this.folder = folder;
        this.dead = dead;
        // A random start spares JVMs that run at the same time from trying each other's.
        this.next = first() + ThreadLocalRandom.current().nextLong(count());
    }

    /** Neither the network's own address, nor the bridge's. */
    private static long first() {
        return 2;
    }

    /** Nor the broadcast's. */
    private long count() {
        return network.ipv4().size() - 1 - first();
    }

    /**
     * An address that nobody has.
     *
     * @param names by which other containers find it
     */
    synchronized Lease take(List<String> names) throws SandboxException {
        for (long tried = 0; tried < count(); tried++) {
            long number = next;
            next = next + 1 < first() + count() ? next + 1 : first();
            InetAddress ipv4 = network.ipv4().address(number);
            Optional<LockFile> mine = make(folder + "/" + ipv4.getHostAddress());
            if (mine.isPresent()) {
                return named(new Lease(ipv4, ipv6(number), mine.get(), this), mine.get(), names);
            }
        }
        throw new SandboxException(
                "take",
                "an address of network " + network.name(),
                null,
                "all " + count() + " of " + network.ipv4() + " are in use: make a network with a larger subnet");
    }

    private static Lease named(Lease lease, LockFile file, List<String> names) throws SandboxException {
        try {
            file.append(String.join(" ", names));
            return lease;
        } catch (SandboxException | RuntimeException e) {
            lease.close();
            throw e;
        }
    }

    /** A file that is there already was a dead JVM's, and tells of its container. */
    private Optional<LockFile> make(String path) throws SandboxException {
        boolean fresh = !new File(path).exists();
        Optional<LockFile> taken = LockFile.tryMake(kernel, path);
        if (fresh || taken.isEmpty()) {
            return taken;
        }
        try (LockFile left = taken.get()) {
            dead.forget(new File(path).getName());
            left.delete();
        }
        return LockFile.tryMake(kernel, path);
    }

    private @Nullable InetAddress ipv6(long number) {
        return network.ipv6() == null ? null : network.ipv6().address(number);
    }

    /** The addresses of the containers with this name; a host name is one. */
    List<InetAddress> lookup(String name) throws SandboxException {
        return members(names -> names.stream().anyMatch(name::equalsIgnoreCase)).stream()
                .flatMap(member -> member.addresses().stream())
                .toList();
    }

    /** All containers of the network that live. */
    List<BridgeNetwork.Member> members() throws SandboxException {
        return members(names -> true);
    }

    /** A file that nobody holds is a dead JVM's; one that says nothing is just being made. */
    private List<BridgeNetwork.Member> members(Predicate<List<String>> wanted) throws SandboxException {
        List<BridgeNetwork.Member> members = new ArrayList<>();
        String[] addresses = new File(folder).list();
        for (String address : addresses == null ? new String[0] : addresses) {
            String path = folder + "/" + address;
            List<String> names = names(path);
            if (!names.isEmpty() && wanted.test(names) && isHeld(path)) {
                members.add(new BridgeNetwork.Member(names, addresses(address)));
            }
        }
        return members;
    }

    private List<InetAddress> addresses(String text) {
        InetAddress ipv4 = Subnet.parse(text + "/32").first();
        InetAddress ipv6 = ipv6(network.ipv4().number(ipv4));
        return ipv6 == null ? List.of(ipv4) : List.of(ipv4, ipv6);
    }

    private List<String> names(String path) throws KernelException {
        try {
            return Arrays.stream(kernel.read(path).split("\\s+"))
                    .filter(name -> !name.isEmpty())
                    .toList();
        } catch (KernelException e) {
            if (e.is(Errno.ENOENT)) {
                return List.of();
            }
            throw e;
        }
    }

    private boolean isHeld(String path) throws KernelException {
        Optional<LockFile> free = LockFile.tryTake(kernel, path);
        free.ifPresent(LockFile::close);
        return free.isEmpty();
    }
}
