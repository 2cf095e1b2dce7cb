// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

/**
 * What a container is doing now. Zero or empty where the machine doesn't tell.
 *
 * @param memory bytes charged
 * @param pids tasks
 * @param bytesRead from block devices
 * @param bytesWritten to block devices
 * @param cpuPressure the file's text: time lost waiting for processors (version 2; Documentation/accounting/psi.rst)
 * @param memoryPressure the same for memory
 * @param ioPressure the same for disks
 */
public record CgroupActivity(
        long memory,
        long pids,
        long bytesRead,
        long bytesWritten,
        String cpuPressure,
        String memoryPressure,
        String ioPressure) {
    public static final CgroupActivity NOTHING = new CgroupActivity(0, 0, 0, 0, "", "", "");
}
