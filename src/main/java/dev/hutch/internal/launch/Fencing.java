// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.files.ThrowAway;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.plan.Fence;
import dev.hutch.internal.plan.Launch;
import dev.hutch.internal.seccomp.Architecture;
import dev.hutch.internal.seccomp.SeccompFilters;
import dev.hutch.spec.Isolation;
import dev.hutch.spec.Network;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a sandbox without namespaces needs of this side: Landlock's version, its ids, a folder of its own. */
final class Fencing implements AutoCloseable {
    private static final Path CHILDREN = Path.of("/proc/thread-self/children");

    private final Fence fence;
    private final ThrowAway folder;

    private Fencing(Fence fence, ThrowAway folder) {
        this.fence = fence;
        this.folder = folder;
    }

    /** Null where the sandbox is a container. */
    static @Nullable Fencing of(Means means, SandboxSpec spec, Ids ids) throws SandboxException {
        if (spec.isolation() != Isolation.LANDLOCK) {
            return null;
        }
        int version = version(means.kernel());
        if (!Files.exists(CHILDREN)) {
            throw new SandboxException(
                    "isolation landlock",
                    CHILDREN.toString(),
                    null,
                    "the kernel doesn't tell a process of its children, so what a program leaves could not be ended: it"
                            + " needs CONFIG_PROC_CHILDREN");
        }
        User user = ids.hostUser();
        if (user != null) {
            checkWritable(spec, user);
        }
        ThrowAway folder = means.throwAways().make();
        try {
            Path own = user == null ? folder.folder() : belongingTo(user, folder.folder());
            return new Fencing(new Fence(version, user, own, means.host().view(), List.of(), new byte[0]), folder);
        } catch (IOException e) {
            folder.close();
            throw new SandboxException(
                    "chown",
                    folder.folder().toString(),
                    "root has no CAP_CHOWN, which the sandbox's own folder takes",
                    e);
        }
    }

    /** Within the folder, which stays ours: a sweep removes none that has another owner. */
    private static Path belongingTo(User user, Path folder) throws IOException {
        Path own = Files.createDirectory(
                folder.resolve("own"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.setAttribute(own, "unix:gid", (int) user.gid());
        Files.setAttribute(own, "unix:uid", (int) user.uid());
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        return own;
    }

    /** What it would be, for people to read; nothing is made. */
    static @Nullable Fence described(Means means, SandboxSpec spec, Ids ids) throws SandboxException {
        if (spec.isolation() != Isolation.LANDLOCK) {
            return null;
        }
        Path folder = Path.of(System.getProperty("java.io.tmpdir"), "hutch-files-");
        return new Fence(
                version(means.kernel()), ids.hostUser(), folder, means.host().view(), List.of(), new byte[0]);
    }

    private static int version(Kernel kernel) throws SandboxException {
        try {
            return kernel.landlockVersion();
        } catch (KernelException e) {
            throw e.withCure("this kernel has no Landlock (Linux 5.13 and newer have), or was booted with an lsm= that"
                    + " leaves it out, or a seccomp filter outside of Hutch hides it");
        }
    }

    /** Its ids own nothing of the host's. */
    private static void checkWritable(SandboxSpec spec, User user) throws SandboxException {
        for (Path path : SetIdFiles.writable(spec)) {
            try {
                if (!Files.getPosixFilePermissions(path).contains(PosixFilePermission.OTHERS_WRITE)
                        && (int) Files.getAttribute(path, "unix:uid") != (int) user.uid()) {
                    throw new SandboxException(
                            "write to",
                            path.toString(),
                            null,
                            "as root the program behind Landlock has an id of its own, which nobody can map: make the"
                                    + " folder writable for others, in one that is closed to them, or run as a plain user");
                }
            } catch (SandboxException e) {
                throw e;
            } catch (IOException e) {
                throw new SandboxException("write to", path.toString(), "it must exist", e);
            }
        }
    }

    Fence fence(Iterable<String> cgroups) {
        List<String> directories = new ArrayList<>();
        cgroups.forEach(directories::add);
        return new Fence(fence.version(), fence.user(), fence.folder(), fence.view(), directories, fence.filter());
    }

    /** The launch as it is behind this fence: the filter knows the command, which has its own folder where none is named. */
    static Launch behind(Launch launch, @Nullable Fence fence, int command) throws SandboxException {
        if (fence == null) {
            return launch;
        }
        SandboxSpec spec = launch.spec();
        Path home = spec.workspace() != null ? spec.workspace() : fence.folder();
        Map<String, String> environment = new LinkedHashMap<>(launch.environment());
        environment.putIfAbsent("HOME", home.toString());
        environment.putIfAbsent("TMPDIR", fence.folder().toString());
        byte[] filter = SeccompFilters.fence(
                fence.version(),
                spec.network().kind() == Network.Kind.HOST,
                fence.user() != null,
                command,
                Architecture.current());
        String directory = launch.directory().isEmpty() ? home.toString() : launch.directory();
        return launch.withCommand(launch.arguments(), environment, directory, launch.terminal())
                .withFence(fence.withFilter(filter));
    }

    /** The sandbox is gone. */
    @Override
    public void close() throws SandboxException {
        folder.close();
    }
}
