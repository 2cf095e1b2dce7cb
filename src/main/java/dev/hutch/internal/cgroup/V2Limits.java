// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.spec.DeviceThrottle;
import dev.hutch.spec.Limit;
import dev.hutch.spec.Limits;
import dev.hutch.spec.SandboxException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Version 2's files for each limit; only what differs from the limits in force is written. */
final class V2Limits implements LimitWriter.Steps {
    private static final long PERIOD_MICROS = 100_000;

    private final KernelFiles files;
    private final String directory;
    private final V2Place place;
    private final LimitWriter writer;

    V2Limits(KernelFiles files, String directory, V2Place place, LimitWriter writer) {
        this.files = files;
        this.directory = directory;
        this.place = place;
        this.writer = writer;
    }

    @Override
    public void write(Limits wanted, @Nullable Limits inForce) throws SandboxException {
        memory(wanted, inForce);
        if (inForce == null || inForce.cpuShares() != wanted.cpuShares()) {
            simple(Limit.CPU_SHARES, "cpu", "cpu.weight", Long.toString(Weights.cpuWeight(wanted.cpuShares())));
        }
        if (inForce == null ? wanted.cpus() != 0 : inForce.cpus() != wanted.cpus()) {
            String quota = wanted.cpus() == 0 ? "max" : Long.toString(Math.round(wanted.cpus() * PERIOD_MICROS));
            simple(Limit.CPUS, "cpu", "cpu.max", quota + " " + PERIOD_MICROS);
        }
        if (inForce == null || inForce.pids() != wanted.pids()) {
            simple(Limit.PIDS, "pids", "pids.max", Integer.toString(wanted.pids()));
        }
        if (inForce == null || inForce.ioWeight() != wanted.ioWeight()) {
            ioWeight(wanted.ioWeight());
        }
        if (inForce == null || !inForce.throttles().equals(wanted.throttles())) {
            throttles(wanted.throttles(), inForce == null ? List.of() : inForce.throttles());
        }
        if (inForce == null
                ? !wanted.cpusetCpus().isEmpty()
                : !inForce.cpusetCpus().equals(wanted.cpusetCpus())) {
            cpuset(wanted.cpusetCpus());
        }
    }

    private boolean has(Limit limit, String value, String controller) throws SandboxException {
        boolean there = place.controllers().contains(controller);
        if (!there) {
            writer.cannot(
                    limit,
                    value,
                    directory.isEmpty() ? place.reason() : "no " + controller + " controller: " + place.reason());
        }
        return there;
    }

    private void simple(Limit limit, String controller, String file, String value) throws SandboxException {
        if (has(limit, value, controller)) {
            writer.write(limit, directory + "/" + file, value);
        }
    }

    /** Version 2 bounds swap by itself; with both files there is no order to keep. */
    private void memory(Limits wanted, @Nullable Limits inForce) throws SandboxException {
        if (inForce == null || !inForce.memory().equals(wanted.memory())) {
            simple(
                    Limit.MEMORY,
                    "memory",
                    "memory.max",
                    Long.toString(wanted.memory().bytes()));
            if (place.controllers().contains("memory")) {
                writer.note(Limit.KERNEL_MEMORY, "within memory");
            }
        }
        long swap = wanted.memorySwap().bytes() - wanted.memory().bytes();
        if (inForce != null
                && swap == inForce.memorySwap().bytes() - inForce.memory().bytes()) {
            return;
        }
        String value = Long.toString(swap);
        if (has(Limit.MEMORY_SWAP, value, "memory")
                && !writer.writeIfThere(Limit.MEMORY_SWAP, directory + "/memory.swap.max", value)) {
            writer.cannot(
                    Limit.MEMORY_SWAP,
                    value,
                    "the kernel does not count swap: boot with swapaccount=1, or switch swap off");
        }
    }

    /** BFQ's file where that scheduler is loaded, as the OCI runtimes do. */
    private void ioWeight(int weight) throws SandboxException {
        String converted = Long.toString(Weights.ioWeight(weight));
        if (has(Limit.IO_WEIGHT, converted, "io")
                && !writer.writeIfThere(Limit.IO_WEIGHT, directory + "/io.bfq.weight", Integer.toString(weight))
                && !writer.writeIfThere(Limit.IO_WEIGHT, directory + "/io.weight", converted)) {
            writer.cannot(
                    Limit.IO_WEIGHT,
                    converted,
                    "this kernel has neither io.bfq.weight nor io.weight: load the bfq module (modprobe bfq)");
        }
    }

    private void throttles(List<DeviceThrottle> wanted, List<DeviceThrottle> inForce) throws SandboxException {
        for (DeviceThrottle old : inForce) {
            throttle(old, "max");
        }
        for (DeviceThrottle throttle : wanted) {
            throttle(throttle, Long.toString(throttle.rate()));
        }
    }

    private void throttle(DeviceThrottle throttle, String rate) throws SandboxException {
        String line =
                DeviceNumber.ofBlock(throttle.device()) + " " + throttle.kind().v2Key() + "=" + rate;
        simple(Limit.IO_THROTTLE, "io", "io.max", line);
    }

    /**
     * The kernel takes processors that the parent hasn't, and uses the parent's instead: so the effect is read
     * back.
     */
    private void cpuset(String cpus) throws SandboxException {
        if (!has(Limit.CPUSET_CPUS, cpus, "cpuset")) {
            return;
        }
        writer.write(Limit.CPUSET_CPUS, directory + "/cpuset.cpus", cpus);
        String effective = files.read(directory + "/cpuset.cpus.effective").trim();
        if (cpus.isEmpty() || CpuList.of(cpus).equals(CpuList.of(effective))) {
            writer.note(Limit.CPUSET_CPUS, effective);
        } else {
            writer.cannot(Limit.CPUSET_CPUS, cpus, "the parent cgroup allows only " + effective + " of them");
        }
    }
}
