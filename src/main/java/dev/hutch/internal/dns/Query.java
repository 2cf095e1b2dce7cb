// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.dns;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * One question, as a program in a sandbox sent it, and the answers to it. Nothing of it but name, type and a few bits is
 * ever sent on. Immutable.
 */
public final class Query {
    public static final int A = 1;
    public static final int AAAA = 28;

    public static final int NO_ERROR = 0;
    public static final int FORMAT_ERROR = 1;
    public static final int SERVER_FAILURE = 2;
    public static final int NO_SUCH_NAME = 3;
    public static final int NOT_IMPLEMENTED = 4;
    public static final int REFUSED = 5;

    /** What a datagram has without EDNS (RFC 1035), and what passes every path with it (DNS flag day 2020). */
    static final int PLAIN_ROOM = 512;

    static final int EDNS_ROOM = 1_232;

    private static final int HEADER = 12;
    private static final int INTERNET = 1;
    private static final int OPT = 41;
    private static final int RESPONSE = 0x8000;
    private static final int OPCODE = 0x7800;
    private static final int TRUNCATED = 0x0200;
    private static final int RECURSION_DESIRED = 0x0100;
    private static final int RECURSION_AVAILABLE = 0x0080;
    private static final int CHECKING_DISABLED = 0x0010;
    private static final int DNSSEC_OK = 0x8000;
    private static final int EXTENDED_ERROR = 15;
    private static final int PROHIBITED = 18;

    private final int id;
    private final int flags;
    private final byte[] question;
    private final String name;
    private final int type;
    private final int room;
    private final boolean extended;
    private final boolean dnssec;

    private Query(int id, int flags, byte[] question, String name, int type, int room, boolean dnssec) {
        this.id = id;
        this.flags = flags;
        this.question = question;
        this.name = name;
        this.type = type;
        this.extended = room > 0;
        this.room = Math.max(PLAIN_ROOM, Math.min(EDNS_ROOM, room));
        this.dnssec = dnssec;
    }

    /**
     * Reads a question.
     *
     * @throws MalformedException if it is not one question of the internet class; {@link #refusal} may answer it
     */
    public static Query parse(byte[] message) throws MalformedException {
        WireReader in = new WireReader(message, 0);
        int id = in.number();
        int flags = in.number();
        int[] counts = {in.number(), in.number(), in.number(), in.number()};
        if ((flags & (RESPONSE | OPCODE | TRUNCATED)) != 0 || counts[0] != 1 || counts[1] != 0 || counts[2] != 0) {
            throw new MalformedException("no question");
        }
        String name = in.name();
        int type = in.number();
        if (in.number() != INTERNET) {
            throw new MalformedException("another class");
        }
        byte[] question = Arrays.copyOfRange(message, HEADER, in.position());
        int room = 0;
        boolean dnssec = false;
        for (int i = 0; i < counts[3]; i++) {
            boolean root = in.name().isEmpty();
            boolean opt = in.number() == OPT && root;
            int size = in.number();
            in.number();
            int bits = in.number();
            in.skip(in.number());
            if (opt) {
                room = Math.max(size, PLAIN_ROOM);
                dnssec = (bits & DNSSEC_OK) != 0;
            }
        }
        return new Query(id, flags, question, name, type, room, dnssec);
    }

    /** An answer to what {@link #parse} refused: the error alone; empty where it isn't even a query. */
    public static byte[] refusal(byte[] message, int error) {
        if (message.length < HEADER || (message[2] & 0x80) != 0) {
            return new byte[0];
        }
        byte[] answer = new byte[HEADER];
        answer[0] = message[0];
        answer[1] = message[1];
        answer[2] = (byte) (0x80 | (message[2] & 0x79));
        answer[3] = (byte) error;
        return answer;
    }

    /** In lower case, without a dot at its end; see {@link WireReader#name}. */
    public String name() {
        return name;
    }

    public int type() {
        return type;
    }

    /** How many bytes an answer in a datagram may have. */
    int room() {
        return room;
    }

