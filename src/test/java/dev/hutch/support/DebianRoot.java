// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Debian 12's minimal root by debootstrap, made once per machine and kept in the user's cache folder. The mirror is the
 * one that the machine's own apt uses.
 */
public final class DebianRoot {
    private static final String SUITE = "bookworm";

    private DebianRoot() {}

    /** Why there can be none here; empty where there is one or can be. */
    static Optional<String> missing() {
        if (Files.isDirectory(location())) {
            return Optional.empty();
        }
        if (!PlainUser.isRoot()) {
            return Optional.of("debootstrap needs root, and no root made by it lies in " + location());
        }
        return Tool.find("debootstrap").isPresent() && Tool.find("apt-get").isPresent()
                ? Optional.empty()
                : Optional.of("debootstrap is not installed");
    }

    /** The root; tests don't change it. */
    public static Path path() throws IOException {
        Path cache = Files.createDirectories(location().getParent());
        // Two test runs at once on a fresh machine: the second waits for the first one's root.
        try (FileChannel channel = FileChannel.open(
                        cache.resolve("debian.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            if (!lock.isValid()) {
                throw new IOException("no lock on " + cache.resolve("debian.lock"));
            }
            return Fixtures.once(cache, location().getFileName().toString(), DebianRoot::make);
        }
    }

    private static Path location() {
        String chosen = System.getenv("XDG_CACHE_HOME");
        Path cache = chosen == null || chosen.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".cache")
                : Path.of(chosen);
        return cache.resolve("hutch-tests").resolve("debian-" + SUITE + "-" + System.getProperty("os.arch"));
    }

    private static void make(Path target) throws IOException {
        Mirror mirror = Mirror.ofThisMachine();
        List<String> command = new ArrayList<>(List.of("debootstrap", "--variant=minbase"));
        if (mirror.trusted()) {
            command.add("--no-check-gpg");
        }
        command.addAll(List.of(SUITE, target.toString(), mirror.uri()));
        Map<String, String> environment = new HashMap<>();
        if (!mirror.proxy().isEmpty()) {
            environment.put("http_proxy", mirror.proxy());
        }
        Tool.run(environment, command.toArray(String[]::new));
    }

    /** Where apt fetches from. */
    private record Mirror(String uri, boolean trusted, String proxy) {
        static Mirror ofThisMachine() throws IOException {
            String targets =
                    Tool.run("apt-get", "indextargets", "--format", "$(CODENAME) $(COMPONENT) $(REPO_URI) $(TRUSTED)");
            String line = targets.lines()
                    .filter(target -> target.startsWith(SUITE + " main "))
                    .findFirst()
                    .orElseThrow(() -> new IOException("apt has no source for " + SUITE + " main"));
            String[] words = line.split(" ");
            String proxy = Tool.run("apt-config", "shell", "PROXY", "Acquire::http::Proxy")
                    .strip();
            return new Mirror(
                    words[2], words.length > 3 && words[3].equals("yes"), proxy.replaceFirst("^PROXY='(.*)'$", "$1"));
        }
    }
}
