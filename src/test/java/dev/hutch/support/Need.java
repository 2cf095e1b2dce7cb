// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import dev.hutch.internal.kernel.JniKernel;
import dev.hutch.internal.kernel.KernelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/** Something that a kernel test can't do without. Asked once per JVM. */
public enum Need {
    ROOT(() -> when(PlainUser.isRoot(), "the test run isn't root's")),
    /** A user other than root: the test run's own, or one that {@link AsPlainUser} becomes. */
    PLAIN_USER(() -> when(!PlainUser.isRoot() || Tool.find("setpriv").isPresent(), "setpriv is not installed")),
    /** The test run is root's, so that a plain user's tests are other ones. */
    BOTH_USERS(() -> when(
            PlainUser.isRoot() || PlainUser.inOtherJvm(), "the test run is a plain user's: its other tests are these")),
    USER_NAMESPACES(() -> fails("unshare", "--user", "true")),
    /** For a plain user: a cgroup of its own in which it may make others. */
    CGROUP_ANY(() -> CgroupMachine.here().unwritable()),
    CGROUP_V1(() -> when(CgroupMachine.here().isV1(), "memory and pids are not mounted as cgroup v1")),
    CGROUP_V2(() -> when(!CgroupMachine.here().isV1(), "memory and pids are not on a cgroup v2 hierarchy")),
    /** The kernel has cgroup v1's net_prio and net_cls, and nobody has mounted them. */
    NET_CLASSES(() -> when(
            read("/proc/cgroups").matches("(?s).*net_cls\\s+0\\s.*net_prio\\s+0\\s.*"),
            "/proc/cgroups has no free net_cls and net_prio")),
    TIME_NAMESPACES(() -> exists("/proc/self/ns/time")),
    /** The file system of the fixtures takes idmapped mounts. */
    IDMAP_HERE(Need::idmap),
    OVERLAY(() -> contains("/proc/filesystems", "\toverlay")),
    LANDLOCK(Need::landlock),
    SWAP(() -> when(lines("/proc/swaps") > 1, "the machine has no swap")),
    /** The kernel counts it for each cgroup, swap or no swap there. */
    SWAP_COUNTED(() -> when(
            CgroupMachine.here().isV1()
                    ? Files.exists(CgroupMachine.here().v1().get("memory").resolve("memory.memsw.limit_in_bytes"))
                    : !read("/proc/cmdline").contains("swapaccount=0"),
            "the kernel counts no swap: boot with swapaccount=1")),
    /** Block devices made of files: a machine in a container may lack them. */
    LOOP(() -> fails("losetup", "--find")),
    MULTI_CORE(() -> when(Runtime.getRuntime().availableProcessors() > 1, "the machine has one processor")),
    X86_64(() -> when(System.getProperty("os.arch").equals("amd64"), "the machine isn't x86-64")),
    BUSYBOX(() -> tool("busybox")),
    DEBIAN_ROOT(DebianRoot::missing),
    GCC(() -> tool("gcc")),
    MUSL(() -> tool("musl-gcc")),
    /** gcc with the sanitizers' libraries. */
    ASAN(() -> Tool.find("gcc").isPresent()
            ? fails("sh", "-c", "test -e \"$(gcc -print-file-name=libasan.so)\"")
            : tool("gcc")),
    /** ip, which makes the network namespaces that tests take for other hosts. */
    IPROUTE(() -> tool("ip")),
    /** A guest that may run out of it. */
    SMALL_MEMORY(() -> when(
            Long.parseLong(read("/proc/meminfo").lines().findFirst().orElse("").replaceAll("\\D", "") + "0")
                    < 15_000_000,
            "the machine has 1.5 GB of memory or more, and other work")),
    /** As an outer container, with runc, which takes hybrid hierarchies too. */
    PODMAN(() -> fails("sh", "-c", "test -x /usr/bin/podman && test -x /usr/sbin/runc")),
    CRUN(() -> tool("crun")),
    /** A machine of the test run's own, whose settings may be changed. */
    GUEST(() -> exists("/run/vm/guest")),
    DEBIAN_SYSCTL(() -> exists("/proc/sys/kernel/unprivileged_userns_clone")),
    NEWUIDMAP(() -> exists("/usr/bin/newuidmap")),
    /** The one that knows IPv6, UDP and a time limit. */
    NETCAT(() -> exists("/usr/bin/nc.openbsd")),
    PASTA(() -> exists("/usr/bin/pasta")),
    SLIRP4NETNS(() -> exists("/usr/bin/slirp4netns")),
    /** As udev has it, open to everybody. */
    TUN(() -> fails("sh", "-c", "test $(stat -c %a /dev/net/tun) = 666")),
    STRACE(() -> exists("/usr/bin/strace")),
    PROCPS(() -> exists("/usr/bin/ps")),
    NGINX(() -> exists("/usr/sbin/nginx")),
    CURL(() -> exists("/usr/bin/curl")),
    IPERF3(() -> exists("/usr/bin/iperf3")),
    PING(() -> exists("/usr/bin/ping")),
    SETARCH(() -> exists("/usr/bin/setarch")),
    TAR(() -> tool("tar")),
    /** The kernel's log, where it tells of filters. */
    KERNEL_LOG(() -> fails("sh", "-c", "dd if=/dev/kmsg iflag=nonblock bs=8k count=1")),
    /** The nft program, and rules in a new network namespace. */
    NFT(() -> Tool.find("nft").isPresent()
            ? fails("unshare", "--net", Tool.find("nft").get().toString(), "add table inet try")
            : tool("nft")),
    DNSMASQ(() -> exists("/usr/sbin/dnsmasq")),
    DIG(() -> exists("/usr/bin/dig")),
    BASH(() -> tool("bash")),
    PYTHON(() -> exists("/usr/bin/python3")),
    NODE(() -> exists("/usr/bin/node")),
    GO(() -> exists("/usr/bin/go")),
    GIT(() -> exists("/usr/bin/git")),
    SQLITE(() -> exists("/usr/bin/sqlite3")),
    JAVAC(() -> exists("/usr/bin/javac")),
    /** A JDK 25 below /usr/lib/jvm, where the default view shows it. */
    JDK25(() -> when(Jdks.find(25).isPresent(), "no JDK 25 below /usr/lib/jvm"));

