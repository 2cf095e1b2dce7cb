// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import static dev.hutch.cli.Option.flag;
import static dev.hutch.cli.Option.valued;

import com.grack.nanojson.JsonStringWriter;
import com.grack.nanojson.JsonWriter;
import dev.hutch.Networks;
import dev.hutch.spec.AddressRange;
import dev.hutch.spec.BridgeNetwork;
import dev.hutch.spec.SandboxException;
import java.util.List;

/** {@code hutch network}: the bridge networks of this host. */
final class NetworkCommand {
    private static final String USAGE = "hutch network create [OPTIONS] NAME, ls, inspect NAME, rm NAME... or prune";

    private List<String> names = List.of();
    private boolean help;

    int run(List<String> words, Console console) throws UsageException, SandboxException {
        String command = words.isEmpty() ? "" : words.get(0);
        List<String> rest = words.isEmpty() ? words : words.subList(1, words.size());
        try {
            switch (command) {
                case "create" -> create(rest, console);
                case "ls" -> {
                    counted(rest, 0, 0);
                    list(console);
                }
                case "inspect" -> inspect(counted(rest, 1, 1).get(0), console);
                case "rm" -> remove(counted(rest, 1, Integer.MAX_VALUE));
                case "prune" -> {
                    counted(rest, 0, 0);
                    Networks.prune().forEach(console::print);
                }
                case "--help", "-h" -> console.print(Help.network(options(Networks.builder("none"))));
                default -> throw new UsageException("usage: " + USAGE);
            }
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
        return ExitStatus.OK;
    }

    private static List<String> counted(List<String> words, int least, int most) throws UsageException {
        if (words.size() < least || words.size() > most) {
            throw new UsageException("usage: " + USAGE);
        }
        return words;
    }

    private void create(List<String> words, Console console) throws UsageException, SandboxException {
        // The name comes last, and what it is made with is checked before anything is.
        Networks.Builder network = Networks.builder(words.isEmpty() ? "none" : words.get(words.size() - 1));
        Arguments.of("hutch network create", options(network), rest -> names = rest, () -> help = true)
                .parse(words);
        if (help) {
            console.print(Help.network(options(network)));
            return;
        }
        counted(names, 1, 1);
        console.print(network.create().name());
    }

    private List<Option.Group> options(Networks.Builder network) {
        return List.of(new Option.Group(
                "Options of create",
                List.of(
                        valued(
                                "--subnet",
                                "CIDR",
                                "its addresses; may be given once for IPv4 and once for IPv6",
                                text -> network.subnet(range(text))),
                        flag("--no-ipv6", "IPv4 only", () -> network.ipv6(false)),
                        flag("--internal", "it leads nowhere but to its own sandboxes", () -> network.internal(true)),
                        flag("--isolated", "its sandboxes can't reach one another", () -> network.isolated(true)))));
    }

    private static AddressRange range(String text) {
        AddressRange range = AddressRange.parse(text);
        if (range == null) {
            throw new IllegalArgumentException("'" + text + "' is not an address with a prefix, such as 10.9.0.0/24");
        }
        return range;
    }

    private static void list(Console console) throws SandboxException {
        console.print(String.format("%-20s %-16s %-20s %-24s %s", "NAME", "BRIDGE", "IPV4", "IPV6", "SANDBOXES"));
        for (BridgeNetwork network : Networks.list()) {
            console.print(String.format(
                    "%-20s %-16s %-20s %-24s %d",
                    network.name(),
                    network.bridge(),
                    network.ipv4(),
                    network.ipv6() == null ? "-" : network.ipv6(),
                    network.members().size()));
        }
    }

    private static void inspect(String name, Console console) throws SandboxException {
        BridgeNetwork network = Networks.find(name)
                .orElseThrow(() -> new SandboxException(
                        "inspect network", name, null, "there is none of that name: `hutch network ls` lists them"));
        JsonStringWriter json = JsonWriter.indent("  ")
                .string()
                .object()
                .value("name", network.name())
                .value("bridge", network.bridge())
                .value("ipv4", network.ipv4().toString())
                .value("ipv6", network.ipv6() == null ? null : network.ipv6().toString())
                .value("mtu", network.mtu())
                .value("internal", network.internal())
                .value("isolated", network.isolated())
                .value("kept", network.kept())
                .array("members");
        for (BridgeNetwork.Member member : network.members()) {
            json.object().array("names", member.names());
            json.array(
                    "addresses",
                    member.addresses().stream()
                            .map(each -> AddressRange.of(each).toString())
                            .toList());
            json.end();
        }
        console.print(json.end().end().done());
    }

    private static void remove(List<String> names) throws SandboxException {
        for (String name : names) {
            Networks.remove(name);
        }
    }
}
