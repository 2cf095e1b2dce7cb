// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.LockFile;
import dev.hutch.internal.kernel.RuntimeDirectory;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The networks that the host has, as files: {@code networks/NAME} holds what it is, a lock file of each JVM that uses it,
 * and one of each address that is in use. What a JVM held is free when it is dead, whatever killed it. Thread-safe.
 */
final class NetworkStore {
    static final String FOLDER = "networks";
    private static final String MUTEX = "lock";
    private static final String CONFIG = "config.json";
    private static final String USERS = "users";
    private static final String LEASES = "leases";
    private static final int PATIENCE_ROUNDS = 5_000;
    private static final int ATTEMPTS = 10;

    private final Kernel kernel;
    private final Map<String, String> environment;

    NetworkStore(Kernel kernel, Map<String, String> environment) {
        this.kernel = kernel;
        this.environment = environment;
    }

    /** What is done while no other JVM makes or removes a network. */
    interface Work<T> {
        T run() throws SandboxException;
    }

    <T> T locked(Work<T> work) throws SandboxException {
        String path = folder() + "/" + MUTEX;
        for (int i = 0; i < PATIENCE_ROUNDS; i++) {
            Optional<LockFile> mutex = LockFile.tryMake(kernel, path);
            if (mutex.isPresent()) {
                try {
                    return work.run();
                } finally {
                    mutex.get().close();
                }
            }
            pause();
        }
        throw new SandboxException("lock", path, Errno.EBUSY, "another JVM holds it and does not let go");
    }

    private static void pause() throws SandboxException {
        try {
            Thread.sleep(2);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SandboxException("lock", "the networks", "interrupted while another JVM changed them", e);
        }
    }

    private String folder() throws SandboxException {
        return RuntimeDirectory.open(kernel, environment).folder(FOLDER);
    }

    private Path of(String network) throws SandboxException {
        return Path.of(folder(), network);
    }

    List<NetworkConfig> all() throws SandboxException {
        List<NetworkConfig> all = new ArrayList<>();
        for (File file : files(Path.of(folder()))) {
            read(file.getName()).ifPresent(all::add);
        }
        return all;
    }

    /** Folders without a description: of JVMs that were killed while they made one or removed it, or are at it. */
    List<String> unfinished() throws SandboxException {
        List<String> names = new ArrayList<>();
        for (File file : files(Path.of(folder()))) {
            if (file.isDirectory() && read(file.getName()).isEmpty()) {
                names.add(file.getName());
            }
        }
        return names;
    }

    Optional<NetworkConfig> read(String network) throws SandboxException {
        String path = of(network).resolve(CONFIG).toString();
        try {
            return Optional.of(NetworkConfig.read(path, kernel.read(path)));
        } catch (KernelException e) {
            if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Whole or not at all, also where this JVM dies meanwhile. */
    void write(NetworkConfig config) throws SandboxException {
        Path folder = of(config.name());
        try {
            Files.createDirectories(folder.resolve(USERS));
            Files.createDirectories(folder.resolve(LEASES));
            Path whole = Files.writeString(folder.resolve(CONFIG + ".new"), config.json());
            Files.move(whole, folder.resolve(CONFIG), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new SandboxException("write", folder.toString(), "networks are written down there", e);
        }
    }

    /** Its description first: without it there is no network. */
    void delete(String network) throws SandboxException {
        Path folder = of(network);
        try {
            Files.deleteIfExists(folder.resolve(CONFIG));
            for (String part : List.of(USERS, LEASES)) {
                for (File file : files(folder.resolve(part))) {
                    Files.deleteIfExists(file.toPath());
                }
                Files.deleteIfExists(folder.resolve(part));
            }
            Files.deleteIfExists(folder.resolve(CONFIG + ".new"));
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new SandboxException("remove", folder.toString(), "it was the description of a network", e);
        }
    }

    /** Says that this JVM uses the network, for as long as the file is held. */
    LockFile use(String network) throws SandboxException {
        Path users = of(network).resolve(USERS);
        for (int i = 0; i < ATTEMPTS; i++) {
            String name = kernel.read("/proc/sys/kernel/random/uuid").strip();
            Optional<LockFile> mine =
                    LockFile.tryMake(kernel, users.resolve(name).toString());
            if (mine.isPresent()) {
                return mine.get();
            }
        }
        throw new SandboxException("lock", users.toString(), Errno.EBUSY, "another JVM took each new file there");
    }

    /** How many JVMs use it; files of dead ones are removed. */
    int users(String network) throws SandboxException {
        return alive(of(network).resolve(USERS), name -> {});
    }

    /** How many addresses are in use; those of dead JVMs are forgotten, then given back. */
    int leases(String network, Leases.Dead dead) throws SandboxException {
        return alive(of(network).resolve(LEASES), dead);
    }

    /** Where the addresses of a network stand that are in use. */
    String leaseFolder(String network) throws SandboxException {
        return of(network).resolve(LEASES).toString();
    }

    private int alive(Path folder, Leases.Dead forget) throws SandboxException {
        int alive = 0;
        for (File file : files(folder)) {
            Optional<LockFile> dead = LockFile.tryTake(kernel, file.getPath());
            if (dead.isPresent()) {
                try (LockFile left = dead.get()) {
                    forget.forget(file.getName());
                    left.delete();
                }
            } else if (file.exists()) {
                alive++;
            }
        }
        return alive;
    }

    private static List<File> files(Path folder) {
        File[] files = folder.toFile().listFiles();
        return files == null ? List.of() : Arrays.asList(files);
    }
}
