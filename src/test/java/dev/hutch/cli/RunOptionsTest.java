// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import static dev.hutch.cli.CommandLineCase.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.spec.Allow;
import dev.hutch.spec.Capability;
import dev.hutch.spec.CgroupParent;
import dev.hutch.spec.DeviceThrottle;
import dev.hutch.spec.IdMapping;
import dev.hutch.spec.Isolation;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Network;
import dev.hutch.spec.Rlimit;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.SeccompProfile;
import dev.hutch.spec.Signal;
import dev.hutch.spec.Size;
import dev.hutch.spec.SoftStop;
import dev.hutch.spec.TimeOffsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunOptionsTest {
    private static SandboxSpec spec(String... words) throws UsageException {
        String[] all = java.util.Arrays.copyOf(words, words.length + 1);
        all[words.length] = "true";
        return read(all).sandbox().spec();
    }

    @Test
    void limitsGoToTheCgroup() throws Exception {
        SandboxSpec spec = spec(
                "--memory 64m --memory-swap 128m --cpus 1.5 --cpu-shares 512 --cpuset-cpus 0-1 --pids-limit 9 --io-weight 77"
                        .split(" "));
        assertThat(spec.limits().memory()).isEqualTo(Size.mebibytes(64));
        assertThat(spec.limits().memorySwap()).isEqualTo(Size.mebibytes(128));
        assertThat(spec.limits().cpus()).isEqualTo(1.5);
        assertThat(spec.limits().cpuShares()).isEqualTo(512);
        assertThat(spec.limits().cpusetCpus()).isEqualTo("0-1");
        assertThat(spec.limits().pids()).isEqualTo(9);
        assertThat(spec.limits().ioWeight()).isEqualTo(77);
    }

    @Test
    void deadlinesAndOutputLimit() throws Exception {
        SandboxSpec spec = spec("--timeout", "1.5", "--cpu-time", "200ms", "--output-limit", "1m");
        assertThat(spec.wallTime()).isEqualTo(Duration.ofMillis(1500));
        assertThat(spec.cpuTime()).isEqualTo(Duration.ofMillis(200));
        assertThat(spec.outputLimit()).isEqualTo(Size.mebibytes(1));
    }

    @Test
    void whatComesBeforeTheKill() throws Exception {
        assertThat(spec("--timeout", "1").softStop()).isNull();
        assertThat(spec("--stop-timeout", "2").softStop()).isEqualTo(SoftStop.within(Duration.ofSeconds(2)));
        assertThat(spec("--stop-signal", "INT").softStop())
                .isEqualTo(new SoftStop(Signal.SIGINT, Duration.ofSeconds(10)));
        assertThatThrownBy(() -> spec("--stop-timeout", "2h")).hasMessageContaining("grace is PT2H, must be PT0.001S");
    }

    @Test
    void diskTrafficOfADevice() throws Exception {
        SandboxSpec spec = spec("--device-read-bps", "/dev/null:1m", "--device-write-iops", "/dev/null:50");
        assertThat(spec.limits().throttles())
                .containsExactly(
                        new DeviceThrottle(Path.of("/dev/null"), DeviceThrottle.Kind.READ_BPS, 1 << 20),
                        new DeviceThrottle(Path.of("/dev/null"), DeviceThrottle.Kind.WRITE_IOPS, 50));
    }

    @ParameterizedTest
    @CsvSource({"--uts, UTS", "--ipc, IPC", "--pid, PID", "--cgroupns, CGROUP", "--userns, USER", "--time, TIME"})
    void eachNamespaceCanBeTheHosts(String option, Namespace kind) throws Exception {
        assertThat(spec(option, "host").namespaces()).isEqualTo(EnumSet.complementOf(EnumSet.of(kind)));
        assertThat(spec(option, "private").namespaces()).isEqualTo(EnumSet.allOf(Namespace.class));
    }

    @Test
    void isolationIsAContainersUnlessItIsNamed() throws Exception {
        assertThat(spec().isolation()).isEqualTo(Isolation.CONTAINER);
        assertThat(spec("--isolation", "landlock").isolation()).isEqualTo(Isolation.LANDLOCK);
        assertThatThrownBy(() -> spec("--isolation", "jail")).hasMessageContaining("neither container nor landlock");
        assertThatThrownBy(() -> spec("--isolation", "landlock", "-u", "5")).hasMessageContaining("no ids");
    }

    @Test
    void networkOfTheHostIsNoNewNamespace() throws Exception {
        SandboxSpec spec = spec("--network", "host");
        assertThat(spec.network()).isEqualTo(Network.HOST);
        assertThat(spec.isNew(Namespace.NETWORK)).isFalse();
    }

    @Test
    void whatIsSaidOfANetworkMayComeBeforeItsKind() throws Exception {
        SandboxSpec spec = spec(
                "-p", "8080:80", "--network-priority", "3", "--net", "bridge", "--host-services", "-p", "53:53/udp");

        assertThat(spec.network())
                .isEqualTo(Network.bridge()
                        .publish("8080:80", "53:53/udp")
                        .priority(3)
                        .hostServices(true));
        assertThatThrownBy(() -> spec("-p", "8080:80")).hasMessageContaining("network 'none' publishes no ports");
    }

    @Test
    void capabilitiesAreAddedAndDroppedAsDockerDoes() throws Exception {
        assertThat(spec("--cap-add", "net_raw", "--cap-add", "CAP_CHOWN", "--cap-drop", "chown")
                        .capabilities())
                .containsExactly(Capability.NET_RAW);
        assertThat(spec("--cap-drop", "ALL", "--cap-add", "kill").capabilities())
                .containsExactly(Capability.KILL);
        assertThat(spec("--cap-add", "classic").capabilities()).isEqualTo(Capability.CLASSIC);
        assertThat(spec("--cap-add", "all", "--allow", "remount").capabilities())
                .hasSize(Capability.values().length);
        assertThatThrownBy(() -> spec("--cap-add", "sys_admin")).hasMessageContaining("--allow remount");
    }

    @Test
    void idMapOfGidsIsThatOfUidsUnlessGiven() throws Exception {
        SandboxSpec spec = spec("--uidmap", "0:100000:10", "--uidmap", "1000:200000:1");
        assertThat(spec.uidMappings()).containsExactly(new IdMapping(0, 100000, 10), new IdMapping(1000, 200000, 1));
        assertThat(spec.gidMappings()).isEqualTo(spec.uidMappings());
        assertThat(spec("--uidmap", "0:1:1", "--gidmap", "0:2:1").gidMappings())
                .containsExactly(new IdMapping(0, 2, 1));
    }

    @Test
    void filterAndWhatItLetsThrough() throws Exception {
        assertThat(spec("--security-opt", "seccomp=unconfined").seccomp())
                .isInstanceOf(SeccompProfile.Unconfined.class);
        assertThat(spec("--security-opt", "seccomp=/x.json").seccomp())
                .isEqualTo(new SeccompProfile.File(Path.of("/x.json")));
        assertThat(spec("--security-opt", "no-new-privileges").seccomp()).isInstanceOf(SeccompProfile.Default.class);
        assertThat(spec("--allow", "ptrace", "--allow", "set-id-bits").allow())
                .containsExactlyInAnyOrder(Allow.PTRACE, Allow.SET_ID_BITS);
    }

    @Test
    void clocksMayBeAheadOrBehind() throws Exception {
        assertThat(spec("--time-offset", "monotonic=-10,boottime=1d").timeOffsets())
                .isEqualTo(new TimeOffsets(Duration.ofSeconds(-10), Duration.ofDays(1)));
    }

    @Test
    void variablesComeFromArgumentsTheCallerAndAFile(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("env"), "# comment\n\nA=1 2\nPATH\nNOWHERE_SET\n");
        RunRequest request = read("--env-file", file.toString(), "-e", "B=x=y", "-e", "A=3", "true");
        assertThat(request.command().environment())
                .containsEntry("A", "3")
                .containsEntry("B", "x=y")
                .containsEntry("PATH", System.getenv("PATH"))
                .doesNotContainKey("NOWHERE_SET");
    }

    @Test
    void terminalBringsItsKind() throws Exception {
        assertThat(read("-t", "true").command().environment()).containsKey("TERM");
        assertThat(read("true").command().environment()).doesNotContainKey("TERM");
    }

    @Test
    void theRest(@TempDir Path folder) throws Exception {
        SandboxSpec spec =
                spec(("-m " + folder + " --ephemeral --hostname box --name job --no-init --strict --cgroup-parent self"
                                + " --ulimit nofile=10:20 --workspace " + folder + " --device /dev/null:/dev/x:r")
                        .split(" "));
        assertThat(spec.rootfs()).isEqualTo(new Rootfs.Directory(folder, false, true));
        assertThat(spec.hostname()).isEqualTo("box");
        assertThat(spec.name()).isEqualTo("job");
        assertThat(spec.init()).isFalse();
        assertThat(spec.strict()).isTrue();
        assertThat(spec("--best-effort").bestEffort()).isTrue();
        assertThat(spec.cgroupParent()).isEqualTo(new CgroupParent.Self());
        assertThat(spec.rlimits()).isEqualTo(List.of(new Rlimit(Rlimit.Resource.NOFILE, 10, 20)));
        assertThat(spec.workspace()).isEqualTo(folder);
        assertThat(spec.devices())
                .singleElement()
                .satisfies(device -> assertThat(device.readOnly()).isTrue());
    }

    @Test
    void optionsOverrideWhatTheSpecFileSays(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("spec.json"), """
                {"limits": {"memory": "64m", "pids": 9}, "hostname": "box", "capabilities": ["CAP_CHOWN", "CAP_KILL"],
                 "uidMappings": ["0:100000:10"], "gidMappings": ["0:100000:10"]}""");

        SandboxSpec spec = spec("--spec", file.toString(), "--pids-limit", "5", "--cap-drop", "kill");

        assertThat(spec.limits().memory()).isEqualTo(Size.mebibytes(64));
        assertThat(spec.limits().pids()).isEqualTo(5);
        assertThat(spec.hostname()).isEqualTo("box");
        assertThat(spec.capabilities()).containsExactly(Capability.CHOWN);
        assertThat(spec.uidMappings()).hasSize(1);
        assertThatThrownBy(() -> spec("--pids-limit", "5", "--spec", file.toString()))
                .hasMessageContaining("--spec: goes before all other options");
    }

    @Test
    void aSpecFileThatIsWrongIsToldWithItsPlace(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("spec.json"), "{\"limits\": {\"pids\": 0}}");

        assertThatThrownBy(() -> spec("--spec", file.toString()))
                .hasMessageContaining("limits.pids: is 0, must be a whole number from 1 to 4194304");
        assertThatThrownBy(() -> spec("--spec", folder.resolve("none").toString()))
                .hasMessageContaining("none");
    }
}
