// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import static dev.hutch.cli.Option.flag;
import static dev.hutch.cli.Option.valued;

import dev.hutch.spec.AddressRange;
import dev.hutch.spec.Destination;
import dev.hutch.spec.Network;
import dev.hutch.spec.NetworkRate;
import dev.hutch.spec.PortMapping;
import java.net.InetAddress;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** The options of {@code hutch run} about the network; those beside its kind may come before it. */
final class NetworkOptions {
    private final RunRequest request;

    private NetworkOptions(RunRequest request) {
        this.request = request;
    }

    static List<Option> of(RunRequest request) {
        return new NetworkOptions(request).all();
    }

    private List<Option> all() {
        return List.of(
                valued(
                        "--net --network",
                        "none|host|bridge[:NAME]|user[:PROGRAM]|container:NAME|ns:PATH",
                        "none (the default) has loopback only",
                        this::kind),
                valued(
                        "--egress",
                        "HOST[:PORT]",
                        "what may be reached, and nothing else: a name, *.NAME, an address, ADDRESS/PREFIX",
                        text -> egress(Destination.parse(text))),
                valued(
                        "--dns",
                        "ADDRESS",
                        "a server to ask for names (default: the host's); up to 3",
                        text -> dns(address(text))),
                valued(
                        "-p --publish",
                        "[[IP:]HOST:]CONTAINER[/tcp|udp]",
                        "port of the host's, or a range, that leads inside; HOST 0 is any free one",
                        text -> publish(PortMapping.parse(text))),
                flag(
                        "--host-services",
                        "what listens on the host is within reach of a bridge network",
                        () -> option(network -> network.hostServices(true))),
                valued(
                        "--network-priority",
                        "NUMBER",
                        "priority of what it sends from a bridge or the host, for tc",
                        text -> priority(Texts.integer(text))),
                valued(
                        "--network-mark",
                        "NUMBER",
                        "mark of the same packets; with the host's network their class",
                        text -> mark(Texts.integer(text))),
                valued(
                        "--network-rate",
                        "up=SIZE,down=SIZE",
                        "bytes a second on a bridge network, either alone too",
                        text -> rate(NetworkRate.parse(text))));
    }

    private void kind(String text) {
        request.network = Network.parse(text);
        request.sandbox.network(request.network);
    }

    private void egress(Destination reached) {
        option(network -> network.egress(reached.toString()));
    }

    private void dns(InetAddress server) {
        option(network -> network.dns(
                Stream.concat(network.dns().stream(), Stream.of(server)).toArray(InetAddress[]::new)));
    }

    private static InetAddress address(String text) {
        AddressRange address = AddressRange.parse(text);
        if (address == null || !address.isSingle()) {
            throw new IllegalArgumentException("'" + text + "' is no IPv4 or IPv6 address");
        }
        return address.first();
    }

    private void publish(PortMapping port) {
        option(network -> network.publish(port));
    }

    private void priority(int number) {
        option(network -> network.priority(number));
    }

    private void mark(int number) {
        option(network -> network.mark(number));
    }

    private void rate(NetworkRate most) {
        option(network -> network.rate(most));
    }

    private void option(UnaryOperator<Network> said) {
        request.networkOptions.add(said);
    }
}
