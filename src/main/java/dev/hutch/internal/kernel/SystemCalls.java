// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.kernel;

import dev.hutch.spec.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.jspecify.annotations.Nullable;

/**
 * Makes system calls, and keeps the memory for what they take and give. An argument that is a pointer is an offset in the
 * one memory of its call; that what the kernel reads or writes from there on lies within is up to the caller. Thread-safe.
 */
final class SystemCalls {
    /** Where a path or a name begins in its memory; what is before has room for a structure of the kernel's. */
    static final int NAME = 256;

    private static final int PATH_MAX = 4096;
    private static final int SIZE = NAME + PATH_MAX;

    private final Deque<ByteBuffer> memories = new ConcurrentLinkedDeque<>();

    /** Memory of at least that size, and never less than {@link #NAME}; to be given back. */
    ByteBuffer memory(int size) {
        ByteBuffer known = size <= SIZE ? memories.poll() : null;
        return known != null
                ? known
                : ByteBuffer.allocateDirect(Math.max(size, SIZE)).order(ByteOrder.nativeOrder());
    }

    /**
     * Memory whose name is that, with the zero that ends it; to be given back.
     *
     * @param call is told of where it is too long
     */
    ByteBuffer named(String call, String name) throws KernelException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= PATH_MAX) {
            throw new KernelException(call, name, Errno.ENAMETOOLONG.number());
        }
        return memory(0).put(NAME, bytes).put(NAME + bytes.length, (byte) 0);
    }

    void giveBack(ByteBuffer memory) {
        if (memory.capacity() == SIZE) {
            memories.push(memory);
        }
    }

    /** One of the calls that take a folder's descriptor, a name in it and a word of flags. */
    int named(Syscall call, int dir, String name, long flags) throws KernelException {
        ByteBuffer memory = named(call.word(), name);
        try {
            return call(call, memory, 0b10, dir, NAME, flags);
        } finally {
            giveBack(memory);
        }
    }

    /** A call without memory: its value or -errno. */
    int call(Syscall call, long... arguments) {
        return call(call, null, 0, arguments);
    }

    /**
     * Its value or -errno; begun again where a signal interrupted it, as no caller could do anything else.
     *
     * @param memory a direct buffer
     * @param pointers a bit for each argument, from the lowest on, that is an offset in the memory
     * @param arguments up to six; those that are missing are 0
     */
    int call(Syscall call, @Nullable ByteBuffer memory, int pointers, long... arguments) {
        int rc;
        do {
            rc = Natives.call0(call.number(), memory, pointers, arguments);
        } while (rc == -Errno.EINTR.number());
        return rc;
    }

    /** Never begun again: the descriptor is closed also where a signal interrupted that, and may be another's by then; close(2). */
    void close(int fd) {
        Natives.call0(Syscall.CLOSE.number(), null, 0, new long[] {fd});
    }
}
