// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.dns;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.spec.Errno;
import java.util.ArrayList;
import java.util.List;

/**
 * Whom the programs inside are to ask for names: whom the host asks, or others that the caller named; resolv.conf(5).
 * Immutable.
 *
 * @param servers addresses, in order
 * @param others search and options lines
 * @param hosts whether it is the host's own
 */
public record Resolvers(List<String> servers, List<String> others, boolean hosts) {
    public static final String FILE = "/etc/resolv.conf";

    /** Where systemd-resolved, which listens on the host's loopback alone, has the servers that it asks itself. */
    private static final String BEHIND_RESOLVED = "/run/systemd/resolve/resolv.conf";

    public Resolvers {
        servers = List.copyOf(servers);
        others = List.copyOf(others);
    }

    /** The host's, as its own programs ask them; none where it has no such file. */
    public static Resolvers own(KernelFiles files) throws KernelException {
        return read(files, FILE);
    }

    /** The host's, those that more than its own programs can ask first. */
    public static Resolvers read(KernelFiles files) throws KernelException {
        Resolvers own = own(files);
        if (own.servers.isEmpty() || !own.reachable().isEmpty()) {
            return own;
        }
        Resolvers behind = read(files, BEHIND_RESOLVED);
        return behind.reachable().isEmpty() ? own : behind;
    }

    private static Resolvers read(KernelFiles files, String file) throws KernelException {
        try {
            return parse(files.read(file));
        } catch (KernelException refusal) {
            if (refusal.is(Errno.ENOENT)) {
                return parse("");
            }
            throw refusal;
        }
    }

    /** Those that the caller names. */
    public static Resolvers of(List<String> servers) {
        return new Resolvers(servers, List.of(), false);
    }

    public static Resolvers parse(String text) {
        List<String> servers = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (String line : text.lines().map(String::strip).toList()) {
            String[] words = line.split("\\s+");
            if (words[0].equals("nameserver") && words.length > 1) {
                servers.add(words[1]);
            } else if (words[0].equals("search") || words[0].equals("options")) {
                others.add(line);
            }
        }
        return new Resolvers(servers, others, true);
    }

    /** Those that another network namespace can ask as well. */
    public List<String> reachable() {
        return servers.stream().filter(server -> !isLoopback(server)).toList();
    }

    private static boolean isLoopback(String address) {
        return address.startsWith("127.") || address.equals("::1") || address.equals("0.0.0.0");
    }

    /** A resolv.conf with other servers. */
    public String with(List<String> nameservers) {
        StringBuilder text = new StringBuilder();
        nameservers.forEach(server -> text.append("nameserver ").append(server).append('\n'));
        others.forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }
}
