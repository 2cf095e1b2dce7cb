// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

/** The kinds of namespaces; namespaces(7). @since 0.1 */
public enum Namespace {
    /** What is mounted where; always new. mount_namespaces(7). */
    MOUNT("mnt", 0x00020000L),
    /** Where /proc/self/cgroup and cgroup mounts begin; cgroup_namespaces(7). */
    CGROUP("cgroup", 0x02000000L),
    /** Host and domain name; uts_namespaces(7). */
    UTS("uts", 0x04000000L),
    /** System V IPC and POSIX message queues; ipc_namespaces(7). */
    IPC("ipc", 0x08000000L),
    /** Ids and capabilities; user_namespaces(7). */
    USER("user", 0x10000000L),
    /** Process ids; pid_namespaces(7). */
    PID("pid", 0x20000000L),
    /** Interfaces, ports, routes, abstract sockets; network_namespaces(7). */
    NETWORK("net", 0x40000000L),
    /** Monotonic and boot-time clocks; time_namespaces(7). */
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
