// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the sandbox can reach. Immutable.
 *
 * @param kind where its network interfaces come from
 * @param name of the bridge network, of the container, the namespace's path, or of the program that carries a user
 *     network's traffic; empty where the kind has none, or any will do
 * @param dns the servers that names are asked of, from the host's network, one after the other; empty, the default, for
 *     the host's own (resolv.conf(5)); up to 3, on bridge and user networks
 * @param egress all that may be reached; null, the default, for no such list; on bridge and user networks
 * @param ports of the host's that lead to the sandbox's; empty, the default, for none; on bridge and user networks
 * @param hostServices whether programs that listen on the host, on whatever address of its, are within reach, and link-local
 *     addresses beyond it; default false; on bridge networks
 * @param priority of the packets that it sends, for the host's queueing disciplines (tc(8), SO_PRIORITY of socket(7)): 0, the
 *     default, for the kernel's own choice, else 1 to 2,147,483,647. On bridge networks for what leaves the network; with the
 *     host's by cgroup v1's net_prio, on the interfaces that there are at the start
 * @param mark of the same packets: 0, the default, for none, else 1 to 2,147,483,647. On bridge networks the mark that rules
 *     and tc filters see; with the host's the class of cgroup v1's net_cls, {@code MAJOR << 16 | MINOR}
 * @param rate how fast it may send and receive; {@link NetworkRate#UNLIMITED}, the default, for as fast as it can; on bridge
 *     networks
 * @since 0.1
 */
public record Network(
        Kind kind,
        String name,
        List<InetAddress> dns,
        @Nullable Egress egress,
        List<PortMapping> ports,
        boolean hostServices,
        int priority,
        int mark,
        NetworkRate rate) {
    /** A network namespace of its own in which only loopback exists. The default. */
    public static final Network NONE = new Network(Kind.NONE, "");

    /** The host's network namespace. */
    public static final Network HOST = new Network(Kind.HOST, "");

    private static final String NAME = "[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}";
    private static final int MOST_SERVERS = 3;
    private static final String DEFAULT_BRIDGE = "default";

    /** Where a sandbox's network interfaces come from. @since 0.1 */
    public enum Kind {
        /** Nowhere: only loopback exists. */
        NONE("none"),
        /** They are the host's. */
        HOST("host"),
        /** It has one on a bridge of the host's, with an address of its own. */
        BRIDGE("bridge"),
        /** They are another container's. */
        CONTAINER("container"),
        /** They are those of a network namespace that somebody else made. */
        NAMESPACE("ns"),
        /** It has one that a helper program of the user's serves; for users other than root. */
        USER("user");

        private final String word;

        Kind(String word) {
            this.word = word;
        }

        /** As the command line and spec files have it. */
        @Override
        public String toString() {
            return word;
        }
    }

    /**
     * Checks its parts.
     *
     * @throws NullPointerException if one is null
     * @throws IllegalArgumentException if the name, or an option, doesn't fit the kind
     */
    public Network {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(name, "name");
        dns = List.copyOf(dns);
        Range.check("number of DNS servers", dns.size(), 0, MOST_SERVERS);
        ports = List.copyOf(ports);
        Range.check("priority", priority, 0, Integer.MAX_VALUE);
        Range.check("mark", mark, 0, Integer.MAX_VALUE);
        if (!(dns.isEmpty() && egress == null) && kind != Kind.BRIDGE && kind != Kind.USER) {
            throw new IllegalArgumentException(
                    "network '" + kind + "' has no dns and no egress list: only bridge and user networks can keep one");
        }
        if (!ports.isEmpty() && kind != Kind.BRIDGE && kind != Kind.USER) {
            throw new IllegalArgumentException(
                    "network '" + kind
                            + "' publishes no ports: only bridge and user networks do, and with host they are the host's already");
        }
        if ((hostServices || rate.isLimited()) && kind != Kind.BRIDGE) {
            throw new IllegalArgumentException(
                    "network '" + kind + "' has no host services and no rate: only bridge networks do");
        }
        if ((priority != 0 || mark != 0) && kind != Kind.BRIDGE && kind != Kind.HOST) {
            throw new IllegalArgumentException(
                    "network '" + kind + "' has no priority and no mark: only bridge networks and the host's do");
        }
        boolean fits = switch (kind) {
            case NONE, HOST -> name.isEmpty();
            case USER -> name.matches("|pasta|slirp4netns");
            case BRIDGE, CONTAINER -> name.matches(NAME);
            case NAMESPACE -> name.startsWith("/");
        };
        if (!fits) {
            throw new IllegalArgumentException("network '" + kind + ":" + name + "': "
                    + (kind == Kind.NAMESPACE
                            ? "the path must be absolute"
                            : kind == Kind.USER
                                    ? "the program is pasta or slirp4netns"
                                    : name.isEmpty() || kind == Kind.BRIDGE || kind == Kind.CONTAINER
                                            ? "a name is 1 to 63 letters, digits, _, . and -, and begins with a letter or digit"
                                            : "this kind has no name"));
        }
    }

    /** Without options. */
    public Network(Kind kind, String name) {
        this(kind, name, List.of(), null, List.of(), false, 0, 0, NetworkRate.UNLIMITED);
    }

    /**
     * The same, whose sandboxes reach nothing but what these destinations say, beside those said before.
     *
     * @param destinations as {@link Destination#parse} reads them, such as {@code pypi.org:443}
     * @throws IllegalArgumentException if one is none, or the kind can't keep an egress list
     */
    public Network egress(String... destinations) {
        return egress((egress == null ? Egress.NOTHING : egress).and(destinations));
    }

    /**
     * The same, with that list in place of any before.
     *
     * @throws IllegalArgumentException if the kind can't keep an egress list
     */
    public Network egress(Egress list) {
        return new Network(
                kind, name, dns, Objects.requireNonNull(list, "list"), ports, hostServices, priority, mark, rate);
    }

    /**
     * The same, whose sandboxes' names are asked of these servers, on port 53, and of no others.
     *
     * @throws IllegalArgumentException if there are more than 3, or the kind has none
     */
    public Network dns(InetAddress... servers) {
        return new Network(kind, name, List.of(servers), egress, ports, hostServices, priority, mark, rate);
    }

    /**
     * The same, with ports of the host's that lead to the sandbox's, beside those said before.
     *
     * @param mappings as {@link PortMapping#parse} reads them, such as {@code 8080:80} or {@code 127.0.0.1:5353:53/udp}
     * @throws IllegalArgumentException if one is none, or the kind has none
     */
    public Network publish(String... mappings) {
        return publish(Arrays.stream(mappings).map(PortMapping::parse).toArray(PortMapping[]::new));
    }

    /**
     * The same, with ports of the host's that lead to the sandbox's, beside those said before.
     *
     * @throws IllegalArgumentException if the kind has none
     */
    public Network publish(PortMapping... mappings) {
        List<PortMapping> all = new ArrayList<>(ports);
        all.addAll(List.of(mappings));
        return new Network(kind, name, dns, egress, all, hostServices, priority, mark, rate);
    }

    /**
     * The same, from which the host's own services can be reached, or can't.
     *
     * @throws IllegalArgumentException if the kind can't tell
     */
    public Network hostServices(boolean reachable) {
        return new Network(kind, name, dns, egress, ports, reachable, priority, mark, rate);
    }

    /**
     * The same, whose packets have that priority.
     *
     * @param number 0 to 2,147,483,647; {@code MAJOR << 16 | MINOR} is the number of tc's class {@code MAJOR:MINOR}
     * @throws IllegalArgumentException if it is out of range, or the kind has none
     */
    public Network priority(int number) {
        return new Network(kind, name, dns, egress, ports, hostServices, number, mark, rate);
    }

    /**
     * The same, whose packets have that mark.
     *
     * @param number 0 to 2,147,483,647
     * @throws IllegalArgumentException if it is out of range, or the kind has none
     */
    public Network mark(int number) {
        return new Network(kind, name, dns, egress, ports, hostServices, priority, number, rate);
    }

    /**
     * The same, whose sandboxes send and receive no faster.
     *
     * @throws IllegalArgumentException if the kind can't tell
     */
    public Network rate(NetworkRate most) {
        return new Network(kind, name, dns, egress, ports, hostServices, priority, mark, most);
    }

    /** Whether all that there is to say of it is its kind and name. */
    public boolean isPlain() {
        return equals(new Network(kind, name));
    }

    /** The bridge network that all sandboxes share that name none. */
    public static Network bridge() {
        return bridge(DEFAULT_BRIDGE);
    }

    /**
     * A bridge network of this host's, by name; made when it is first used. Needs root.
     *
     * @throws IllegalArgumentException if it is not 1 to 63 letters, digits, {@code _}, {@code .} and {@code -}, the first a
     *     letter or digit
     */
    public static Network bridge(String name) {
        return new Network(Kind.BRIDGE, name);
    }

    /**
     * The network namespace of a running sandbox, by its name. Needs root.
     *
     * @throws IllegalArgumentException if it is no name, as for {@link #bridge(String)}
     */
    public static Network container(String name) {
        return new Network(Kind.CONTAINER, name);
    }

    /**
     * An existing network namespace, by the path of a file that is bound to it or of a process's. Needs root.
     *
     * @throws IllegalArgumentException if it is not absolute
     */
    public static Network namespace(String path) {
        return new Network(Kind.NAMESPACE, path);
    }

    /**
     * One that a program of the user's own carries over its sockets, which needs no rights: pasta, or slirp4netns where
     * that is not installed. The host's loopback is not within reach.
     */
    public static Network user() {
        return user("");
    }

    /**
     * The same through one of the two.
     *
     * @param program {@code pasta} or {@code slirp4netns}; empty for either
     * @throws IllegalArgumentException if it is neither
     */
    public static Network user(String program) {
        return new Network(Kind.USER, program);
    }

    /**
     * Reads what the command line and spec files have: {@code none}, {@code host}, {@code bridge[:NAME]},
     * {@code user[:PROGRAM]}, {@code container:NAME} or {@code ns:PATH}.
     *
     * @throws IllegalArgumentException if it is something else
     */
    public static Network parse(String text) {
        int colon = text.indexOf(':');
        String word = colon < 0 ? text : text.substring(0, colon);
        String name = colon < 0 ? "" : text.substring(colon + 1);
        for (Kind kind : Kind.values()) {
            if (kind.word.equals(word) && (colon < 0 || !name.isEmpty())) {
                return new Network(kind, kind == Kind.BRIDGE && colon < 0 ? DEFAULT_BRIDGE : name);
            }
        }
        throw new IllegalArgumentException(
                "network '" + text + "' is not one of none, host, bridge, bridge:NAME, user, container:NAME, ns:PATH");
    }

    /** Whether the network namespace is the sandbox's own, new and empty. */
    public boolean isOwn() {
        return kind == Kind.NONE || kind == Kind.BRIDGE || kind == Kind.USER;
    }

    /** Whether the network namespace is another's, which the sandbox joins, and not the host's. */
    public boolean isJoined() {
        return kind == Kind.CONTAINER || kind == Kind.NAMESPACE;
    }

    /** Its kind and name as {@link #parse} reads them, without options. */
    @Override
    public String toString() {
        return name.isEmpty() || (kind == Kind.BRIDGE && name.equals(DEFAULT_BRIDGE))
                ? kind.word
                : kind.word + ":" + name;
    }
}
