// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Direct buffers in the kernel's byte order. */
final class Buffers {
    private Buffers() {}

    static ByteBuffer direct(int size) {
        return ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