    private final Supplier<Optional<String>> question;
    private volatile Optional<String> answer = Optional.empty();
    private volatile boolean asked;

    Need(Supplier<Optional<String>> question) {
        this.question = question;
    }

    /** Why the need is not met here; empty where it is. */
    public synchronized Optional<String> missing() {
        if (!asked) {
            answer = question.get();
            asked = true;
        }
        return answer;
    }

    private static Optional<String> when(boolean met, String otherwise) {
        return met ? Optional.empty() : Optional.of(otherwise);
    }

    private static Optional<String> tool(String name) {
        return when(Tool.find(name).isPresent(), name + " is not installed");
    }

    private static Optional<String> exists(String path) {
        return when(Files.exists(Path.of(path)), "there is no " + path);
    }

    private static Optional<String> contains(String path, String text) {
        return when(read(path).contains(text), path + " has no " + text.strip());
    }

    private static long lines(String path) {
        return read(path).lines().count();
    }

    private static String read(String path) {
        try {
            return Files.readString(Path.of(path));
        } catch (IOException e) {
            return "";
        }
    }

    private static Optional<String> fails(String... command) {
        try {
            Tool.run(command);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()).strip());
        }
    }

    private static Optional<String> landlock() {
        try {
            JniKernel.load().landlockVersion();
            return Optional.empty();
        } catch (KernelException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static Optional<String> idmap() {
        if (!PlainUser.isRoot()) {
            return Optional.of("idmapped mounts need root");
        }
        try {
            Files.createDirectories(Fixtures.directory());
            String answer = Tool.run(
                    Inside.program().toString(), "idmap", Fixtures.directory().toString());
            return when(answer.strip().equals("idmap=ok"), "mount_setattr here says " + answer.strip());
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()).strip());
        }
    }
}
