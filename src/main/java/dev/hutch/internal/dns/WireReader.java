// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.dns;

/** Reads one message, never past its end. Not thread-safe. */
final class WireReader {
    private static final int LONGEST_NAME = 255;
    private static final int POINTER = 0xc0;

    private final byte[] message;
    private int at;

    WireReader(byte[] message, int at) {
        this.message = message;
        this.at = at;
    }

    int position() {
        return at;
    }

    int octet() throws MalformedException {
        return octet(at++);
    }

    int number() throws MalformedException {
        return octet() << 8 | octet();
    }

    /** 32 bits; a time to live with its highest bit set is zero (RFC 2181). */
    int timeToLive() throws MalformedException {
        return Math.max(0, number() << 16 | number());
    }

    byte[] bytes(int length) throws MalformedException {
        skip(length);
        byte[] read = new byte[length];
        System.arraycopy(message, at - length, read, 0, length);
        return read;
    }

    void skip(int length) throws MalformedException {
        if (length > message.length - at) {
            throw new MalformedException("a length leads past the end");
        }
        at += length;
    }

    /**
     * A name in lower case, without a dot at its end; empty for the root. What is no letter, digit, - or _ is written as
     * {@code \DDD}, so that no name from outside can be taken for another, or reach a terminal as it is.
     *
     * <p>A pointer must lead to before all that was read of the name, so that no chain of them has a loop.
     */
    String name() throws MalformedException {
        StringBuilder name = new StringBuilder();
        int length = 1;
        int from = at;
        int least = at;
        boolean jumped = false;
        for (int size = octet(from++); size != 0; size = octet(from++)) {
            if ((size & POINTER) == POINTER) {
                int target = (size & ~POINTER) << 8 | octet(from++);
                if (target >= least) {
                    throw new MalformedException("a pointer leads forward");
                }
                at = jumped ? at : from;
                jumped = true;
                least = target;
                from = target;
            } else {
                length += size + 1;
                if ((size & POINTER) != 0 || length > LONGEST_NAME) {
                    throw new MalformedException("a label is of an unknown kind, or the name too long");
                }
                label(name, from, size);
                from += size;
            }
        }
        at = jumped ? at : from;
        return name.toString();
    }

    private void label(StringBuilder name, int from, int size) throws MalformedException {
        if (name.length() > 0) {
            name.append('.');
        }
        for (int i = from; i < from + size; i++) {
            int each = octet(i);
            if (each >= 'A' && each <= 'Z') {
                name.append((char) (each + 32));
            } else if ((each >= 'a' && each <= 'z') || (each >= '0' && each <= '9') || each == '-' || each == '_') {
                name.append((char) each);
            } else {
                name.append(String.format("\\%03d", each));
            }
        }
    }

    private int octet(int index) throws MalformedException {
        if (index >= message.length) {
            throw new MalformedException("the message ends early");
        }
        return message[index] & 0xff;
    }
}
