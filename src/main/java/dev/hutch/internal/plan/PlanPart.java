// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.plan;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A plan part: ops, the descriptors that go with them, and their bytes in plan.h's wire format. Immutable. */
public final class PlanPart {
    /** Most descriptors that one message carries (SCM_MAX_FD). */
    public static final int MAX_FDS = 253;

    /** Bytes of the head, which is all that is sent of a part that {@link #inMemory comes as a memory file}. */
    public static final int HEAD = 16;

    /** What fits into one message. */
    static final int MAX_INLINE = 64 * 1024;

    static final int MAGIC = 0x31504348;
    private static final int OP = 40;
    private static final short NO_FD = (short) 0xffff;

    private final List<Op> ops;
    private final List<FdSource> fds;
    private final ByteBuffer bytes;

    public PlanPart(List<Op> ops) {
        this.ops = List.copyOf(ops);
        this.fds = ops.stream().map(Op::fd).filter(Objects::nonNull).toList();
        if (fds.size() > MAX_FDS) {
            throw new IllegalArgumentException(fds.size() + " descriptors in one part, at most " + MAX_FDS);
        }
        this.bytes = encode();
    }

    /**
     * Splits ops so that no part carries more than {@link #MAX_FDS} descriptors; each part but the last ends by
     * reporting ready, so that no more than two of them are under way.
     */
    public static List<PlanPart> split(List<Op> ops) {
        List<PlanPart> parts = new ArrayList<>();
        List<Op> part = new ArrayList<>();
        int fds = 0;
        for (Op op : ops) {
            if (op.fd() != null && ++fds > MAX_FDS - 1) {
                part.add(Op.ready());
                parts.add(new PlanPart(part));
                part.clear();
                fds = 1;
            }
            part.add(op);
        }
        parts.add(new PlanPart(part));
        return parts;
    }

    public List<Op> ops() {
        return ops;
    }

    /** What must be opened, in the order of the message's descriptors. */
    public List<FdSource> fds() {
        return fds;
    }

    /** The part's bytes: a direct buffer, which must not be changed. */
    public ByteBuffer bytes() {
        return bytes;
    }

    /** Whether it is too large for a message. */
    public boolean inMemory() {
        return bytes.limit() > MAX_INLINE;
    }

    private ByteBuffer encode() {
        Data data = new Data(HEAD + OP * ops.size());
        ByteBuffer head = ByteBuffer.allocate(HEAD + OP * ops.size()).order(ByteOrder.LITTLE_ENDIAN);
        head.position(HEAD);
        short nextFd = 0;
        for (Op op : ops) {
            head.putShort((short) op.code().ordinal());
            head.putShort(op.fd() == null ? NO_FD : nextFd++);
            head.putInt(op.flags());
            head.putInt(data.add(op.first())).putInt(data.add(op.second())).putInt(data.add(op.third()));
            head.putInt(op.length());
            head.putLong(op.num0()).putLong(op.num1());
        }
        byte[] tail = data.finish();
        int size = head.capacity() + tail.length;
        head.putInt(0, MAGIC).putInt(4, size).putInt(8, ops.size()).putInt(12, size > MAX_INLINE ? 1 : 0);
        return ByteBuffer.allocateDirect(size)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(head.array())
                .put(tail)
                .flip();
    }

    /** Strings, lists and blobs behind the ops; offsets count from the part's start. */
    private static final class Data {
        private final int base;
        private final ByteArrayOutputStream out = new ByteArrayOutputStream(2048);

        Data(int base) {
            this.base = base;
        }

        int add(@Nullable Object value) {
            if (value == null) {
                return 0;
            }
            if (value instanceof String text) {
                return text(text);
            }
            return value instanceof byte[] blob ? blob(blob) : list((List<?>) value);
        }

        private int text(String text) {
            int at = base + out.size();
            out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
            out.write(0);
            return at;
        }

        private int blob(byte[] blob) {
            align();
            int at = base + out.size();
            out.writeBytes(blob);
            return at;
        }

        private int list(List<?> strings) {
            ByteBuffer offsets = ByteBuffer.allocate(8 * (strings.size() + 1)).order(ByteOrder.LITTLE_ENDIAN);
            for (Object string : strings) {
                offsets.putLong(text((String) string));
            }
            return blob(offsets.array());
        }

        private void align() {
            while ((base + out.size()) % 8 != 0) {
                out.write(0);
            }
        }

        byte[] finish() {
            out.write(0);
            return out.toByteArray();
        }
    }
}
