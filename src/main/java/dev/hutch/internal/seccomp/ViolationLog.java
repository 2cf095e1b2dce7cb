// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SeccompViolation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel's log tells of one sandbox's filter from now on; Documentation/ABI/testing/dev-kmsg. Processes are
 * known by uids that are no other sandbox's at the time. Where an audit daemon takes such records the log has none of
 * them, and of a flood it has the first few. Thread-safe.
 */
public final class ViolationLog implements AutoCloseable {
    private static final String LOG = "/dev/kmsg";
    private static final int LONGEST_RECORD = 8192;
    private static final int MOST = 1024;
    private static final int O_NONBLOCK = 0x800;

    /** The kernel stamps by a clock that ticks: so much earlier than it was, mostly. */
    private static final long TICK_MILLIS = 4;

    private final Kernel kernel;
    private final Architecture architecture;
    private final LongPredicate uids;
    private final long since = System.currentTimeMillis() - TICK_MILLIS;
    private final List<AuditRecord> seen = new ArrayList<>();
    private @Nullable SyscallTable table;
    private long until = Long.MAX_VALUE;
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

    /** Nobody is inside any more: its uids may soon be another's. */
    public synchronized void ended() {
        until = System.currentTimeMillis();
    }

    /**
     * What came at that time or later, each kind once.
     *
     * @param millis since 1970
     */
    public synchronized List<SeccompViolation> read(long millis) throws KernelException {
        readAll();
        Map<SeccompViolation, Integer> kinds = new LinkedHashMap<>();
        for (AuditRecord record : seen) {
            if (record.millis() >= millis - TICK_MILLIS) {
                kinds.merge(new SeccompViolation(call(record), record.program(), record.killed(), 1), 1, Integer::sum);
            }
        }
        return kinds.entrySet().stream()
                .map(each -> counted(each.getKey(), each.getValue()))
                .toList();
    }

    private static SeccompViolation counted(SeccompViolation one, int count) {
        return new SeccompViolation(one.systemCall(), one.program(), one.killed(), count);
    }

    /** Whether it tells of that process, as the host has it, that it was killed. */
    public synchronized boolean tellsOf(int pid) throws KernelException {
        readAll();
        return seen.stream().anyMatch(record -> record.killed() && record.pid() == pid);
    }

    private void readAll() throws KernelException {
        if (log < 0) {
            return;
        }
        ByteBuffer buffer = ByteBuffer.allocateDirect(LONGEST_RECORD);
        for (int length = next(buffer); length > 0; length = next(buffer)) {
            byte[] bytes = new byte[length];
            buffer.get(0, bytes);
            AuditRecord.parse(new String(bytes, StandardCharsets.UTF_8))
                    .filter(found -> uids.test(found.uid()) && found.millis() >= since && found.millis() <= until)
                    .ifPresent(this::count);
        }
    }

    /** One record's length; 0 where there is no more. What the log had to make room for meanwhile is passed over. */
    private int next(ByteBuffer buffer) throws KernelException {
        while (true) {
            try {
                return Math.max(0, kernel.read(log, buffer, LONGEST_RECORD));
            } catch (KernelException e) {
                if (!e.is(Errno.EPIPE)) {
                    throw e;
                }
            }
        }
    }

    /** What is only logged doesn't keep a kill from being seen. */
    private void count(AuditRecord found) {
        if (seen.size() < (found.killed() ? 2 * MOST : MOST)) {
            seen.add(found);
        }
    }

    /** By name where it is this machine's. */
    private String call(AuditRecord found) {
        String number = Long.toString(found.systemCall());
        if (found.architecture() != architecture.auditArch() || found.systemCall() != (int) found.systemCall()) {
            return number;
        }
        if (table == null) {
            table = SyscallTable.of(architecture);
        }
        return table.name((int) found.systemCall()).orElse(number);
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
