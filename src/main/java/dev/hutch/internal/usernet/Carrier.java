// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.usernet;

import dev.hutch.internal.dns.Resolvers;
import dev.hutch.spec.PortMapping;
import dev.hutch.spec.SandboxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A program that carries the traffic of a network namespace. It makes eth0 in there, which it reads and writes, and speaks
 * with the world through sockets as any program of the user's does: nobody needs rights for that. Started with the network
 * namespace as its standard input, it writes to standard output once all is set up.
 */
public sealed interface Carrier permits Pasta, Slirp4netns {
    /** The interface inside. */
    String INTERFACE = "eth0";

    /** Where both find the namespace. */
    String NAMESPACE = "/proc/self/fd/0";

    /** Where they say that they are ready. */
    String READY = "/proc/self/fd/1";

    /** Folders in which Debian has them; what PATH holds is the caller's, and this program gets rights of the sandbox's. */
    List<Path> FOLDERS = List.of(Path.of("/usr/bin"), Path.of("/usr/local/bin"));

    /** Its file. */
    Path program();

    /** Program and arguments. */
    List<String> words(Resolvers host, List<PortMapping> ports);

    /**
     * Publishes what its words could not, once it is ready.
     *
     * @param root where its root directory is to be seen
     */
    default void publish(Path root, List<PortMapping> ports) throws SandboxException {}

    /**
     * The name servers that programs inside are to ask.
     *
     * @throws SandboxException if there is no way to any from there
     */
    default List<String> nameservers(Resolvers host) throws SandboxException {
        if (host.servers().isEmpty() || !host.reachable().isEmpty()) {
            return host.reachable();
        }
        return List.of(onLoopback(host)
                .orElseThrow(() -> new SandboxException(
                        "--network user",
                        "",
                        null,
                        "the name server " + host.servers().get(0) + " listens on the host's loopback, to which"
                                + " no way leads from inside: name another by --dns")));
    }

    /** What stands inside for a server that listens on the host's loopback alone; empty where nothing can. */
    Optional<String> onLoopback(Resolvers host);

    /** What is said of a failure, by a text in what the program wrote. */
    Map<String, String> cures();

    /**
     * The one that was asked for; else pasta where both are installed, since it is the faster one.
     *
     * @param name of the program; empty for any
     * @throws SandboxException naming the packages, where it is not installed
     */
    static Carrier find(String name, List<Path> folders) throws SandboxException {
        Optional<Carrier> pasta = name.equals("slirp4netns")
                ? Optional.empty()
                : program("pasta", folders).map(Pasta::new);
        Optional<Carrier> slirp = name.equals("pasta")
                ? Optional.empty()
                : program("slirp4netns", folders).map(Slirp4netns::new);
        return pasta.or(() -> slirp)
                .orElseThrow(() -> new SandboxException(
                        "--network user",
                        "",
                        null,
                        (name.isEmpty() ? "neither pasta nor slirp4netns" : name) + " is not installed:"
                                + " apt-get install passt (for pasta) or slirp4netns"));
    }

    private static Optional<Path> program(String name, List<Path> folders) {
        return folders.stream()
                .map(folder -> folder.resolve(name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** What became of it, from what it wrote. */
    default SandboxException failed(String said) {
        String cure = cures().entrySet().stream()
                .filter(each -> said.contains(each.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("see what it says");
        return new SandboxException("--network user", program() + " (" + lastWords(said) + ")", null, cure);
    }

    private static String lastWords(String said) {
        List<String> lines = said.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.contains("to syslog"))
                .toList();
        return lines.isEmpty() ? "it said nothing" : lines.get(lines.size() - 1);
    }
}
