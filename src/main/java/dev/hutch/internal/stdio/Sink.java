// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes what a sandbox writes, in the order in which it is read. */
public interface Sink {
    /** Takes the buffer's first {@code length} bytes; the buffer is used again after that. */
    void accept(ByteBuffer buffer, int length) throws IOException;

    /** Drops everything. */
    Sink DISCARD = (buffer, length) -> {};
}
