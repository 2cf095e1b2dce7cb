// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import com.grack.nanojson.JsonWriter;
import dev.hutch.internal.json.JsonValue;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.LockFile;
import dev.hutch.internal.kernel.RuntimeDirectory;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The network namespaces of containers that have a name, for others to join: a lock file each, held by the JVM whose
 * container it is, that says which process has the namespace. Thread-safe.
 */
final class SharedNamespaces {
    private static final String FOLDER = "names";
    private static final char MARK = '@';

    private final Kernel kernel;
    private final Map<String, String> environment;

    SharedNamespaces(Kernel kernel, Map<String, String> environment) {
        this.kernel = kernel;
        this.environment = environment;
    }

    /**
     * A namespace that can be joined.
     *
     * @param fd of it, which the holder closes
     * @param address of the container's, as /etc/hosts has it
     * @param resolvConf the content of its /etc/resolv.conf; null for none
     */
    record Shared(int fd, String address, @Nullable String resolvConf) {}

    private String folder() throws SandboxException {
        return RuntimeDirectory.open(kernel, environment).folder(FOLDER);
    }

    /** Makes the container's namespace known by the name, for as long as it is attached. */
    Attachment share(String name, int pid, int netns, Attachment to) throws SandboxException {
        long inode = kernel.fstat(netns).ino();
        Optional<LockFile> file = LockFile.tryMake(kernel, folder() + "/" + name + MARK + pid);
        if (file.isEmpty()) {
            throw new SandboxException("name", name, Errno.EBUSY, "the file of that name is somebody else's");
        }
        try {
            file.get()
                    .append(JsonWriter.string()
                            .object()
                            .value("pid", pid)
                            .value("netns", inode)
                            .value("address", to.ownAddress())
                            .value("resolvConf", to.resolvConf())
                            .end()
                            .done());
        } catch (SandboxException e) {
            file.get().delete();
            throw e;
        }
        return new Attachment() {
            @Override
            public void close() throws SandboxException {
                file.get().delete();
            }
        };
    }

    /** @throws SandboxException if no running container has the name, or several have */
    Shared find(String name) throws SandboxException {
        List<Shared> found = new ArrayList<>();
        String folder = folder();
        String[] files = new File(folder).list((parent, file) -> file.startsWith(name + MARK));
        try {
            for (String file : files == null ? new String[0] : files) {
                Shared shared = open(folder + "/" + file);
                if (shared != null) {
                    found.add(shared);
                }
            }
            if (found.size() == 1) {
                return found.remove(0);
            }
            throw new SandboxException(
                    "join",
                    "the network of " + name,
                    null,
                    found.isEmpty()
                            ? "no sandbox of that name runs that root started with a network namespace of its own (--name)"
                            : found.size() + " sandboxes have that name: give each its own");
        } finally {
            found.forEach(shared -> kernel.close(shared.fd()));
        }
    }

    /** Null for a dead JVM's. That the file is still held when the namespace is open says that the pid is still meant. */
    private @Nullable Shared open(String path) throws SandboxException {
        if (isFree(path)) {
            return null;
        }
        int fd = -1;
        boolean its = false;
        try {
            JsonValue json = JsonValue.parse("sandbox", path, kernel.read(path));
            fd = kernel.open("/proc/" + json.need("pid").number(1, Integer.MAX_VALUE) + "/ns/net", 0, 0);
            its = kernel.fstat(fd).ino() == json.need("netns").unsigned() && !isFree(path);
            return its
                    ? new Shared(
                            fd,
                            json.need("address").text(),
                            json.field("resolvConf").isEmpty()
                                    ? null
                                    : json.need("resolvConf").text())
                    : null;
        } catch (KernelException e) {
            if (e.is(Errno.ENOENT) || e.is(Errno.ESRCH)) {
                return null;
            }
            throw e;
        } finally {
            if (fd >= 0 && !its) {
                kernel.close(fd);
            }
        }
    }

    private boolean isFree(String path) throws KernelException {
        Optional<LockFile> free = LockFile.tryTake(kernel, path);
        free.ifPresent(LockFile::close);
        return free.isPresent() || !new File(path).exists();
    }

    /** Removes the files of dead JVMs. */
    void sweep() throws SandboxException {
        String folder = folder();
        String[] files = new File(folder).list();
        for (String file : files == null ? new String[0] : files) {
            Optional<LockFile> dead = LockFile.tryTake(kernel, folder + "/" + file);
            if (dead.isPresent()) {
                dead.get().delete();
            }
        }
    }
}
