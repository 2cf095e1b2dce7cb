// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SeccompViolation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongPredicate;

/**
 * What the kernel's log tells of one sandbox's filter from now on; Documentation/ABI/testing/dev-kmsg. Processes are
 * known by uids that are no other sandbox's. Where an audit daemon takes such records the log has none of them, and of a
 * flood it has the first few. Thread-safe.
 */
public final class ViolationLog implements AutoCloseable {
    private static final String LOG = "/dev/kmsg";
    private static final int LONGEST_RECORD = 8192;
    private static final int MOST = 256;

    /** For a record that is on its way: the kernel's audit thread writes it some time after the kill. */
    private static final int PATIENCE_MILLIS = 100;

    private static final int O_NONBLOCK = 0x800;

    private final Kernel kernel;
    private final Architecture architecture;
    private final LongPredicate uids;
    private final Map<SeccompViolation, Integer> seen = new LinkedHashMap<>();
    private final ByteBuffer record = ByteBuffer.allocateDirect(LONGEST_RECORD);
    private int log;

    private ViolationLog(Kernel kernel, Architecture architecture, LongPredicate uids, int log) {
        this.kernel = kernel;
        this.architecture = architecture;
        this.uids = uids;
        this.log = log;
    }

    /**
     * Empty where this JVM may not read the kernel's log, or there is none.
     *
     * @param uids of the host, which are the sandbox's and nobody else's
     */
    public static Optional<ViolationLog> open(Kernel kernel, LongPredicate uids) throws SandboxException {
        Architecture architecture = Architecture.current();
        int log;
        try {
            log = kernel.open(LOG, O_NONBLOCK, 0);
        } catch (KernelException e) {
            return Optional.empty();
        }
        try {
            kernel.seekEnd(log);
        } catch (KernelException e) {
            kernel.close(log);
            return Optional.empty();
        }
        return Optional.of(new ViolationLog(kernel, architecture, uids, log));
    }

    /**
     * All so far, each kind once.
     *
     * @param killed whether one was killed, whose record is waited for a little
     */
    public synchronized List<SeccompViolation> read(boolean killed) throws KernelException {
        if (log >= 0) {
            readAll();
            long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
            while (killed && !hasKill() && System.nanoTime() < deadline) {
                kernel.poll(PATIENCE_MILLIS, 0, log);
                readAll();
            }
        }
        return seen.entrySet().stream()
                .map(each -> new SeccompViolation(
                        each.getKey().systemCall(),
                        each.getKey().program(),
                        each.getKey().killed(),
                        each.getValue()))
                .toList();
    }

    private boolean hasKill() {
        return seen.keySet().stream().anyMatch(SeccompViolation::killed);
    }

    private void readAll() throws KernelException {
        for (int length = next(); length > 0; length = next()) {
            byte[] bytes = new byte[length];
            record.get(0, bytes);
            String line = new String(bytes, StandardCharsets.UTF_8);
            AuditRecord.parse(line, architecture)
                    .filter(found -> uids.test(found.uid()))
                    .ifPresent(found -> count(found.violation()));
        }
    }

    /** One record's length; 0 where there is no more. What the log had to make room for meanwhile is passed over. */
    private int next() throws KernelException {
        while (true) {
            try {
                return Math.max(0, kernel.read(log, record, LONGEST_RECORD));
            } catch (KernelException e) {
                if (!e.is(Errno.EPIPE)) {
                    throw e;
                }
            }
        }
    }

    private void count(SeccompViolation found) {
        if (seen.containsKey(found) || seen.size() < MOST) {
            seen.merge(found, 1, Integer::sum);
        }
    }

    /** What was found stays. */
    @Override
    public synchronized void close() {
        if (log >= 0) {
            kernel.close(log);
            log = -1;
        }
    }
}
