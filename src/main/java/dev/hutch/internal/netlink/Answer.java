// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.netlink;

import dev.hutch.spec.SandboxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * One message of the kernel's.
 *
 * @param body what follows the header
 */
public record Answer(int type, int flags, int sequence, ByteBuffer body) {
    static final int ERROR = 2;
    static final int DONE = 3;
    static final int DUMP_INTERRUPTED = 0x10;

    private static final int CAPPED = 0x100;
    private static final int HAS_WORDS = 0x200;
    private static final int WORDS = 1;

    /** The messages of one datagram; one that is cut short is an error. */
    static List<Answer> read(ByteBuffer datagram) throws SandboxException {
        List<Answer> answers = new ArrayList<>();
        ByteBuffer rest = datagram.slice().order(ByteOrder.LITTLE_ENDIAN);
        while (rest.hasRemaining()) {
            int start = rest.position();
            if (rest.remaining() < Request.HEADER) {
                throw Attributes.malformed("a message of " + rest.remaining() + " bytes");
            }
            int length = rest.getInt(start);
            if (length < Request.HEADER || length > rest.remaining()) {
                throw Attributes.malformed("a message of " + length + " bytes where " + rest.remaining() + " are left");
            }
            answers.add(new Answer(
                    rest.getShort(start + 4) & 0xffff,
                    rest.getShort(start + 6) & 0xffff,
                    rest.getInt(start + 8),
                    rest.slice(start + Request.HEADER, length - Request.HEADER).order(ByteOrder.LITTLE_ENDIAN)));
            rest.position(Math.min(start + (length + 3 & ~3), rest.limit()));
        }
        return answers;
    }

    /** The attributes behind a fixed header of this length. */
    public Attributes attributes(int header) throws SandboxException {
        need(header);
        return Attributes.read(body.slice(header, body.limit() - header));
    }

    /** A byte of the fixed header. */
    public int byteField(int offset) throws SandboxException {
        need(offset + 1);
        return body.get(offset) & 0xff;
    }

    /** Two bytes of the fixed header. */
    public int shortField(int offset) throws SandboxException {
        need(offset + 2);
        return body.getShort(offset) & 0xffff;
    }

    /** Four bytes of the fixed header. */
    public int intField(int offset) throws SandboxException {
        need(offset + 4);
        return body.getInt(offset);
    }

    /** Of an error, or of the end of a dump: errno, 0 for success. */
    int errno() throws SandboxException {
        return type == DONE && body.limit() < 4 ? 0 : -intField(0);
    }

    /** What the kernel says of an error beside errno; empty where it says nothing. */
    String words() throws SandboxException {
        if ((flags & HAS_WORDS) == 0) {
            return "";
        }
        int request = (flags & CAPPED) != 0 ? Request.HEADER : intField(4);
        int start = 4 + (request + 3 & ~3);
        if (request < Request.HEADER || start > body.limit()) {
            throw Attributes.malformed("an error about a message of " + request + " bytes");
        }
        Attributes told = attributes(start);
        return told.has(WORDS) ? told.text(WORDS) : "";
    }

    private void need(int length) throws SandboxException {
        if (body.limit() < length) {
            throw Attributes.malformed("a message body of " + body.limit() + " bytes, not " + length);
        }
    }
}