    /** The question as a server is asked: in lower case, so that not even that carries anything. */
    byte[] forServer(int serverId) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        number(out, serverId);
        number(out, RECURSION_DESIRED | (flags & CHECKING_DISABLED));
        counts(out, 0, extended);
        out.writeBytes(lowerCase());
        if (extended) {
            options(out, new byte[0]);
        }
        return out.toByteArray();
    }

    private byte[] lowerCase() {
        byte[] lower = question.clone();
        // A length is at most 63, and so never a capital's number, but 65 and more are.
        for (int i = 0; i < lower.length - 4; i++) {
            if (lower[i] >= 'A' && lower[i] <= 'Z') {
                lower[i] = (byte) (lower[i] + 32);
            }
        }
        return lower;
    }

    /** Whether a message that came from a server has this question, asked under that number. */
    boolean isAskedBy(byte[] message, int serverId) {
        if (message.length < HEADER + question.length) {
            return false;
        }
        return (message[0] & 0xff) == serverId >> 8
                && (message[1] & 0xff) == (serverId & 0xff)
                && (message[2] & 0x80) != 0
                && message[4] == 0
                && message[5] == 1
                && Arrays.equals(message, HEADER, HEADER + question.length, lowerCase(), 0, question.length);
    }

    /** A server's answer as ours: with the number and the letters of who asked. */
    public byte[] relayed(byte[] message) {
        byte[] answer = message.clone();
        answer[0] = (byte) (id >> 8);
        answer[1] = (byte) id;
        System.arraycopy(question, 0, answer, HEADER, question.length);
        return answer;
    }

    /** What fits into a datagram: the answer, or that it is to be asked for over TCP. */
    public byte[] fitted(byte[] answer) {
        return answer.length <= room ? answer : overTcp();
    }

    /** That the answer is to be asked for over TCP. */
    public byte[] overTcp() {
        return error(NO_ERROR | TRUNCATED);
    }

    /** An error, or that there is nothing of that type. */
    public byte[] error(int code) {
        return answer(code, List.of(), 0, new byte[0]);
    }

    /** The name is refused: there is none, and who asks with EDNS is told why (RFC 8914, 18). */
    public byte[] prohibited(int code) {
        ByteArrayOutputStream why = new ByteArrayOutputStream();
        byte[] words = "not on the egress list".getBytes(StandardCharsets.US_ASCII);
        number(why, EXTENDED_ERROR);
        number(why, words.length + 2);
        number(why, PROHIBITED);
        why.writeBytes(words);
        return answer(code, List.of(), 0, why.toByteArray());
    }

    /** Those addresses that are of the type asked for. */
    public byte[] addresses(List<InetAddress> addresses, int timeToLive) {
        int length = type == A ? 4 : 16;
        List<InetAddress> fitting = addresses.stream()
                .filter(each -> type == A || type == AAAA)
                .filter(each -> each.getAddress().length == length)
                .toList();
        return answer(NO_ERROR, fitting, timeToLive, new byte[0]);
    }

    private byte[] answer(int code, List<InetAddress> addresses, int timeToLive, byte[] option) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        number(out, id);
        number(out, RESPONSE | RECURSION_AVAILABLE | (flags & RECURSION_DESIRED) | code);
        counts(out, addresses.size(), extended);
        out.writeBytes(question);
        for (InetAddress address : addresses) {
            number(out, 0xc000 | HEADER);
            number(out, type);
            number(out, INTERNET);
            number(out, timeToLive >> 16);
            number(out, timeToLive);
            number(out, address.getAddress().length);
            out.writeBytes(address.getAddress());
        }
        if (extended) {
            options(out, option);
        }
        return out.toByteArray();
    }

    private static void counts(ByteArrayOutputStream out, int answers, boolean options) {
        number(out, 1);
        number(out, answers);
        number(out, 0);
        number(out, options ? 1 : 0);
    }

    private void options(ByteArrayOutputStream out, byte[] option) {
        out.write(0);
        number(out, OPT);
        number(out, EDNS_ROOM);
        number(out, 0);
        number(out, dnssec ? DNSSEC_OK : 0);
        number(out, option.length);
        out.writeBytes(option);
    }

    private static void number(ByteArrayOutputStream out, int value) {
        out.write(value >> 8);
        out.write(value);
    }
}
