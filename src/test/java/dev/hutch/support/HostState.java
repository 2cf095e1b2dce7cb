// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a sandbox could leave behind: processes, mounts, cgroups, files, descriptors and threads of this JVM. Taken
 * before; {@link #leftovers} tells what is new after.
 *
 * @param seen each thing, in words, with how often it is there: a pipe's two ends are told apart by nothing else
 */
public record HostState(Map<String, Long> seen) {
    // The kernel lets go of cgroups, mounts and zombies after the last process has been reaped, not with it.
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String OF_THE_JDK =
            "process reaper.*|VirtualThread-.*|Common-Cleaner|Cleaner-[0-9]+|ForkJoinPool.*"
                    + "|CompletableFuture.*|junit-jupiter-timeout-watcher"
                    + "|.*-keep-alive-.*|Attach Listener|JVMCI.*|JFR .*";
    /** Folders for every context of this machine: the first makes them, and nobody takes them away. */
    private static final List<String> KEPT = Stream.of("cgroups", "files", "ids", "names", "networks")
            .map(name -> "file /run/hutch/" + name)
            .toList();

    private static final Path TEMPORARY = Path.of(System.getProperty("java.io.tmpdir"));

    static {
        // The JDK keeps a socket of its own from the first one that is closed on.
        try {
            new ServerSocket(0).close();
            new DatagramSocket().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static HostState now() {
        List<String> all = new ArrayList<>();
        processes(all);
        // ip-netns(8) mounts /run/netns at its first use, and leaves it.
        mountinfo().stream()
                .filter(mount -> !mount.mountPoint().equals("/run/netns"))
                .forEach(mount -> all.add("mount " + mount.mountPoint() + " of " + mount.type() + mount.root()));
        cgroups(all);
        matching(all, Path.of("/run/hutch"), "");
        all.removeAll(KEPT);
        matching(all, TEMPORARY, "hutch");
        descriptors(all);
        threads(all);
        return new HostState(
                all.stream().collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting())));
    }

    /** What is there now and was not before; what goes away by itself is waited for. */
    public List<String> leftovers() throws InterruptedException {
        return leftovers(() -> {});
    }

    /** As {@link #leftovers()}, where each look needs some work before. */
    public List<String> leftovers(Runnable first) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        List<String> left = now().minus(this);
        while (!left.isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(20);
            first.run();
            left = now().minus(this);
        }
        return left;
    }

    List<String> minus(HostState before) {
        return seen.entrySet().stream()
                .filter(thing -> thing.getValue() > before.seen.getOrDefault(thing.getKey(), 0L))
                .map(Map.Entry::getKey)
                .toList();
    }

    static List<MountLine> mountinfo() {
        try {
            return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                    .map(MountLine::parse)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All descendants: containers stay children of the zygote, and the zygote is one of this JVM's. */
    private static void processes(List<String> all) {
        ProcessHandle.current().descendants().forEach(process -> {
            String name = readOrEmpty(Path.of("/proc", Long.toString(process.pid()), "comm"));
            all.add("process " + process.pid() + " " + name.strip());
        });
    }

    /**
     * Those below this JVM's own, by the name of the lock file that it holds: others may be at work beside it, and its
     * own stays as long as it lives.
     */
    private static void cgroups(List<String> all) {
        List<String> names = openFiles().stream()
                .filter(target -> target.matches(".*/cgroups/jvm-[^/]*"))
                .map(target -> target.substring(target.lastIndexOf('/') + 1))
                .toList();
        for (Path mount :
                names.isEmpty() ? List.<Path>of() : CgroupMachine.here().mountPoints()) {
            walk(mount, all, names);
        }
    }

    /** Cgroups of others go away under the walk, which then looks again. */
    private static void walk(Path directory, List<String> all, List<String> names) {
        for (int attempt = 0; ; attempt++) {
            try (Stream<Path> found = Files.find(directory, 8, (path, about) -> about.isDirectory())) {
                all.addAll(found.filter(path ->
                                names.stream().anyMatch(name -> path.toString().contains("/hutch/" + name + "/")))
                        .map(path -> "cgroup " + path)
                        .toList());
                return;
            } catch (IOException | UncheckedIOException e) {
                if (attempt == 100) {
                    throw new IllegalStateException("cgroups below " + directory + " can't be listed", e);
                }
            }
        }
    }

    private static void matching(List<String> all, Path folder, String prefix) {
        if (!Files.isDirectory(folder) || !Files.isReadable(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .forEach(file -> all.add("file " + file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void descriptors(List<String> all) {
        // Libraries and class files are opened as code is first used; the listing's own directory is closed. A context
        // keeps
        // its blocks of ids, and has another where more than a block's ranges were in use at once.
        openFiles().stream()
                .filter(target -> !target.matches(
                        "|.*\\.(jar|so|class)|.*/lib/modules|/proc/\\d+/fd|/dev/u?random|/run/hutch/ids/.*"))
                .forEach(target -> all.add("descriptor of " + target));
    }

    private static List<String> openFiles() {
        try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
            return links.map(HostState::target).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void threads(List<String> all) {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            // The JDK's own come and go as they please.
            if (!thread.getName().matches(OF_THE_JDK)) {
                all.add("thread " + thread.getId() + " " + thread.getName());
            }
        }
    }

    private static String readOrEmpty(Path file) {
        try {
            return Files.exists(file, LinkOption.NOFOLLOW_LINKS) ? Files.readString(file) : "";
        } catch (IOException e) {
            return "";
        }
    }
}
