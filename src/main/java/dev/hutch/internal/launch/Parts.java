// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.plan.FdSource;
import dev.hutch.internal.plan.PlanPart;
import java.io.IOException;
import java.util.Arrays;

/** A plan part with its descriptors, open to be sent; closed after that. Not thread-safe. */
final class Parts implements AutoCloseable {
    /** Opens what a part needs; what belongs to the caller, its streams, stays open. */
    interface Opener {
        int open(FdSource source) throws IOException;
    }

    private final Kernel kernel;
    private final PlanPart part;
    private final int[] fds;
    private final boolean[] borrowed;

    private Parts(Kernel kernel, PlanPart part) {
        this.kernel = kernel;
        this.part = part;
        this.fds = new int[part.fds().size() + (part.inMemory() ? 1 : 0)];
        this.borrowed = new boolean[fds.length];
        Arrays.fill(fds, -1);
    }

    static Parts open(Kernel kernel, PlanPart part, Opener opener) throws IOException {
        Parts opened = new Parts(kernel, part);
        try {
            opened.open(opener);
            return opened;
        } catch (IOException | RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private void open(Opener opener) throws IOException {
        for (int i = 0; i < part.fds().size(); i++) {
            borrowed[i] = part.fds().get(i) instanceof FdSource.Stream;
            fds[i] = opener.open(part.fds().get(i));
        }
        if (part.inMemory()) {
            fds[fds.length - 1] = kernel.sealedMemory("hutch-plan", part.bytes(), false);
        }
    }

    void send(int channel) throws KernelException {
        kernel.send(
                channel,
                part.bytes(),
                part.inMemory() ? PlanPart.HEAD : part.bytes().limit(),
                fds);
    }

    @Override
    public void close() {
        for (int i = 0; i < fds.length; i++) {
            if (fds[i] >= 0 && !borrowed[i]) {
                kernel.close(fds[i]);
            }
        }
    }
}
