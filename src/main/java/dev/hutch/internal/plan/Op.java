// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.plan;

import dev.hutch.spec.Capability;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.User;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One step of a plan, before it is bytes. References are strings, lists of strings or byte arrays, as the op has them.
 *
 * @param words what it does, for people: the operation, then what it is applied to
 */
public record Op(
        OpCode code,
        @Nullable FdSource fd,
        int flags,
        @Nullable Object first,
        @Nullable Object second,
        @Nullable Object third,
        long num0,
        long num1,
        int length,
        String words) {
    public static final int AS_ROOT = 1;
    public static final int NO_SYMLINKS = 2;
    public static final int RECURSIVE = 4;
    public static final int SOURCE_IN_ROOT = 8;
    public static final int IF_EXISTS = 16;
    public static final int MAY_EXIST = 32;
    public static final int REPLACE = 64;

    static final int LISTEN = 128;

    public static final int APPEND = 256;

    public static final long RDONLY = 1;
    public static final long NOSUID = 2;
    public static final long NODEV = 4;
    public static final long NOEXEC = 8;

    static final int HELPER = 3;

    private static final int PR_SET_PDEATHSIG = 1;
    private static final int PR_SET_SECUREBITS = 28;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int PR_CAP_AMBIENT = 47;
    private static final int PR_CAP_AMBIENT_RAISE = 2;
    private static final int SIGKILL = 9;

    static Op simple(OpCode code, String words) {
        return number(code, 0, 0, words);
    }

    static Op number(OpCode code, long num0, long num1, String words) {
        return new Op(code, null, 0, null, null, null, num0, num1, 0, words);
    }

    static Op text(OpCode code, int flags, String first, @Nullable String second, String words) {
        return new Op(code, null, flags, first, second, null, 0, 0, 0, words);
    }

    static Op blob(OpCode code, byte[] bytes, String words) {
        return new Op(code, null, 0, bytes, null, null, 0, 0, bytes.length, words);
    }

    public static Op sethostname(String name) {
        return text(OpCode.SETHOSTNAME, 0, name, null, "sethostname " + name);
    }

    /**
     * Messages to netlink; netlink(7).
     *
     * @param messages of which the last one alone is acknowledged
     */
    public static Op netlink(int protocol, byte[] messages, String words) {
        return new Op(OpCode.NETLINK, null, 0, messages, null, null, protocol, 0, messages.length, "netlink " + words);
    }

    /**
     * A socket in the container's network namespace, for this JVM: it comes with the part's ready message.
     *
     * @param address struct sockaddr to bind; empty for none
     */
    public static Op socket(int domain, int type, int protocol, byte[] address, boolean listen, String words) {
        return new Op(
                OpCode.SOCKET,
                null,
                listen ? LISTEN : 0,
                address,
                null,
                null,
                (long) type << 16 | domain,
                protocol,
                address.length,
                "socket " + words);
    }

    public static Op mountPrivate() {
        return simple(OpCode.MOUNT_PRIVATE, "mount --make-rprivate /");
    }

    /** In a mount namespace that is made first. */
    static Op ownMountNamespace() {
        return number(OpCode.MOUNT_PRIVATE, Namespace.MOUNT.cloneFlag(), 0, "unshare the mount namespace");
    }

    /** A new file system at {@code target} beneath the root; the empty target with AS_ROOT is the root itself. */
    public static Op mountFs(String type, String target, Map<String, String> options, long attributes, int flags) {
        List<String> pairs = new ArrayList<>();
        options.forEach((key, value) -> {
            pairs.add(key);
            pairs.add(value);
        });
        return new Op(
                OpCode.MOUNT_FS,
                null,
                flags,
                type,
                target,
                pairs,
                attributes,
                0,
                0,
                "mount " + type + " on /" + target);
    }

    /** A bind mount of a path in the mount namespace at hand, or in the new root with SOURCE_IN_ROOT. */
    public static Op mountTree(String source, String target, long attributes, int flags) {
        return new Op(
                OpCode.MOUNT_TREE,
                null,
                flags,
                source,
                target,
                null,
                attributes,
                0,
                0,
                "bind " + source + " on /" + target);
    }

    /** A bind mount of the same place, by another path. */
    public Op withSource(String source) {
        return new Op(code, fd, flags, source, second, third, num0, num1, length, words);
    }

    /** A bind mount of a tree that comes as a descriptor, its attributes already set. */
    public static Op mountTree(FdSource.Tree tree, String target, int flags) {
        return new Op(
                OpCode.MOUNT_TREE, tree, flags, null, target, null, 0, 0, 0, "bind " + tree.path() + " on /" + target);
    }

    /** A bind mount of a character device, which must be the one with this number. */
    public static Op mountDevice(String source, String target, long device) {
        return new Op(
                OpCode.MOUNT_TREE,
                null,
                NO_SYMLINKS,
                source,
                target,
                null,
                NOSUID | NOEXEC,
                device,
                0,
                "bind device " + source + " on /" + target);
    }

    public static Op mountSetattr(String target, long set, int flags) {
        return new Op(OpCode.MOUNT_SETATTR, null, flags, target, null, null, set, 0, 0, "mount_setattr on /" + target);
    }

    /** Hides a path under an empty folder or the null device. */
    public static Op mask(String target, long nullDevice) {
        return new Op(OpCode.MASK, null, 0, target, "/dev/null", null, 0, nullDevice, 0, "mask /" + target);
    }

    public static Op mkdir(String folder, String name, int mode, int flags) {
        return new Op(OpCode.MKDIR, null, flags, folder, name, null, mode, 0, 0, "mkdir " + path(folder, name));
    }

    public static Op symlink(String folder, String name, String to) {
        return new Op(
                OpCode.SYMLINK, null, 0, folder, name, to, 0, 0, 0, "symlink " + path(folder, name) + " to " + to);
    }

    public static Op writeFile(String folder, String name, byte[] content, int mode, int flags) {
        return new Op(
                OpCode.WRITE_FILE,
                null,
                flags,
                content,
                folder,
                name,
                mode,
                0,
                content.length,
                "write " + path(folder, name));
    }

    public static Op writeProc(String path, String value, int flags) {
        return text(OpCode.WRITE_PROC, flags, path, value, "write /" + path);
    }

    public static Op pivotRoot() {
        return simple(OpCode.PIVOT_ROOT, "pivot_root");
    }

    public static Op ready() {
        return simple(OpCode.READY, "report ready");
    }

    public static Op timeOffsets(String lines) {
        return text(OpCode.TIME_OFFSETS, 0, lines, null, "write /proc/self/timens_offsets");
    }

    public static Op stream(int number) {
        return new Op(
                OpCode.DUP2,
                new FdSource.Stream(number),
                0,
                null,
                null,
                null,
                number,
                0,
                0,
                "standard stream " + number);
    }

    /** Hutch's own program, to be executed by its number. */
    static Op helper() {
        return new Op(OpCode.DUP2, new FdSource.Helper(), 0, null, null, null, HELPER, 0, 0, "the session's program");
    }

    public static Op bounding(java.util.Set<Capability> keep) {
        return number(OpCode.BOUNDING, Capability.bits(keep), 0, "drop the bounding set but for " + keep);
    }

    public static Op securebits(long bits) {
        return number(OpCode.PRCTL, PR_SET_SECUREBITS, bits, "prctl PR_SET_SECUREBITS");
    }

    public static Op ambient(Capability capability) {
        return new Op(
                OpCode.PRCTL,
                null,
                0,
                null,
                null,
                null,
                PR_CAP_AMBIENT,
                PR_CAP_AMBIENT_RAISE,
                capability.ordinal(),
                "prctl PR_CAP_AMBIENT_RAISE " + capability);
    }

    public static Op dieWithGuard() {
        return number(OpCode.PRCTL, PR_SET_PDEATHSIG, SIGKILL, "prctl PR_SET_PDEATHSIG");
    }

    public static Op noNewPrivs() {
        return number(OpCode.PRCTL, PR_SET_NO_NEW_PRIVS, 1, "prctl PR_SET_NO_NEW_PRIVS");
    }

    public static Op setIds(User user) {
        ByteBuffer groups = ByteBuffer.allocate(4 * user.groups().size()).order(ByteOrder.LITTLE_ENDIAN);
        user.groups().forEach(group -> groups.putInt(group.intValue()));
        return new Op(
                OpCode.SET_IDS,
                null,
                0,
                groups.array(),
                null,
                null,
                user.uid(),
                user.gid(),
                groups.capacity(),
                "setresuid " + user.uid() + ", setresgid " + user.gid() + ", setgroups " + user.groups());
    }

    public static Op capset(long permitted, long inheritable) {
        return number(OpCode.CAPSET, permitted, inheritable, "capset");
    }

    public static Op setsid(boolean terminal) {
        return number(OpCode.SETSID, terminal ? 1 : 0, 0, terminal ? "setsid and ioctl TIOCSCTTY" : "setsid");
    }

    public static Op chdir(String folder) {
        return text(OpCode.CHDIR, 0, folder, null, "chdir " + folder);
    }

    public static Op closeOnExec() {
        return simple(OpCode.CLOSE_ON_EXEC, "close_range 3 and above");
    }

    public static Op unblockSignals() {
        return simple(OpCode.UNBLOCK_SIGNALS, "sigprocmask");
    }

    /**
     * A Landlock ruleset, which rules are then added to.
     *
     * @param files rights on files that need a rule from then on
     * @param ports rights on TCP ports that nobody has
     * @param scopes what is not reached outside
     */
    static Op landlockCreate(long files, long ports, long scopes) {
        return number(OpCode.LANDLOCK_CREATE, files, scopes << 32 | ports, "landlock_create_ruleset");
    }

    /**
     * What is at the path, and below it, may be reached with these rights.
     *
     * @param ofFiles which of them there are for what is no folder
     */
    static Op landlockRule(String path, long rights, long ofFiles, int flags) {
        return new Op(
                OpCode.LANDLOCK_RULE, null, flags, path, null, null, rights, ofFiles, 0, "landlock_add_rule " + path);
    }

    static Op landlockRestrict() {
        return simple(OpCode.LANDLOCK_RESTRICT, "landlock_restrict_self");
    }

    public static Op seccomp(byte[] filter) {
        return blob(OpCode.SECCOMP, filter, "seccomp filter of " + filter.length / 8 + " instructions");
    }

    public static Op execve(List<String> candidates, List<String> arguments, List<String> environment) {
        return new Op(
                OpCode.EXECVE, null, 0, candidates, arguments, environment, 0, 0, 0, "execve " + arguments.get(0));
    }

    /** The same with its program elsewhere. */
    Op withCandidates(List<String> candidates) {
        return new Op(code, fd, flags, candidates, second, third, num0, num1, length, words);
    }

    private static String path(String folder, String name) {
        return folder.equals(".") ? "/" + name : "/" + folder + "/" + name;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
