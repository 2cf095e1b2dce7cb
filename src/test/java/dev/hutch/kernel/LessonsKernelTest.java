// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.cli.Main;
import dev.hutch.spec.Allow;
import dev.hutch.spec.Capability;
import dev.hutch.spec.IdMapping;
import dev.hutch.spec.Limits;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Size;
import dev.hutch.spec.User;
import dev.hutch.support.Inside;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.Rounds;
import dev.hutch.support.Strace;
import dev.hutch.support.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What broke other runtimes, a test for each: the rest of it is where its mechanism is tested. {@code hutch.launches} is how
 * many launches a test makes that looks for what goes wrong now and then (400).
 */
@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class LessonsKernelTest extends SandboxCase {
    private static final int LAUNCHES = Rounds.of(Integer.getInteger("hutch.launches", 400));

    @Test
    void cve_2019_5736_theRuntimesProgramCannotBeOpenedForWriting() throws Exception {
        for (long uid : new long[] {1000, 0}) {
            Sandbox box = probed().user(User.of(uid)).build();
            assertThat(answer(box, "write_init_program")).isIn("EACCES", "EPERM", "ETXTBSY", "ENOENT");
            assertThat(answer(box, "write:/proc/self/exe")).isIn("ETXTBSY", "EROFS", "EACCES");
            assertThat(answer(box, "read:/proc/1/exe")).isIn("EACCES", "EPERM", "ENOENT");
        }
    }

    @Test
    void cve_2024_21626_noDescriptorBeyondTheThreeAndTheDirectoryIsInTheRoot() throws Exception {
        Inside seen = report(probed().build());

        assertThat(seen.descriptors()).containsExactly(0, 1, 2);
        assertThat(seen.text("cwd")).startsWith("/").doesNotContain("(unreachable)");
    }

    @Test
    void cve_2022_29162_noInheritableCapabilityIsLeft() throws Exception {
        assertThat(report(probed().build()).mask("CapInh")).isZero();
        assertThat(report(probed().user(User.of(0)).build()).mask("CapInh")).isZero();
    }

    @Test
    void cve_2023_25809_theControlGroupsAreReadOnlyEvenForRootInside() throws Exception {
        Sandbox box = probed().user(User.of(0)).build();

        for (var mount : report(box).mounts()) {
            if (mount.type().startsWith("cgroup")) {
                assertThat(answer(box, "write:" + mount.mountPoint() + "/cgroup.procs"))
                        .isIn("EROFS", "EACCES", "EPERM");
                assertThat(answer(box, "mkdir:" + mount.mountPoint() + "/own")).isIn("EROFS", "EACCES", "EPERM");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ":5", "1000:", "abc", "-1", "4294967295", "4294967296", "0x0", "1000:5:", "+1", " 1", "1:-1"
            })
    void cve_2026_30892_aUserThatIsNoneIsNotTakenForAnother(String text) {
        assertThatThrownBy(() -> User.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @KernelTest(Need.ROOT)
    void cve_2026_30892_theLastIdIsThatId() throws Exception {
        List<IdMapping> map = List.of(new IdMapping(4_294_967_290L, 600_000, 5));

        assertThat(report(probed().uidMappings(map)
                                .gidMappings(map)
                                .user(User.parse("4294967294"))
                                .build())
                        .numbers("status.Uid"))
                .containsOnly(4_294_967_294L);
    }

    @Test
    void cve_2024_42472_aSourceThatLeadsNowhereFailsTheStartByItsName(@TempDir Path folder) throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("gone"), folder.resolve("nothing"));

        assertThatThrownBy(() ->
                        probed().bindReadOnly(link, Path.of("/data")).build().run(PROBE, "report"))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining(link.toString());
    }

    @Test
    void cve_2022_0492_noControlGroupFileSystemCanBeMounted() throws Exception {
        Sandbox box = probed().user(User.of(0)).build();
        Inside answers = attempt(box, "unshare_user_and_mount", "mount_cgroup", "mount_cgroup2");

        assertThat(answers.values().values()).containsOnly("EPERM");
    }

    @Test
    void cve_2020_5291_noSetIdProgramWorks() throws Exception {
        Inside seen = report(probed().build());

        assertThat(seen.text("status.NoNewPrivs")).isEqualTo("1");
        assertThat(seen.mounts())
                .filteredOn(mount -> !mount.type().equals("devtmpfs"))
                .allMatch(mount -> mount.options().contains("nosuid"));
    }

    @Test
    void isolate_twoSandboxesShareNoMemoryQueueOrKey() throws Exception {
        Sandbox box = probed().allow(Allow.KEYRING).build();
        try (SandboxProcess first = box.start(
                "/bin/sh", "-c", PROBE + " try shm-make:4711 add_key; : > /dev/shm/shared; " + PROBE + " wait")) {
            awaitLine(first, "add_key=ok");
            awaitLine(first, "waiting=yes");

            assertThat(answer(box, "shm-find:4711")).isEqualTo("ENOENT");
            assertThat(answer(box, "posix-shm-find:/shared")).isEqualTo("ENOENT");
            assertThat(answer(box, "mq-find:shared")).isEqualTo("ENOENT");
            assertThat(answer(box, "key-find:probe")).isIn("ENOKEY", "EACCES");
        }
    }

    @Test
    void keyrings_theCallersKeyIsOutOfReachAndTheQuotaStays() throws Exception {
        String serial = Tool.run(Inside.program().toString(), "hold-key", "hutch-test-secret")
                .strip();
        try {
            Sandbox box = probed().allow(Allow.KEYRING).build();
            assertThat(answer(box, "key-find:hutch-test-secret")).isIn("ENOKEY", "EACCES");
            assertThat(answer(box, "key-read:" + serial)).isIn("ENOKEY", "EACCES", "EPERM");
            long before = keysOfThisUser();
            int rounds = Rounds.of(500);
            for (int i = 0; i < rounds; i++) {
                box.run(PROBE, "exit", "0");
            }
            // Keys are freed by a worker of the kernel's, some time after their last user; and others on this machine
            // take
            // some meanwhile. A key left by each launch would be as many as there were rounds.
            long most = before + rounds / 4;
            for (int i = 0; i < 500 && keysOfThisUser() > most; i++) {
                Thread.sleep(20);
            }
            assertThat(keysOfThisUser()).isLessThanOrEqualTo(most);
        } finally {
            Tool.run(Inside.program().toString(), "drop-key", serial);
        }
    }

    @Test
    void pivot_root_walkingUpNeverLeavesTheRoot(@TempDir Path folder) throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "host");

        assertThat(answer(probed().build(), "climb:" + secret)).isIn("ENOENT", "EACCES");
    }

    /** All that the JVM and the zygote opened, or looked for in vain: among that would be what the program made. */
    @Test
    @KernelTest({Need.ROOT, Need.STRACE})
    void policy_planted_nothingThatHutchReadsCanBeMadeFromInside(@TempDir Path workspace) throws Exception {
        Pattern opened = Pattern.compile("open(?:at|at2)?\\((?:AT_FDCWD[^,]*, )?\"(/[^\"]+)\"");
        Set<String> paths = Strace.of("open,openat,openat2", Main.class, "run", "--", "true").stream()
                .flatMap(line -> opened.matcher(line).results())
                .map(found -> found.group(1))
                .filter(path -> !path.matches("/(proc|sys|dev)(/.*)?"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(paths).contains("/etc/subuid").anyMatch(path -> path.startsWith("/run/hutch/"));
        Map<String, String> before = states(paths);
        Files.write(workspace.resolve("paths"), paths);
        String plant =
                "while read -r path; do mkdir -p \"${path%/*}\"; echo planted >\"$path\"; rm -f \"$path\"; done <paths";
        for (long uid : new long[] {1000, 0}) {
            assertThat(sandbox()
                            .user(User.of(uid))
                            .workspace(workspace)
                            .build()
                            .run("sh", "-c", plant + " 2>errors")
                            .exitStatus())
                    .isLessThan(125);
            assertThat(workspace.resolve("errors")).content().contains("Read-only file system");
        }

        assertThat(states(paths)).isEqualTo(before);
    }

    private static Map<String, String> states(Set<String> paths) throws IOException {
        Map<String, String> states = new TreeMap<>();
        for (String path : paths) {
            Path file = Path.of(path);
            states.put(
                    path,
                    Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                            ? Files.readAttributes(file, "unix:ino,size").toString()
                            : "");
        }
        return states;
    }

    @Test
    void etxtbsy_aFreshlyWrittenProgramCanAlwaysBeRun(@TempDir Path folder) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(16);
        try {
            List<Callable<Integer>> launches = new ArrayList<>();
            for (int i = 0; i < LAUNCHES; i++) {
                Path fresh = folder.resolve("program-" + i);
                launches.add(() -> {
                    Files.copy(Inside.program(), fresh, StandardCopyOption.COPY_ATTRIBUTES);
                    int status = probed().mount(new dev.hutch.spec.Mount.Bind(fresh, Path.of("/fresh"), true))
                            .build()
                            .run("/fresh", "exit", "7")
                            .exitStatus();
                    Files.delete(fresh);
                    return status;
                });
            }
            for (Future<Integer> launch : pool.invokeAll(launches)) {
                assertThat(launch.get()).isEqualTo(7);
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    @KernelTest(Need.ROOT)
    void scanner_aHostProcessThatWalksEveryRootHindersNoLaunch() throws Exception {
        Process scanner = new ProcessBuilder(
                        "/bin/sh", "-c", "while :; do ls /proc/[0-9]*/root/ /proc/[0-9]*/root/usr; done")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            for (int i = 0; i < LAUNCHES; i++) {
                assertThat(probed().build().run(PROBE, "exit", "0").exitStatus())
                        .isZero();
            }
        } finally {
            scanner.descendants().forEach(ProcessHandle::destroyForcibly);
            scanner.destroyForcibly().waitFor();
        }
    }

    @Test
    @KernelTest(Need.CGROUP_ANY)
    void bombs_inodesWithoutEndEndAtTheMemoryLimit() throws Exception {
        SandboxResult result = probed().limits(
                        Limits.builder().memory(Size.mebibytes(48)).build())
                .build()
                .run(PROBE, "inodes", "/tmp");

        assertThat(result.account().peakMemory()).isLessThanOrEqualTo(49L << 20);
        assertThat(result.outcome()).isIn(new Outcome.OutOfMemory(), new Outcome.Exited(10));
    }

    @Test
    void cve_2026_41163_noCapabilityOfAnAskedSetCanBeWidened() throws Exception {
        Sandbox box = probed().capabilities(Set.of(Capability.NET_RAW)).build();

        assertThat(answer(box, "capset_all")).isEqualTo("EPERM");
    }

    /** /proc/key-users: uid, usage, then keys by number and in quotas; keyrings(7). */
    private static long keysOfThisUser() throws IOException {
        long uid = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        return Files.readAllLines(Path.of("/proc/key-users")).stream()
                .map(line -> line.strip().split("[:\\s/]+"))
                .filter(words -> Long.parseLong(words[0]) == uid)
                .mapToLong(words -> Long.parseLong(words[1]))
                .sum();
    }
}
