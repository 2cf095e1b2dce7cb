// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

/** The kinds of namespaces; namespaces(7). @since 0.1 */
public enum Namespace {
    MOUNT("mnt", 0x00020000L),
    CGROUP("cgroup", 0x02000000L),
    UTS("uts", 0x04000000L),
    IPC("ipc", 0x08000000L),
    USER("user", 0x10000000L),
    PID("pid", 0x20000000L),
    NETWORK("net", 0x40000000L),
    TIME("time", 0x00000080L);

    private final String procName;
    private final long cloneFlag;

    Namespace(String procName, long cloneFlag) {
        this.procName = procName;
        this.cloneFlag = cloneFlag;
    }

    /** Its name under /proc/PID/ns. */
    public String procName() {
        return procName;
    }

    /** Its CLONE_NEW flag; clone(2). */
    public long cloneFlag() {
        return cloneFlag;
    }
}
