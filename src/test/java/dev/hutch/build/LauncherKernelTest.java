// SPDX-License-Identifier: Apache-2.0
package dev.hutch.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher script on a copy without sources, so that it never builds: what is tried is the class archive. */
class LauncherKernelTest {
    @TempDir
    Path folder;

    private Path launcher;
    private Path cache;

    @BeforeEach
    void copyTheLauncherAndItsJar() throws IOException {
        Path jar = Path.of(System.getProperty("hutch.build", "target"), "hutch-cli.jar");
        assumeTrue(Files.exists(jar), "needs hutch-cli.jar (mvn package)");
        launcher = Files.copy(Path.of("hutch"), folder.resolve("hutch"));
        assertThat(launcher.toFile().setExecutable(true)).isTrue();
        Files.copy(jar, Files.createDirectory(folder.resolve("target")).resolve("hutch-cli.jar"));
        cache = Files.createDirectory(folder.resolve("cache")).resolve("hutch");
    }

    @Test
    void makesAnArchiveBehindTheFirstCallAndUsesItInTheNext() throws Exception {
        assertWorks(version());
        Path archive = onlyArchive();
        assertThat(sharedClasses()).isPositive();
        assertThat(archive.getFileName().toString()).endsWith("-" + Files.size(archive));
    }

    @Test
    void theArchiveServesCallsFromAnywhere() throws Exception {
        assertWorks(version("./hutch").directory(folder.toFile()));
        onlyArchive();
        assertThat(sharedClasses()).isPositive();
        assertThat(sharedClasses(
                        version("../hutch").directory(folder.resolve("target").toFile())))
                .isPositive();
    }

    /** The one that makes a bridge runs in a network namespace of its own, as the making of the archive does. */
    @Test
    @KernelTest({Need.ROOT, Need.IPROUTE})
    void theArchiveHasWhatABridgeNeedsAndNoneIsMadeForIt() throws Exception {
        Set<String> before = links();
        assertWorks(version());
        onlyArchive();
        assertThat(links()).isEqualTo(before);

        ProcessBuilder call = version();
        call.environment().put("HUTCH_JAVA_OPTIONS", "-Xlog:class+load:file=" + folder.resolve("loaded"));
        call.command(
                "unshare",
                "--net",
                "--mount",
                "sh",
                "-c",
                "mount -t tmpfs tmpfs /run/hutch/networks && exec \"$@\"",
                "sh",
                launcher.toString(),
                "run",
                "--network",
                "bridge",
                "true");
        assertThat(call.inheritIO().start().waitFor()).isZero();
        assertThat(Files.readAllLines(folder.resolve("loaded")))
                .filteredOn(line -> line.matches(".*dev\\.hutch\\.internal\\.(net|netlink|nftables)\\.[A-Za-z]+ .*"))
                .anyMatch(line -> line.contains("nftables.Batch "))
                .allMatch(line -> line.contains("shared objects file"));
    }

    private static Set<String> links() throws IOException {
        try (Stream<Path> links = Files.list(Path.of("/sys/class/net"))) {
            return links.map(link -> link.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    @Test
    void concurrentFirstCallsAllWorkAndLeaveOneArchive() throws Exception {
        List<Process> calls = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            calls.add(version().start());
        }
        for (Process call : calls) {
            assertThat(call.waitFor()).isZero();
        }
        onlyArchive();
    }

    @Test
    void truncatedArchiveIsLeftAside() throws Exception {
        assertWorks(version());
        try (RandomAccessFile archive = writable(onlyArchive())) {
            archive.setLength(archive.length() / 2);
        }
        assertWorks(version());
    }

    @Test
    void archiveWithForeignContentIsLeftAsideInSilence() throws Exception {
        assertWorks(version());
        try (RandomAccessFile archive = writable(onlyArchive())) {
            byte[] noise = new byte[4096];
            Arrays.fill(noise, (byte) 0x5a);
            archive.write(noise);
        }
        assertWorks(version());
    }

    @Test
    void archiveOfAnotherUserIsNeverLoaded() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
        assertWorks(version());
        NativeArtifacts.inspect("chown", "-R", "1", cache.toString());
        assertThat(sharedClasses()).isZero();
    }

    @Test
    void worksWithoutAHome() throws Exception {
        ProcessBuilder call = version();
        call.environment().keySet().removeAll(List.of("HOME", "XDG_CACHE_HOME"));
        assertWorks(call);
    }

    @Test
    void worksWhereTheHomeCannotBeWritten() throws Exception {
        ProcessBuilder call = version();
        call.environment().remove("XDG_CACHE_HOME");
        call.environment().put("HOME", "/proc/nowhere");
        assertWorks(call);
    }

    @Test
    void javaThatIsTooOldIsNamed() throws Exception {
        Path bin = Files.createDirectories(folder.resolve("jdk/bin"));
        assertThat(Files.createFile(bin.resolve("java")).toFile().setExecutable(true))
                .isTrue();
        Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"11.0.2\"\n");
        ProcessBuilder call = version();
        call.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
        Process process = call.redirectErrorStream(true).start();
        assertThat(new String(process.getInputStream().readAllBytes()))
                .startsWith("hutch: needs Java 17 or newer")
                .contains("is 11");
        assertThat(process.waitFor()).isEqualTo(125);
    }

    private ProcessBuilder version() {
        return version(launcher.toString());
    }

    private ProcessBuilder version(String path) {
        ProcessBuilder call = new ProcessBuilder(path, "--version");
        Map<String, String> environment = call.environment();
        environment.put("XDG_CACHE_HOME", cache.getParent().toString());
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.keySet().removeAll(List.of("HUTCH_ARCHIVE", "JAVA_TOOL_OPTIONS"));
        return call;
    }

    private static void assertWorks(ProcessBuilder call) throws Exception {
        Process process = call.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output.lines()).as("the version and no warning").hasSize(1);
        assertThat(output).containsIgnoringCase("hutch");
    }

    /** How many of our own classes the JVM took from an archive. */
    private long sharedClasses() throws Exception {
        return sharedClasses(version());
    }

    private long sharedClasses(ProcessBuilder call) throws Exception {
        call.environment().put("HUTCH_JAVA_OPTIONS", "-Xlog:class+load:file=" + folder.resolve("loaded"));
        assertWorks(call);
        try (Stream<String> lines = Files.lines(folder.resolve("loaded"))) {
            return lines.filter(line -> line.contains("dev.hutch.") && line.contains("shared objects file"))
                    .count();
        }
    }

    private Path onlyArchive() throws Exception {
        while (true) {
            List<Path> made = archives();
            if (!made.isEmpty() && Files.notExists(cache.resolve("lock"))) {
                assertThat(made).hasSize(1);
                assertThat(made.get(0).getFileName().toString()).doesNotEndWith("failed");
                return made.get(0);
            }
            Thread.sleep(50);
        }
    }

    private List<Path> archives() throws IOException {
        if (Files.notExists(cache)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(cache)) {
            return files.filter(file -> file.getFileName().toString().startsWith("classes-"))
                    .toList();
        }
    }

    private static RandomAccessFile writable(Path file) throws IOException {
        assertThat(file.toFile().setWritable(true)).isTrue();
        return new RandomAccessFile(file.toFile(), "rw");
    }
}
