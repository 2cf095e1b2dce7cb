// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import com.grack.nanojson.JsonStringWriter;
import dev.hutch.internal.json.JsonValue;
import dev.hutch.spec.AddressRange;
import dev.hutch.spec.Destination;
import dev.hutch.spec.Egress;
import dev.hutch.spec.Network;
import dev.hutch.spec.NetworkRate;
import dev.hutch.spec.PortMapping;
import dev.hutch.spec.SandboxException;
import java.net.InetAddress;

/** A network in a spec file: its word, or an object where there is more to say. */
final class NetworkJson {
    private static final String KIND = "kind";
    private static final String DNS = "dns";
    private static final String EGRESS = "egress";
    private static final String PORTS = "ports";
    private static final String HOST_SERVICES = "hostServices";
    private static final String PRIORITY = "priority";
    private static final String MARK = "mark";
    private static final String RATE = "rate";

    private NetworkJson() {}

    static Network read(JsonValue value) throws SandboxException {
        if (value.value() instanceof String word) {
            return Network.parse(word);
        }
        value.only(KIND, DNS, EGRESS, PORTS, HOST_SERVICES, PRIORITY, MARK, RATE);
        Network network = value.need(KIND).as(word -> Network.parse(word.text()));
        if (value.field(DNS).isPresent()) {
            network = network.dns(value.need(DNS).list(NetworkJson::address).toArray(InetAddress[]::new));
        }
        if (value.field(EGRESS).isPresent()) {
            network = network.egress(new Egress(
                    value.need(EGRESS).list(each -> Destination.parse(each.text())), null, Egress.NOTHING.patience()));
        }
        if (value.field(PORTS).isPresent()) {
            network = network.publish(value.need(PORTS)
                    .list(each -> each.as(port -> PortMapping.parse(port.text())))
                    .toArray(PortMapping[]::new));
        }
        if (value.field(HOST_SERVICES).isPresent()) {
            network = network.hostServices(value.need(HOST_SERVICES).flag());
        }
        if (value.field(PRIORITY).isPresent()) {
            network = network.priority((int) value.need(PRIORITY).number(0, Integer.MAX_VALUE));
        }
        if (value.field(MARK).isPresent()) {
            network = network.mark((int) value.need(MARK).number(0, Integer.MAX_VALUE));
        }
        if (value.field(RATE).isPresent()) {
            network = network.rate(value.need(RATE).as(rate -> NetworkRate.parse(rate.text())));
        }
        return network;
    }

    private static InetAddress address(JsonValue value) throws SandboxException {
        AddressRange address = AddressRange.parse(value.text());
        if (address == null || !address.isSingle()) {
            throw value.mustBe("an IPv4 or IPv6 address");
        }
        return address.first();
    }

    static void write(JsonStringWriter json, Network network) {
        if (network.isPlain()) {
            json.value("network", network.toString());
            return;
        }
        json.object("network").value(KIND, network.toString());
        if (!network.dns().isEmpty()) {
            json.array(DNS);
            network.dns().forEach(each -> json.value(AddressRange.of(each).toString()));
            json.end();
        }
        Egress egress = network.egress();
        if (egress != null) {
            if (egress.decision() != null) {
                throw new IllegalArgumentException(
                        "an egress decision is code, which a spec file can't have: write the spec without it");
            }
            json.array(EGRESS);
            egress.destinations().forEach(each -> json.value(each.toString()));
            json.end();
        }
        if (!network.ports().isEmpty()) {
            json.array(PORTS);
            network.ports().forEach(each -> json.value(each.toString()));
            json.end();
        }
        if (network.hostServices()) {
            json.value(HOST_SERVICES, true);
        }
        if (network.priority() != 0) {
            json.value(PRIORITY, network.priority());
        }
        if (network.mark() != 0) {
            json.value(MARK, network.mark());
        }
        if (network.rate().isLimited()) {
            json.value(RATE, network.rate().toString());
        }
        json.end();
    }
}
