// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.SandboxProcess;
import dev.hutch.spec.SandboxResult;
import dev.hutch.support.KernelTest;
import dev.hutch.support.ManyThreads;
import dev.hutch.support.Need;
import dev.hutch.support.Rounds;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * LESSONS "virtual threads": one that waits for a sandbox holds no carrier. More of them than there are carriers wait, and
 * others run all the same; the call hangs otherwise. The same code with platform threads where Java has no others.
 */
@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class VirtualThreadsKernelTest extends SandboxCase {
    private static final int MORE_THAN_CARRIERS = ManyThreads.carriers() + 2;

    private final ExecutorService threads = ManyThreads.executor();
    private final List<SandboxProcess> processes = new ArrayList<>();

    @AfterEach
    void endAll() {
        processes.forEach(SandboxProcess::close);
        threads.shutdownNow();
    }

    @Test
    void silentSandboxesAreReadWithoutACarrier() throws Exception {
        List<Future<String>> reads = new ArrayList<>();
        int many = Math.max(MORE_THAN_CARRIERS, Rounds.of(48));
        for (int i = 0; i < many; i++) {
            SandboxProcess silent = started("echo ready; read line; echo \"$line\"");
            reads.add(threads.submit(() -> {
                awaitLine(silent, "ready");
                return new String(silent.getInputStream().readAllBytes());
            }));
        }

        othersRun();
        assertThat(reads).noneMatch(Future::isDone);
        assertThat(pollers()).as("fifteen readers each, and what else waits").isLessThanOrEqualTo(many / 15 + 2);
        for (int i = 0; i < many; i++) {
            OutputStream input = processes.get(i).getOutputStream();
            byte[] line = (i + "\n").getBytes();
            threads.submit(() -> {
                input.write(line);
                return null;
            });
        }
        for (int i = 0; i < many; i++) {
            assertThat(reads.get(i).get()).isEqualTo(i + "\n");
        }
    }

    @Test
    void programsThatDontReadAreWrittenToWithoutACarrier() throws Exception {
        List<Future<Void>> writes = new ArrayList<>();
        for (int i = 0; i < MORE_THAN_CARRIERS; i++) {
            OutputStream input = started("read go < /dev/null; sleep 600").getOutputStream();
            writes.add(threads.submit(() -> {
                input.write(new byte[1 << 20]);
                return null;
            }));
        }

        othersRun();
        assertThat(writes).noneMatch(Future::isDone);
        processes.get(0).getOutputStream().close();
        failsWith(writes.get(0), "Stream closed");
        processes.get(1).destroyForcibly();
        failsWith(writes.get(1), "EPIPE");
    }

    @Test
    void theEndIsWaitedForWithoutACarrier() throws Exception {
        List<Future<?>> waits = new ArrayList<>();
        for (int i = 0; i < MORE_THAN_CARRIERS; i++) {
            SandboxProcess process = started("read line");
            Callable<Object> wait = i % 2 == 0 ? process::waitFor : process::result;
            waits.add(threads.submit(wait));
        }

        othersRun();
        for (SandboxProcess process : processes) {
            process.getOutputStream().close();
        }
        for (Future<?> wait : waits) {
            assertThat(wait.get()).isNotNull();
        }
    }

    @Test
    void wholeRunsHoldNoCarrierAndAnInterruptEndsThem() throws Exception {
        CountDownLatch run = new CountDownLatch(MORE_THAN_CARRIERS);
        CountDownLatch interrupted = new CountDownLatch(MORE_THAN_CARRIERS);
        List<Future<SandboxResult>> runs = new ArrayList<>();
        dev.hutch.spec.Command command = dev.hutch.spec.Command.shell("echo ready; sleep 600").toBuilder()
                .onStdoutLine(line -> run.countDown())
                .build();
        for (int i = 0; i < MORE_THAN_CARRIERS; i++) {
            runs.add(threads.submit(() -> {
                try {
                    return sandbox().build().run(command);
                } catch (InterruptedException e) {
                    interrupted.countDown();
                    throw e;
                }
            }));
        }

        run.await();
        othersRun();
        runs.forEach(each -> each.cancel(true));
        interrupted.await();
    }

    @Test
    void anInterruptEndsAWaitButNoRead() throws Exception {
        SandboxProcess silent = started("echo ready; read line; echo \"$line\"");
        CountDownLatch waiting = new CountDownLatch(2);
        Thread[] reader = new Thread[1];
        Future<Boolean> read = threads.submit(() -> {
            reader[0] = Thread.currentThread();
            awaitLine(silent, "ready");
            waiting.countDown();
            assertThat(silent.getInputStream().read()).isEqualTo('x');
            return Thread.interrupted();
        });
        Future<Integer> wait = threads.submit(() -> {
            waiting.countDown();
            return silent.waitFor();
        });

        waiting.await();
        wait.cancel(true);
        reader[0].interrupt();
        othersRun();
        assertThat(read.isDone()).as("as a Process's, a read goes on").isFalse();
        silent.getOutputStream().write("x\n".getBytes());
        assertThat(read.get()).as("and leaves the interrupt to its caller").isTrue();
    }

    @Test
    void closeEndsAReadThatWaits() throws Exception {
        List<Future<Integer>> reads = new ArrayList<>();
        for (int i = 0; i < MORE_THAN_CARRIERS; i++) {
            InputStream output = started("sleep 600").getInputStream();
            reads.add(threads.submit(() -> output.read()));
        }

        othersRun();
        for (SandboxProcess process : processes) {
            process.getInputStream().close();
        }
        for (Future<Integer> read : reads) {
            failsWith(read, "Stream closed");
        }
    }

    /** Threads that wait on behalf of virtual ones; none on a Java that has no others. */
    private static long pollers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("hutch-poller"))
                .count();
    }

    /** Several new threads, one after another, each with a launch of its own: those that wait have all come to it by then. */
    private void othersRun() throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(threads.submit(() -> output(sandbox().build(), "echo", "new"))
                            .get(1, TimeUnit.MINUTES))
                    .isEqualTo("new\n");
        }
    }

    private static void failsWith(Future<?> future, String message) {
        assertThatThrownBy(future::get)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }

    private SandboxProcess started(String script) throws Exception {
        SandboxProcess process = sandbox().build().start("/bin/sh", "-c", script);
        processes.add(process);
        return process;
    }
}
