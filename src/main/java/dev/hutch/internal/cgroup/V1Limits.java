// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.spec.DeviceThrottle;
import dev.hutch.spec.Errno;
import dev.hutch.spec.Limit;
import dev.hutch.spec.Limits;
import dev.hutch.spec.SandboxException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Version 1's files for each limit; only what differs from the limits in force is written. */
final class V1Limits implements LimitWriter.Steps {
    private static final long PERIOD_MICROS = 100_000;

    private final KernelFiles files;
    private final V1Features features;
    private final Map<String, String> directories;
    private final Map<String, String> missing;
    private final LimitWriter writer;

    V1Limits(
            KernelFiles files,
            V1Features features,
            Map<String, String> directories,
            Map<String, String> missing,
            LimitWriter writer) {
        this.files = files;
        this.features = features;
        this.directories = directories;
        this.missing = missing;
        this.writer = writer;
    }

    @Override
    public void write(Limits wanted, @Nullable Limits inForce) throws SandboxException {
        memory(wanted, inForce);
        if (inForce == null || inForce.cpuShares() != wanted.cpuShares()) {
            simple(Limit.CPU_SHARES, "cpu", "cpu.shares", Integer.toString(wanted.cpuShares()));
        }
        if (inForce == null ? wanted.cpus() != 0 : inForce.cpus() != wanted.cpus()) {
            long quota = wanted.cpus() == 0 ? -1 : Math.round(wanted.cpus() * PERIOD_MICROS);
            simple(Limit.CPUS, "cpu", "cpu.cfs_quota_us", Long.toString(quota));
        }
        if (inForce == null || inForce.pids() != wanted.pids()) {
            simple(Limit.PIDS, "pids", "pids.max", Integer.toString(wanted.pids()));
        }
        if (inForce == null || inForce.ioWeight() != wanted.ioWeight()) {
            ioWeight(Integer.toString(wanted.ioWeight()));
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

    private void simple(Limit limit, String controller, String file, String value) throws SandboxException {
        String directory = directories.get(controller);
        if (directory == null) {
            writer.cannot(limit, value, reason(controller));
        } else {
            writer.write(limit, directory + "/" + file, value);
        }
    }

    private String reason(String controller) {
        return missing.getOrDefault(controller, "the container was made without the " + controller + " controller");
    }

    /** The kernel never lets memory exceed memory and swap together: when raising, the sum goes first. */
    private void memory(Limits wanted, @Nullable Limits inForce) throws SandboxException {
        boolean changed = inForce == null || !inForce.memory().equals(wanted.memory());
        boolean swapChanged = inForce == null || !inForce.memorySwap().equals(wanted.memorySwap());
        boolean raising = inForce != null && wanted.memorySwap().compareTo(inForce.memorySwap()) > 0;
        if (swapChanged && raising) {
            swap(wanted);
        }
        if (changed) {
            String bytes = Long.toString(wanted.memory().bytes());
            simple(Limit.MEMORY, "memory", "memory.limit_in_bytes", bytes);
            if (directories.containsKey("memory")) {
                kernelMemory(directories.get("memory"), bytes);
            }
        }
        if (swapChanged && !raising) {
            swap(wanted);
        }
    }

    private void swap(Limits wanted) throws SandboxException {
        String value = Long.toString(wanted.memorySwap().bytes());
        String directory = directories.get("memory");
        if (directory == null) {
            writer.cannot(Limit.MEMORY_SWAP, value, reason("memory"));
        } else if (!features.swap()
                || !writer.writeIfThere(Limit.MEMORY_SWAP, directory + "/memory.memsw.limit_in_bytes", value)) {
            features.noSwap();
            writer.cannot(
                    Limit.MEMORY_SWAP,
                    value,
                    "the kernel does not count swap: boot with swapaccount=1, or switch swap off");
        }
    }

    /**
     * Newer kernels take the value and forget it, since kernel memory counts in the memory limit: so it is read
     * back.
     */
    private void kernelMemory(String directory, String bytes) throws KernelException {
        boolean held = features.kernelMemory() && kernelMemoryIsHeld(directory + "/memory.kmem.limit_in_bytes", bytes);
        if (!held) {
            features.noKernelMemory();
        }
        writer.note(Limit.KERNEL_MEMORY, held ? bytes : "within memory");
    }

    private boolean kernelMemoryIsHeld(String file, String bytes) throws KernelException {
        try {
            files.write(file, bytes);
            return files.read(file).trim().equals(bytes);
        } catch (KernelException refusal) {
            if (refusal.is(Errno.ENOENT) || refusal.is(Errno.EOPNOTSUPP)) {
                return false;
            }
            throw refusal;
        }
    }

    private void ioWeight(String weight) throws SandboxException {
        String directory = directories.get("blkio");
        if (directory == null && missing.containsKey("blkio")) {
            writer.cannot(Limit.IO_WEIGHT, weight, reason("blkio"));
            return;
        }
        while (directory != null && features.ioWeight()) {
            String file = features.ioWeightFile();
            if (writer.writeIfThere(Limit.IO_WEIGHT, directory + "/" + file, weight)) {
                return;
            }
            features.ioWeightFile(file.equals("blkio.bfq.weight") ? "blkio.weight" : "");
        }
        writer.cannot(
                Limit.IO_WEIGHT,
                weight,
                "this kernel has neither blkio.bfq.weight nor blkio.weight: load the bfq module (modprobe bfq)");
    }

    private void throttles(List<DeviceThrottle> wanted, List<DeviceThrottle> inForce) throws SandboxException {
        for (DeviceThrottle old : inForce) {
            throttle(old, 0);
        }
        for (DeviceThrottle throttle : wanted) {
            throttle(throttle, throttle.rate());
        }
    }

    private void throttle(DeviceThrottle throttle, long rate) throws SandboxException {
        String line = DeviceNumber.ofBlock(throttle.device()) + " " + rate;
        simple(Limit.IO_THROTTLE, "blkio", throttle.kind().v1File(), line);
    }

    private void cpuset(String cpus) throws SandboxException {
        String directory = directories.get("cpuset");
        if (directory == null) {
            writer.cannot(Limit.CPUSET_CPUS, cpus, reason("cpuset"));
            return;
        }
        String parent = directory.substring(0, directory.lastIndexOf('/'));
        V1Cpuset.copyIfEmpty(files, parent, directory, "cpuset.mems");
        String value = cpus.isEmpty() ? files.read(parent + "/cpuset.cpus").trim() : cpus;
        writer.write(Limit.CPUSET_CPUS, directory + "/cpuset.cpus", value);
    }
}
