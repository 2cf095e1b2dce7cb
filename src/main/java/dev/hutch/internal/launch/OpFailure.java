// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.plan.Op;
import dev.hutch.internal.plan.OpCode;
import dev.hutch.internal.plan.PlanPart;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.util.List;
import java.util.Map;

/** Turns (stage, op index, errno) of the child into words: what failed, on what, and the usual cure. */
final class OpFailure {
    static final int STAGE_OP = 8;
    private static final int NETFILTER = 12;
    static final int STAGE_JOIN = 4;

    static final Map<Integer, String> STAGES = Map.of(
            1, "clone3",
            2, "watch the zygote",
            3, "receive go",
            4, "join the cgroups and namespaces",
            5, "take the ids of the map's root",
            6, "fork the command",
            7, "receive the plan");

    private OpFailure() {}

    static SandboxException of(PlanPart part, int stage, int op, int errno) {
        return of(part.ops(), stage, op, errno);
    }

    static SandboxException of(List<Op> ops, int stage, int op, int errno) {
        Errno error = new Errno(errno);
        if (stage != STAGE_OP || op >= ops.size()) {
            return new SandboxException(
                    STAGES.getOrDefault(stage, "stage " + stage), "", error, stageCure(stage, error));
        }
        Op failed = ops.get(op);
        int space = failed.words().indexOf(' ');
        String operation = space < 0 ? failed.words() : failed.words().substring(0, space);
        String target = space < 0 ? "" : failed.words().substring(space + 1);
        return new SandboxException(operation, target, error, cure(failed, error));
    }

    private static String stageCure(int stage, Errno error) {
        if (stage == STAGE_JOIN && error.equals(Errno.ESRCH)) {
            return "the container's main program has ended, and all of it with it";
        }
        if (stage == STAGE_JOIN && error.equals(Errno.EPERM)) {
            return "the main program must be one whose file the user inside can read";
        }
        if (stage == 1 && error.equals(Errno.EPERM)) {
            return "new namespaces are refused here: `hutch doctor` tells which rule forbids them";
        }
        if (stage == 1 && error.equals(Errno.ENOSPC)) {
            return "the limit of namespaces is reached: raise the sysctls user.max_*_namespaces";
        }
        return error.equals(Errno.EAGAIN)
                ? "the limit of processes is reached: the sandbox's own (--pids-limit), or see ulimit -u and pids.max"
                : "";
    }

    private static String cure(Op op, Errno error) {
        if (error.equals(Errno.ENOSYS)) {
            return KernelException.NO_SUCH_CALL;
        }
        return switch (op.code()) {
            case EXECVE -> execCure(error);
            case CHDIR -> "the working directory must exist inside and be open to the user inside";
            case MOUNT_TREE, MOUNT_FS, MKDIR, WRITE_FILE, SYMLINK -> mountCure(op, error);
            case SET_IDS ->
                error.equals(Errno.EINVAL)
                        ? "the id is not in the sandbox's map: choose one below 65536 or give a map"
                        : "";
            case SETHOSTNAME -> error.equals(Errno.EINVAL) ? "the host name has at most 64 characters" : "";
            case TIME_OFFSETS -> "clocks must stay between 0 and 146 years";
            case NETLINK ->
                op.num0() == NETFILTER && (error.equals(Errno.ENOENT) || error.equals(Errno.EOPNOTSUPP))
                        ? "the kernel lacks what an egress list takes: load nf_tables, nft_ct and nft_reject_inet (modprobe)"
                        : "";
            case LANDLOCK_RULE -> "it must exist, in folders that the sandbox's own id may enter";
            case SECCOMP -> "the kernel refuses the filter: it needs CONFIG_SECCOMP_FILTER";
            default -> "";
        };
    }

    private static String execCure(Errno error) {
        if (error.equals(Errno.ENOENT)) {
            return "there is no such program inside (or its interpreter is missing there)";
        }
        if (error.equals(Errno.EACCES)) {
            return "it is no file that the user inside may execute";
        }
        if (error.equals(Errno.E2BIG)) {
            return "arguments and environment together may take 2 MiB, one string 128 KiB";
        }
        return error.equals(Errno.ENOEXEC) ? "it is neither an ELF file for this machine nor a script with #!" : "";
    }

    private static String mountCure(Op op, Errno error) {
        if (error.equals(Errno.ELOOP)) {
            return "a symbolic link stands where Hutch mounts a file system of its own: remove it from the root; or"
                    + " one was put on the way to the source just now";
        }
        if (error.equals(Errno.EXDEV)) {
            return "a symbolic link of the root leads into /proc, where nothing may be mounted: remove it";
        }
        if (error.equals(Errno.EROFS)) {
            return "the mount point doesn't exist and can't be made in a read-only root: create it there, or use"
                    + " --ephemeral";
        }
        if (error.equals(Errno.EPERM) && op.code() == OpCode.MOUNT_FS && "proc".equals(op.first())) {
            return "parts of the outer /proc are masked, so the kernel refuses a new one: give the outer container an"
                    + " unmasked /proc (systempaths=unconfined, procMount: Unmasked)";
        }
        if (error.equals(Errno.EACCES) || error.equals(Errno.EOVERFLOW)) {
            return "the mount point doesn't exist and can't be made with the ids of this sandbox: create it first";
        }
        return error.equals(Errno.ENOENT) ? "the source or the mount point does not exist" : "";
    }
}
