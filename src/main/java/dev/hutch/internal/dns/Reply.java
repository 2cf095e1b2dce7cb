// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.dns;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a server's answer leads to. Immutable.
 *
 * @param code NOERROR and its kin
 * @param truncated whether the whole is to be had over TCP
 * @param addresses of the name that was asked for, and of those that it is another name for (CNAME): what else the answer
 *     has is nobody's
 * @param timeToLive the shortest of all that led there, in seconds
 */
public record Reply(int code, boolean truncated, List<InetAddress> addresses, int timeToLive) {
    private static final int CNAME = 5;
    private static final int INTERNET = 1;
    private static final int LONGEST_CHAIN = 16;

    /**
     * Reads an answer.
     *
     * @throws MalformedException if it can't be read to the end of its answers
     */
    public static Reply parse(byte[] message, Query query) throws MalformedException {
        WireReader in = new WireReader(message, 2);
        int flags = in.number();
        in.number();
        int answers = in.number();
        in.skip(4);
        in.name();
        in.skip(4);
        Map<String, List<InetAddress>> addresses = new HashMap<>();
        Map<String, String> aliases = new HashMap<>();
        int timeToLive = Integer.MAX_VALUE;
        for (int i = 0; i < answers; i++) {
            String owner = in.name();
            int type = in.number();
            boolean internet = in.number() == INTERNET;
            int lives = in.timeToLive();
            int length = in.number();
            int end = in.position() + length;
            if (internet && type == CNAME) {
                aliases.put(owner, in.name());
            } else if (internet && isAddress(type, length)) {
                addresses.computeIfAbsent(owner, key -> new ArrayList<>()).add(address(in.bytes(length)));
            } else {
                in.skip(length);
            }
            if (in.position() != end) {
                throw new MalformedException("a record is shorter or longer than it says");
            }
            timeToLive = Math.min(timeToLive, lives);
        }
        List<InetAddress> its = followed(query.name(), aliases, addresses);
        return new Reply(flags & 0xf, (flags & 0x0200) != 0, its, answers == 0 ? 0 : timeToLive);
    }

    private static boolean isAddress(int type, int length) {
        return (type == Query.A && length == 4) || (type == Query.AAAA && length == 16);
    }

    private static List<InetAddress> followed(
            String name, Map<String, String> aliases, Map<String, List<InetAddress>> addresses) {
        List<InetAddress> found = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (String at = name; at != null && seen.size() < LONGEST_CHAIN && seen.add(at); at = aliases.get(at)) {
            found.addAll(addresses.getOrDefault(at, List.of()));
        }
        return List.copyOf(found);
    }

    /** An IPv4-mapped IPv6 address is the IPv4 address: that is where packets to it go. */
    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
