// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Hutch;
import dev.hutch.Sandbox;
import dev.hutch.spec.Outcome;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A context's stock of containers made ahead: used once each, and gone with the context. */
@KernelTest(Need.USER_NAMESPACES)
class StockKernelTest extends SandboxCase {
    private static final int STOCK = 2;

    private final Set<ProcessHandle> before =
            Set.copyOf(ProcessHandle.current().children().toList());

    private List<ProcessHandle> waiting() {
        return ProcessHandle.current()
                .children()
                .filter(child -> !before.contains(child))
                .flatMap(ProcessHandle::children)
                .toList();
    }

    private void awaitStock() throws InterruptedException {
        while (waiting().size() != STOCK) {
            Thread.sleep(1);
        }
    }

    @Test
    void whatIsParkedWhenTheContextIsClosedLeavesNothing() throws Exception {
        try (Hutch context = Hutch.builder().stock(STOCK).build()) {
            probed().context(context).build().run(PROBE, "exit", "0");
            awaitStock();
        }
    }

    @Test
    void aLaunchTakesOneThatWasMadeBeforeAndNoneServesTwice() throws Exception {
        try (Hutch context = Hutch.builder().stock(STOCK).build()) {
            Sandbox box = sandbox().context(context).build();
            Set<String> names = new HashSet<>();
            names.add(output(box, "/bin/cat", "/proc/sys/kernel/hostname"));
            for (int i = 0; i < 10; i++) {
                awaitStock();
                assertThat(names.add(output(box, "/bin/cat", "/proc/sys/kernel/hostname")))
                        .isTrue();
            }
            awaitStock();
            assertThat(box.run("/bin/true").setup().fork()).isZero();
        }
    }

    @Test
    void oneThatWasKilledWhileItWaitedIsNotHandedOut() throws Exception {
        try (Hutch context = Hutch.builder().stock(STOCK).build()) {
            Sandbox box = probed().context(context).build();
            box.run(PROBE, "exit", "0");
            awaitStock();
            for (ProcessHandle parked : waiting()) {
                parked.destroyForcibly();
                parked.onExit().get();
            }
            assertThat(box.run(PROBE, "exit", "5").outcome()).isEqualTo(new Outcome.Exited(5));
        }
    }
}
