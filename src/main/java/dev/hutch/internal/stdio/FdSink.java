// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import dev.hutch.internal.kernel.Kernel;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Writes on to a descriptor of ours, waiting where it has no room: whoever reads slowly slows the sandbox down. */
public final class FdSink implements Sink {
    private final Kernel kernel;
    private final int fd;

    public FdSink(Kernel kernel, int fd) {
        this.kernel = kernel;
        this.fd = fd;
    }

    @Override
    public void accept(ByteBuffer buffer, int length) throws IOException {
        for (int at = 0; at < length; ) {
            int n = kernel.write(fd, buffer, at, length - at);
            if (n == Kernel.WOULD_BLOCK) {
                kernel.poll(-1, 1, fd);
            } else {
                at += n;
            }
        }
    }
}
