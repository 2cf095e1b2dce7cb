// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Errno;
import dev.hutch.spec.Limit;
import dev.hutch.spec.Limits;
import dev.hutch.spec.SandboxException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes one container's limits and keeps the account of them: what was asked for and is refused is an error, a default
 * that is refused is noted. Not thread-safe.
 */
final class LimitWriter {
    private static final long LARGEST_PAGE = 65_536;

    private final KernelFiles files;
    private final boolean strict;
    private final Map<Limit, Enforced> account = new EnumMap<>(Limit.class);
    private volatile @Nullable Limits inForce;
    private Limits wanted = Limits.defaults();

    LimitWriter(KernelFiles files, boolean strict) {
        this.files = files;
        this.strict = strict;
    }

    /** The steps that bring a container's files to what is wanted. */
    interface Steps {
        void write(Limits wanted, @Nullable Limits inForce) throws SandboxException;
    }

    /** All of them, or an error; then those that were in force are back, as far as the kernel lets them. */
    void change(Limits limits, Steps steps) throws SandboxException {
        Limits before = inForce;
        Map<Limit, Enforced> noted = new EnumMap<>(account);
        wanted = limits;
        try {
            steps.write(limits, before);
            inForce = limits;
        } catch (SandboxException refusal) {
            if (before != null) {
                restore(limits, before, noted, steps, refusal);
            }
            throw refusal;
        }
    }

    private void restore(
            Limits failed, Limits before, Map<Limit, Enforced> noted, Steps steps, SandboxException refusal) {
        try {
            wanted = before;
            steps.write(before, failed);
            account.clear();
            account.putAll(noted);
        } catch (SandboxException second) {
            refusal.addSuppressed(second);
        }
    }

    /** Those in force; the defaults before any were written. */
    Limits inForce() {
        Limits now = inForce;
        return now == null ? Limits.defaults() : now;
    }

    /** The pids limit in force; 0 before any was written. */
    int pids() {
        Limits now = inForce;
        return now == null ? 0 : now.pids();
    }

    List<Enforced> account() {
        return new ArrayList<>(account.values());
    }

    void write(Limit limit, String file, String value) throws SandboxException {
        try {
            put(limit, file, value);
        } catch (KernelException refusal) {
            refused(limit, value, refusal);
        }
    }

    /** As {@link #write}, but says false and notes nothing where this kernel has no such file. */
    boolean writeIfThere(Limit limit, String file, String value) throws SandboxException {
        try {
            put(limit, file, value);
            return true;
        } catch (KernelException refusal) {
            if (refusal.is(Errno.ENOENT)) {
                return false;
            }
            refused(limit, value, refusal);
            return true;
        }
    }

    /** What changes while programs run is read back: a start's limits are not, for each costs a launch. */
    private void put(Limit limit, String file, String value) throws SandboxException {
        files.write(file, value);
        account.put(limit, Enforced.yes(limit.option(), value));
        if (inForce != null && limit != Limit.IO_THROTTLE && limit != Limit.CPUSET_CPUS) {
            String held = files.read(file).trim();
            if (!holds(limit, value, held)) {
                cannot(limit, value, "the kernel took it for " + file + " and holds " + held);
            }
        }
    }

    /** Memory is counted in pages; io.weight names what the weight is for. */
    private static boolean holds(Limit limit, String value, String held) {
        return switch (limit) {
            case MEMORY, MEMORY_SWAP ->
                held.matches("[0-9]{1,18}") && Math.abs(Long.parseLong(value) - Long.parseLong(held)) < LARGEST_PAGE;
            case IO_WEIGHT -> held.equals(value) || held.startsWith("default " + value);
            default -> held.equals(value);
        };
    }

    void note(Limit limit, String value) {
        account.put(limit, Enforced.yes(limit.option(), value));
    }

    private void refused(Limit limit, String value, KernelException refusal) throws SandboxException {
        if (required(limit)) {
            throw new KernelException("write " + value + " to", refusal.target(), number(refusal))
                    .withCure(cure(limit, number(refusal)));
        }
        account.put(limit, Enforced.no(limit.option(), value, String.valueOf(refusal.getMessage())));
    }

    /** The machine has nothing to write the limit to. */
    void cannot(Limit limit, String value, String reason) throws SandboxException {
        if (required(limit)) {
            throw new SandboxException("limit", limit.option() + " to " + value, null, reason);
        }
        account.put(limit, Enforced.no(limit.option(), value, reason));
    }

    /** What held so far must not be lost unsaid, whether it was asked for or a default. */
    private boolean required(Limit limit) {
        Enforced now = account.get(limit);
        return strict || wanted.asked().contains(limit) || (inForce != null && now != null && now.enforced());
    }

    private static int number(KernelException refusal) {
        return refusal.errno().orElseThrow().number();
    }

    private static String cure(Limit limit, int errno) {
        if (errno == Errno.EACCES.number() || errno == Errno.EPERM.number() || errno == Errno.EROFS.number()) {
            return "this user may not write control groups here: run as root or in a delegated cgroup (see hutch doctor)";
        }
        return switch (limit) {
            case MEMORY, MEMORY_SWAP, KERNEL_MEMORY ->
                errno == Errno.EBUSY.number()
                        ? "more than that is in use already"
                        : "no parent cgroup may allow less, and memory-swap not less than memory";
            case CPUS -> "a parent cgroup allows fewer processors";
            case CPUSET_CPUS -> "name processors that are online and that the parent cgroup may use";
            case IO_THROTTLE -> "name a whole disk that is a block device, not a partition";
            case CPU_SHARES, PIDS, IO_WEIGHT -> "the kernel refuses the value";
        };
    }
}
