// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.spec.Allow;
import dev.hutch.spec.Capability;
import dev.hutch.spec.CgroupParent;
import dev.hutch.spec.Device;
import dev.hutch.spec.DeviceThrottle;
import dev.hutch.spec.Egress;
import dev.hutch.spec.IdMapping;
import dev.hutch.spec.Isolation;
import dev.hutch.spec.Limits;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Network;
import dev.hutch.spec.NetworkRate;
import dev.hutch.spec.Rlimit;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.SeccompProfile;
import dev.hutch.spec.Signal;
import dev.hutch.spec.Size;
import dev.hutch.spec.SoftStop;
import dev.hutch.spec.TimeOffsets;
import dev.hutch.spec.User;
import java.lang.reflect.RecordComponent;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecFileTest {
    @TempDir
    Path folder;

    /** Over all fields: each of them has had another value than the default's by the end. */
    @Test
    void whatIsWrittenIsReadAsTheSame() throws Exception {
        Random random = new Random(42);
        SandboxSpec usual = Sandbox.builder().build().spec();
        Set<String> varied = new HashSet<>();
        Path file = folder.resolve("spec.json");
        for (int i = 0; i < 500; i++) {
            Sandbox box = random(random).build();
            box.writeSpec(file);

            SandboxSpec read = Sandbox.builder().spec(file).build().spec();

            assertThat(read).as(Files.readString(file)).isEqualTo(box.spec());
            for (RecordComponent part : SandboxSpec.class.getRecordComponents()) {
                Object value = part.getAccessor().invoke(read);
                if (value != null && !value.equals(part.getAccessor().invoke(usual))) {
                    varied.add(part.getName());
                }
            }
        }
        // DETACHED is not offered yet, and Landlock goes with few of the others.
        assertThat(varied)
                .hasSize(SandboxSpec.class.getRecordComponents().length - 2)
                .doesNotContain("lifetime", "isolation");
    }

    @Test
    void theIsolationIsReadAsItWasWritten() throws Exception {
        Sandbox fenced = Sandbox.builder().isolation(Isolation.LANDLOCK).build();
        Path file = folder.resolve("fenced.json");
        fenced.writeSpec(file);

        assertThat(Sandbox.builder().spec(file).build().spec()).isEqualTo(fenced.spec());
        assertThat(read("{\"isolation\": \"landlock\"}").isolation()).isEqualTo(Isolation.LANDLOCK);
    }

    @Test
    void anEmptyFileIsTheDefaults() throws Exception {
        assertThat(read("{}")).isEqualTo(Sandbox.builder().build().spec());
    }

    @Test
    void aNetworkWithOptionsIsReadAsItWasWritten() throws Exception {
        Network network = Network.bridge("lab")
                .dns(InetAddress.getByName("192.0.2.53"), InetAddress.getByName("2001:db8::53"))
                .egress("pypi.org:443", "*.example.org", "[2001:db8::/32]:80")
                .publish("127.0.0.1:8080:80", "53:53/udp", "[::1]:0:90-99")
                .hostServices(true)
                .priority(3)
                .mark(7)
                .rate(NetworkRate.parse("up=1m,down=5m"));
        Path file = folder.resolve("network.json");
        Sandbox.builder().network(network).build().writeSpec(file);

        assertThat(Sandbox.builder().spec(file).build().spec().network()).isEqualTo(network);
    }

    @Test
    void aDecisionIsCodeAndNotWritten() {
        Egress asking = Egress.of("a.org").ask(name -> true, Duration.ofSeconds(1));
        Sandbox box = Sandbox.builder().network(Network.user().egress(asking)).build();

        assertThatThrownBy(() -> box.writeSpec(folder.resolve("code.json")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("decision is code");
    }

    @Test
    void aFileReplacesWhatWasSetBefore() throws Exception {
        Path file = Files.writeString(folder.resolve("a"), "{\"hostname\": \"box\"}");
        SandboxSpec spec = Sandbox.builder()
                .allow(Allow.PTRACE)
                .tmpfs(Path.of("/x"))
                .spec(file)
                .build()
                .spec();

        assertThat(spec.allow()).isEmpty();
        assertThat(spec.mounts()).isEmpty();
        assertThat(spec.hostname()).isEqualTo("box");
    }

    @Test
    void timesAndSizesAreReadAsPeopleWriteThem() throws Exception {
        SandboxSpec spec = read("{\"wallTime\": \"1500ms\", \"cpuTime\": \"PT2M\", \"outputLimit\": \"1m\"}");

        assertThat(spec.wallTime()).isEqualTo(Duration.ofMillis(1500));
        assertThat(spec.cpuTime()).isEqualTo(Duration.ofMinutes(2));
        assertThat(spec.outputLimit()).isEqualTo(Size.mebibytes(1));
    }

    @Test
    void theSignalBeforeTheKillIsTermUnlessSaid() throws Exception {
        assertThat(read("{\"softStop\": {\"grace\": \"2s\"}}").softStop())
                .isEqualTo(SoftStop.within(Duration.ofSeconds(2)));
        assertThat(read("{\"softStop\": {\"signal\": \"INT\", \"grace\": \"2s\"}}")
                        .softStop())
                .isEqualTo(new SoftStop(Signal.SIGINT, Duration.ofSeconds(2)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'memori': 1}                         | has 'memori', which is unknown",
                "{'limits': {'mem': 1}}                | limits: has 'mem', which is unknown",
                "{'limits': {'pids': 0}}               | limits.pids: is 0, must be a whole number from 1 to 4194304",
                "{'limits': {'pids': 1.5}}             | limits.pids: is 1.5, must be a whole number from 1 to 4194304",
                "{'limits': {'pids': '9'}}             | limits.pids: is '9', must be a whole number",
                "{'limits': {'cpus': 9000}}            | limits.cpus: cpus is 9000.0, must be 0.01 to 8192",
                "{'limits': {'memory': '1x'}}          | limits.memory: size '1x' is not",
                "{'limits': {'memory': 1}}             | limits.memory: memory is 1, must be 1048576 to",
                "{'limits': []}                        | limits: is an array, must be an object",
                "{'mounts': {}}                        | mounts: is an object, must be an array",
                "{'mounts': [{'type': 'disk'}]}        | mounts[0].type: is 'disk', must be one of bind, tmpfs, overlay",
                "{'mounts': [{'type': 'bind'}]}        | mounts[0]: has no source",
                "{'mounts': [null]}                    | mounts[0]: is null, must be an object",
                "{'workspace': 'here'}                 | workspace: is 'here', must be an absolute path",
                "{'init': 'yes'}                       | init: is 'yes', must be true or false",
                "{'hostname': '-'}                     | hostname: hostname '-' is not",
                "{'environment': ['NAME']}             | 'NAME' is not NAME=VALUE",
                "{'environment': ['=b']}               | environment variable name '' is empty",
                "{'user': 'root'}                      | user: user 'root'",
                "{'network': 'some'}                   | network: network 'some' is not one of none, host",
                "{'network': {'dns': []}}              | network: has no kind",
                "{'network': {'kind': 'host', 'egress': []}} | network: network 'host' has no dns and no egress",
                "{'network': {'kind': 'user', 'egress': ['a b']}} | network.egress[0]: host 'a b'",
                "{'network': {'kind': 'user', 'dns': ['a.org']}} | network.dns[0]: is 'a.org', must be an IPv4",
                "{'network': {'kind': 'user', 'egress': []}, 'capabilities': ['NET_RAW']} | contradict each other",
                "{'network': 'host', 'namespaces': ['mount', 'network']} | network: is 'host', and namespaces says",
                "{'namespaces': []}                    | namespaces: the mount namespace is always new",
                "{'wallTime': 'soon'}                  | wallTime: is 'soon', must be a time such as 10s",
                "{'wallTime': '0s'}                    | wallTime: wallTime is PT0S, must be more than zero",
                "{'softStop': {'signal': 'INT'}}       | softStop: has no grace",
                "{'softStop': {'grace': '2h'}}         | softStop: grace is PT2H, must be PT0.001S to PT1H",
                "{'softStop': {'signal': 'FOO', 'grace': '1s'}} | softStop.signal: signal 'FOO' is neither",
                "{'strict': true, 'bestEffort': true}  | strict and bestEffort",
                "{'lifetime': 'detached'}              | lifetime DETACHED is not offered",
                "{'rlimits': [{'resource': 'nofile', 'soft': 9, 'hard': 1}]} | rlimits[0]: rlimit NOFILE",
                "[]                                    | is an array, must be an object",
                "{'a': }                               | is not JSON",
            })
    void whatIsWrongIsNamed(String text, String message) {
        assertThatThrownBy(() -> read(text.replace('\'', '"')))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("spec.json")
                .hasMessageContaining(message);
    }

    private SandboxSpec read(String text) throws Exception {
        Path file = Files.writeString(folder.resolve("spec.json"), text);
        return Sandbox.builder().spec(file).build().spec();
    }

    private static Sandbox.Builder random(Random random) {
        Sandbox.Builder builder = Sandbox.builder()
                .capabilities(some(random, Capability.class))
                .limits(limits(random))
                .init(random.nextBoolean())
                .environment("NAME " + random.nextInt(3), "a=\"b\" " + random.nextInt(3))
                .bestEffort(random.nextBoolean())
                .user(new User(random.nextInt(9), random.nextInt(9), list(random, i -> (long) i)));
        builder.allow(Allow.REMOUNT);
        some(random, Allow.class).forEach(builder::allow);
        list(random, i -> mount(random, i)).forEach(builder::mount);
        list(random, i -> new Device(Path.of("/dev/h" + i), Path.of("/dev/c" + i), random.nextBoolean()))
                .forEach(builder::device);
        list(random, i -> rlimit(random)).forEach(builder::rlimit);
        builder.seccomp(
                switch (random.nextInt(3)) {
                    case 0 -> new SeccompProfile.Default();
                    case 1 -> new SeccompProfile.Unconfined();
                    default -> new SeccompProfile.File(Path.of("/profile.json"));
                });
        if (random.nextBoolean()) {
            Path root = Path.of("/srv/\"root\" ü");
            builder.rootfs(new Rootfs.Directory(root, random.nextBoolean(), false))
                    .workspace(Path.of("/srv/w"));
            builder.bestEffort(false).strict(true);
            builder.softStop(
                    new SoftStop(new Signal(1 + random.nextInt(64)), Duration.ofMillis(1 + random.nextInt(3_600_000))));
            builder.name("a \"name\"").outputLimit(size(random)).cpuTime(time(random));
        } else if (random.nextBoolean()) {
            builder.rootfs(new Rootfs.Directory(Path.of("/r"), false, true)).wallTime(time(random));
        }
        if (random.nextBoolean()) {
            builder.cgroupParent(
                    random.nextBoolean() ? new CgroupParent.Self() : new CgroupParent.Below(Path.of("/c")));
        }
        return namespaces(random, builder);
    }

    private static Sandbox.Builder namespaces(Random random, Sandbox.Builder builder) {
        for (Namespace kind : List.of(Namespace.PID, Namespace.IPC, Namespace.CGROUP)) {
            if (random.nextInt(4) == 0) {
                builder.hostNamespace(kind);
            }
        }
        switch (random.nextInt(4)) {
            case 0 -> builder.hostNamespace(Namespace.UTS).network(Network.HOST);
            case 1 -> builder.hostname("box-1").hostNamespace(Namespace.USER);
            case 2 ->
                builder.uidMappings(List.of(new IdMapping(0, 100_000, 65_536)))
                        .gidMappings(List.of(new IdMapping(0, 1, 1), new IdMapping(5, 200_000, 10)));
            default -> builder.timeOffsets(new TimeOffsets(time(random).negated(), time(random)));
        }
        return builder;
    }

    private static Limits limits(Random random) {
        Limits.Builder limits = Limits.builder();
        int set = random.nextInt(256);
        if ((set & 1) != 0) {
            limits.memory(Size.bytes((1 << 20) + random.nextInt(1 << 24)));
        }
        if ((set & 2) != 0) {
            limits.memorySwap(Size.bytes(Long.MAX_VALUE - random.nextInt(1000)));
        }
        if ((set & 4) != 0) {
            limits.cpus(0.01 + random.nextDouble() * 8000);
        }
        if ((set & 8) != 0) {
            limits.cpuShares(2 + random.nextInt(1000));
        }
        if ((set & 16) != 0) {
            limits.cpusetCpus("0-2,4");
        }
        if ((set & 32) != 0) {
            limits.pids(1 + random.nextInt(100));
        }
        if ((set & 64) != 0) {
            limits.ioWeight(10 + random.nextInt(900));
        }
        if ((set & 128) != 0) {
            DeviceThrottle.Kind[] kinds = DeviceThrottle.Kind.values();
            limits.throttle(new DeviceThrottle(
                    Path.of("/dev/sda"), kinds[random.nextInt(kinds.length)], 1 + (random.nextLong() >>> 2)));
        }
        return limits.build();
    }

    private static Mount mount(Random random, int i) {
        Path to = Path.of("/to/" + i);
        return switch (random.nextInt(3)) {
            case 0 -> new Mount.Bind(Path.of("/from " + i), to, random.nextBoolean());
            case 1 -> new Mount.Tmpfs(to, size(random), random.nextInt(01000));
            default -> new Mount.Overlay(List.of(Path.of("/a"), Path.of("/b")), to);
        };
    }

    private static Rlimit rlimit(Random random) {
        Rlimit.Resource[] all = Rlimit.Resource.values();
        long hard = random.nextBoolean() ? Rlimit.INFINITY : Long.MAX_VALUE - random.nextInt(9);
        return new Rlimit(all[random.nextInt(all.length)], random.nextInt(100), hard);
    }

    private static Size size(Random random) {
        return Size.bytes(random.nextLong() >>> 1 + random.nextInt(60));
    }

    private static Duration time(Random random) {
        return Duration.ofNanos(1 + (random.nextLong() >>> 1 + random.nextInt(50)));
    }

    private static <T> List<T> list(Random random, IntFunction<T> make) {
        return new ArrayList<>(
                IntStream.range(0, random.nextInt(4)).mapToObj(make).toList());
    }

    private static <E extends Enum<E>> EnumSet<E> some(Random random, Class<E> type) {
        EnumSet<E> some = EnumSet.allOf(type);
        some.removeIf(each -> random.nextInt(3) > 0);
        return some;
    }
}
