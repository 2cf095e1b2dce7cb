// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.usernet;

/**
 * A port of the host's that leads inside.
 *
 * @param address of the host's, or empty for all of them
 * @param hostPort on the host
 * @param containerPort inside
 * @param udp else it is TCP
 */
public record Forward(String address, int hostPort, int containerPort, boolean udp) {
    @Override
    public String toString() {
        return (address.isEmpty() ? "" : address + ":") + hostPort + ":" + containerPort + (udp ? "/udp" : "/tcp");
    }
}
