// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** Runs our classes in a container of podman's, as they would run in a pod: with the host's programs and no network. */
public final class Podman implements AutoCloseable {
    /** What one call gave: output and error together. */
    public record Answer(int status, String said) {}

    /** What sets up the container. */
    public enum Runtime {
        RUNC("runc"),
        /** It refuses hybrid hierarchies, and its filter of devices takes more locked memory than every machine gives root. */
        CRUN("crun", "--cgroups=disabled");

        private final String program;
        private final List<String> switches;

        Runtime(String program, String... switches) {
            this.program = program;
            this.switches = List.of(switches);
        }
    }

    /** In a mount namespace of its own there is cgroup v2 alone. */
    private static final String VERSION_2 =
            "umount -R /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup; exec \"$@\"";

    /** In a mount namespace of its own, that user gets the name and the ids that rootless containers need. */
    private static final String ROOTLESS = """
            printf 'ada:x:%1$d:%1$d::%2$s:/bin/sh\n' | cat /etc/passwd - >%2$s/passwd
            echo ada:700000:65536 >%2$s/subids
            mount --bind %2$s/passwd /etc/passwd
            mount --bind %2$s/subids /etc/subuid
            mount --bind %2$s/subids /etc/subgid
            exec setpriv --reuid %1$d --regid %1$d --clear-groups env XDG_RUNTIME_DIR=%2$s/tmp "$@"
            """;

    private final StagedJvm jvm;
    private final Path root;
    private final boolean rootless;
    private final Runtime runtime;

    private Podman(StagedJvm jvm, Path root, boolean rootless, Runtime runtime) {
        this.jvm = jvm;
        this.root = root;
        this.rootless = rootless;
        this.runtime = runtime;
    }

    /** @param rootless whether it is a plain user's */
    public static Podman make(boolean rootless, Runtime runtime) throws IOException {
        StagedJvm jvm = StagedJvm.make();
        Path root = Files.createDirectory(jvm.folder().resolve("root"));
        for (String name : List.of("usr", "etc", "proc", "sys", "dev", "run", "var", "work")) {
            Files.createDirectory(root.resolve(name));
        }
        Files.createDirectory(root.resolve("tmp"));
        Tool.run("chmod", "1777", root.resolve("tmp").toString());
        for (String link : List.of("bin", "sbin", "lib", "lib32", "lib64")) {
            if (Files.isSymbolicLink(Path.of("/", link))) {
                Files.createSymbolicLink(root.resolve(link), Files.readSymbolicLink(Path.of("/", link)));
            }
        }
        for (String file : List.of("passwd", "group", "nsswitch.conf", "ld.so.cache")) {
            Files.copy(Path.of("/etc", file), root.resolve("etc").resolve(file));
        }
        if (rootless) {
            Tool.run("chown", "-R", StagedJvm.UID + ":" + StagedJvm.UID, root.toString());
        }
        return new Podman(jvm, root, rootless, runtime);
    }

    /** Runs a class in a container that is made with the switches. */
    public Answer run(List<String> switches, Class<?> main, String... words) throws Exception {
        List<String> command = new ArrayList<>();
        if (rootless) {
            String script = ROOTLESS.formatted(StagedJvm.UID, jvm.folder());
            command.addAll(List.of("unshare", "--mount", "sh", "-ec", script, "sh"));
        } else if (runtime == Runtime.CRUN) {
            command.addAll(List.of("unshare", "--mount", "sh", "-ec", VERSION_2, "sh"));
        }
        command.add("podman");
        command.addAll(List.of("--root", jvm.folder() + "/storage", "--runroot", jvm.folder() + "/run"));
        command.addAll(List.of("--cgroup-manager", "cgroupfs"));
        command.addAll(
                List.of("--runtime", Tool.find(runtime.program).orElseThrow().toString()));
        // Ours may be lower than what it would set.
        command.addAll(List.of("run", "--rm", "--network", "none", "--ulimit", "nofile=8192:8192"));
        command.addAll(List.of("--ulimit", "nproc=4096:4096", "--env", "LC_ALL=C.UTF-8"));
        for (String folder : List.of("/usr", "/etc/alternatives", jvm.folder() + "/lib")) {
            command.addAll(List.of("-v", folder + ":" + folder + ":ro"));
        }
        for (Path folder : javaFolders()) {
            command.addAll(List.of("-v", folder + ":" + folder + ":ro"));
        }
        command.addAll(runtime.switches);
        command.addAll(switches);
        command.addAll(List.of("--rootfs", root.toString()));
        List<String> java = jvm.java(main, words);
        java.replaceAll(word -> word.startsWith("-Djava.io.tmpdir=") ? "-Djava.io.tmpdir=/tmp" : word);
        command.addAll(java);
        Process process = jvm.builder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Answer(process.waitFor(), said);
    }

    private static List<Path> javaFolders() throws IOException {
        List<Path> folders = new ArrayList<>();
        Path home = Path.of(System.getProperty("java.home"));
        if (!home.startsWith("/usr")) {
            folders.add(home);
        }
        try (Stream<Path> settings = Files.list(Path.of("/etc"))) {
            settings.filter(path -> path.getFileName().toString().startsWith("java-"))
                    .forEach(folders::add);
        }
        return folders;
    }

    /** Its cgroups stay where it made them; and a rootless one leaves a process that keeps its user namespace. */
    @Override
    public void close() throws IOException {
        Path pause = jvm.folder().resolve("tmp/libpod/tmp/pause.pid");
        if (Files.exists(pause)) {
            long pid = Long.parseLong(Files.readString(pause).strip());
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
        for (Path mount : CgroupMachine.here().mountPoints()) {
            Path parent = mount.resolve("libpod_parent");
            if (Files.isDirectory(parent)) {
                try (Stream<Path> all = Files.walk(parent)) {
                    List<Path> folders =
                            new ArrayList<>(all.filter(Files::isDirectory).toList());
                    Collections.reverse(folders);
                    for (Path folder : folders) {
                        Files.delete(folder);
                    }
                }
            }
        }
        jvm.close();
    }

    /** Switches from a line of words. */
    public static List<String> switches(String words) {
        return words.isBlank() ? List.of() : Arrays.asList(words.strip().split(" +"));
    }
}
