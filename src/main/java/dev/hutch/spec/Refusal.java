// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

/**
 * What a sandbox wanted to reach and its {@link Egress} list did not allow. Immutable.
 *
 * @param name that was asked for; of an address, a name that it was given for before, else empty
 * @param address that packets were sent to, or that a name was refused for; empty where the name itself was refused
 * @param protocol {@code tcp}, {@code udp} or an IP protocol's number; empty where no packet was sent
 * @param port that packets were sent to; 0 where there is none
 * @param count how often: questions, or packets
 * @since 0.1
 */
public record Refusal(String name, String address, String protocol, int port, long count) {
    /** For people, such as {@code example.org} or {@code 192.0.2.1:443/tcp}. */
    public String inWords() {
        if (address.isEmpty()) {
            return name;
        }
        String host = address.contains(":") && port != 0 ? "[" + address + "]" : address;
        String place = host + (port == 0 ? "" : ":" + port) + (protocol.isEmpty() ? "" : "/" + protocol);
        return name.isEmpty() ? place : name + " (" + place + ")";
    }
}
