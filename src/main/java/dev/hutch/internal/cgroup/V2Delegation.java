// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.spec.CgroupParent;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds a place that was delegated to us in version 2's hierarchy, and passes its controllers down to containers.
 *
 * <p>Two rules of the kernel shape it. A cgroup with controllers for its children has no processes of its own (but for
 * the root), so below the JVM's own cgroup nothing can be limited unless the JVM moves into a leaf. And a process is
 * only cloned into a cgroup if the nearest common ancestor of both may be written, so a plain user's place is above the
 * JVM's own cgroup and below the border of the delegation. See cgroup-v2.rst, "Delegation".
 */
final class V2Delegation {
    private static final Set<String> USUAL = Set.of("memory", "cpu", "pids", "io");
    private static final int MODE = 0755;
    private static final int O_WRONLY = 1;
    private static final String SELF_CURE = "let the JVM be moved into a leaf below it, or name another parent";

    private final KernelFiles files;
    private final JvmFolder jvm;
    private final boolean moveIntoLeaf;

    V2Delegation(KernelFiles files, JvmFolder jvm, boolean moveIntoLeaf) {
        this.files = files;
        this.jvm = jvm;
        this.moveIntoLeaf = moveIntoLeaf;
    }

    V2Place place(Hierarchy unified, Optional<CgroupParent> parent, boolean cpuset) throws SandboxException {
        Set<String> needed = new LinkedHashSet<>(USUAL);
        if (cpuset) {
            needed.add("cpuset");
        }
        if (parent.isEmpty()) {
            Optional<String> top = topmostWritable(unified);
            if (top.isEmpty()) {
                return new V2Place(
                        "",
                        Set.of(),
                        "no cgroup above this process may be written: run as root, or in a"
                                + " delegated one (systemd-run --user --scope -p Delegate=yes)");
            }
            return below(top.get(), needed, top.get().equals(unified.own()) ? Change.NEVER : Change.WHERE_POSSIBLE);
        }
        if (parent.get() instanceof CgroupParent.Below below) {
            String path = below.path().getNameCount() == 0 ? "" : below.path().toString();
            return below(unified.mountPoint() + path, needed, Change.OR_FAIL);
        }
        return below(unified.own(), needed, moveIntoLeaf ? Change.BY_MOVING : Change.OR_FAIL);
    }

    /** Whether the parent may be told to pass its controllers on. */
    private enum Change {
        NEVER,
        WHERE_POSSIBLE,
        OR_FAIL,
        BY_MOVING
    }

    /** Tried by opening cgroup.procs, since the right to write it is what cloning into a cgroup asks for. */
    private Optional<String> topmostWritable(Hierarchy unified) throws KernelException {
        List<String> candidates = new ArrayList<>(List.of(unified.mountPoint()));
        for (String name :
                unified.own().substring(unified.mountPoint().length()).split("/")) {
            if (!name.isEmpty()) {
                candidates.add(candidates.get(candidates.size() - 1) + "/" + name);
            }
        }
        for (String candidate : candidates) {
            try {
                files.close(files.open(candidate + "/cgroup.procs", O_WRONLY, 0));
                return Optional.of(candidate);
            } catch (KernelException refusal) {
                if (!refusal.is(Errno.EACCES) && !refusal.is(Errno.EPERM) && !refusal.is(Errno.EROFS)) {
                    throw refusal;
                }
            }
        }
        return Optional.empty();
    }

    private V2Place below(String parent, Set<String> needed, Change change) throws SandboxException {
        String folder;
        try {
            folder = jvm.below(parent, "", (top, made) -> {});
        } catch (KernelException refusal) {
            throw refusal.withCure("the parent cgroup must exist and be writable: make it first, or name another");
        }
        Set<String> wanted = new LinkedHashSet<>(needed);
        wanted.retainAll(words(parent + "/cgroup.controllers"));
        Set<String> enabled = words(parent + "/cgroup.subtree_control");
        String reason = parent + "/cgroup.controllers does not offer it";
        if (!enabled.containsAll(wanted)) {
            if (change == Change.NEVER) {
                reason = parent + "/cgroup.subtree_control does not pass it on, and this JVM runs there: " + SELF_CURE;
                wanted.retainAll(enabled);
            } else {
                try {
                    enable(parent, wanted, change == Change.BY_MOVING ? folder : "");
                } catch (SandboxException refusal) {
                    if (change != Change.WHERE_POSSIBLE) {
                        throw refusal;
                    }
                    reason = String.valueOf(refusal.getMessage());
                    wanted.retainAll(enabled);
                }
            }
        }
        pass(folder.substring(0, folder.lastIndexOf('/')), wanted);
        pass(folder, wanted);
        return new V2Place(folder, wanted, reason);
    }

    private void enable(String parent, Set<String> controllers, String leafBelow) throws SandboxException {
        try {
            pass(parent, controllers);
        } catch (KernelException refusal) {
            if (!refusal.is(Errno.EBUSY)) {
                throw refusal.withCure("control groups must be writable there");
            }
            if (leafBelow.isEmpty()) {
                throw refusal.withCure("processes run there, and version 2 then allows no limits below: " + SELF_CURE);
            }
            String leaf = leafBelow + "/self";
            files.mkdir(leaf, MODE);
            jvm.inhabited(true);
            move(parent, leaf);
            try {
                pass(parent, controllers);
            } catch (KernelException again) {
                move(leaf, parent);
                CgroupTree.remove(files, leaf);
                jvm.inhabited(false);
                throw again.withCure("other processes than this JVM run there: see " + parent + "/cgroup.procs");
            }
        }
    }

    /** "0" stands for the writer, and the whole process goes with the writing thread; its zygote is another process. */
    private void move(String from, String to) throws KernelException {
        files.write(to + "/cgroup.procs", "0");
        for (String pid : files.read(from + "/cgroup.procs").split("\n")) {
            if (pid.matches("[0-9]{1,9}") && isZygote(Integer.parseInt(pid))) {
                files.write(to + "/cgroup.procs", pid);
            }
        }
    }

    /** One of this JVM's; no other process of anybody's is ever moved. */
    private boolean isZygote(int pid) throws KernelException {
        return ProcessHandle.current().children().anyMatch(child -> child.pid() == pid)
                && files.read("/proc/" + pid + "/comm").strip().equals("hutch-zygote");
    }

    private void pass(String directory, Set<String> controllers) throws KernelException {
        if (!controllers.isEmpty()) {
            files.write(
                    directory + "/cgroup.subtree_control",
                    controllers.stream().map(name -> "+" + name).collect(Collectors.joining(" ")));
        }
    }

    private Set<String> words(String file) throws KernelException {
        String text = files.read(file).trim();
        return text.isEmpty() ? Set.of() : Set.of(text.split(" "));
    }
}
