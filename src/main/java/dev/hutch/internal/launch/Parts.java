// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.plan.FdSource;
import dev.hutch.internal.plan.PlanPart;
import java.io.IOException;
import java.util.Arrays;

/** Sends plan parts with their descriptors. */
final class Parts {
    /** Opens what a part needs; Parts closes what was opened for sending. */
    interface Opener {
        int open(FdSource source) throws IOException;
    }

    private Parts() {}

    static void send(Kernel kernel, int channel, PlanPart part, Opener opener) throws IOException {
        boolean large = part.inMemory();
        int[] fds = new int[part.fds().size() + (large ? 1 : 0)];
        Arrays.fill(fds, -1);
        boolean[] borrowed = new boolean[fds.length];
        try {
            for (int i = 0; i < part.fds().size(); i++) {
                borrowed[i] = part.fds().get(i) instanceof FdSource.Stream;
                fds[i] = opener.open(part.fds().get(i));
            }
            if (large) {
                fds[fds.length - 1] = kernel.sealedMemory("hutch-plan", part.bytes(), false);
            }
            kernel.send(
                    channel, part.bytes(), large ? PlanPart.HEAD : part.bytes().limit(), fds);
        } finally {
            for (int i = 0; i < fds.length; i++) {
                if (fds[i] >= 0 && !borrowed[i]) {
                    kernel.close(fds[i]);
                }
            }
        }
    }
}
