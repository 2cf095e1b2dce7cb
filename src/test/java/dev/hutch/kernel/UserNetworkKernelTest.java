// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.cli.Main;
import dev.hutch.support.CgroupMachine;
import dev.hutch.support.KernelTest;
import dev.hutch.support.LeavesNothing;
import dev.hutch.support.Need;
import dev.hutch.support.NetHost;
import dev.hutch.support.Uplink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks that a process of the user's own carries: root's and a plain user's, through either program. */
@KernelTest({
    Need.ROOT,
    Need.USER_NAMESPACES,
    Need.IPROUTE,
    Need.PASTA,
    Need.SLIRP4NETNS,
    Need.TUN,
    Need.PYTHON,
    Need.PLAIN_USER
})
class UserNetworkKernelTest extends LeavesNothing {
    /** Tries one thing after the other: what came back, or the error's name. IPv6 may take a moment to be there. */
    private static final String CLIENT = """
            import errno, socket, sys, time
            def ask(kind, address, port):
                family = socket.AF_INET6 if ':' in address else socket.AF_INET
                s = socket.socket(family, socket.SOCK_STREAM if kind in ('tcp', 'asked') else socket.SOCK_DGRAM)
                s.settimeout(3)
                s.connect((address, int(port)))
                if kind != 'tcp': s.send(b'hello')
                return s.recv(100).decode()
            for word in sys.argv[2:]:
                for attempt in range(int(sys.argv[1])):
                    try:
                        answer = ask(*word.split(','))
                    except OSError as e:
                        answer = errno.errorcode.get(e.errno, 'TIMEOUT')
                    if answer == 'hello': break
                    time.sleep(0.1)
                print(word, answer, flush=True)
            """;

    private static Uplink uplink;

    @BeforeAll
    static void connect() throws IOException {
        uplink = Uplink.make();
        NetHost world = uplink.world();
        world.serve("hello,0.0.0.0,8001", "hello,::,8006", "echo,0.0.0.0,8002", "echo,::,8007");
        world.serve("dns," + Uplink.WORLD_4 + ",53");
        NetHost machine = uplink.machine();
        machine.serve("dns,127.0.0.1,53");
        machine.serve("hello,127.0.0.1,9001", "hello,::1,9001", "hello,0.0.0.0,9002", "echo,127.0.0.1,9003");
    }

    @AfterAll
    static void disconnect() throws IOException {
        uplink.close();
    }

    private static Process start(boolean plain, String program, String... command) throws IOException {
        String[] words = Stream.concat(Stream.of("run", "--network", "user:" + program, "--"), Stream.of(command))
                .toArray(String[]::new);
        return uplink.start(plain, Main.class, words);
    }

    private static List<String> run(boolean plain, String program, String... command) throws Exception {
        return lines(start(plain, program, command));
    }

    private static List<String> lines(Process process) throws Exception {
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out + err).isZero();
        return out.lines().toList();
    }

    private static List<String> ask(boolean plain, String program, int attempts, String... whom) throws Exception {
        List<String> command = new ArrayList<>(List.of("python3", "-c", CLIENT, Integer.toString(attempts)));
        command.addAll(Arrays.asList(whom));
        return run(plain, program, command.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource({"false, pasta", "true, pasta", "false, slirp4netns", "true, slirp4netns"})
    void tcpAndUdpReachTheWorldOverBothFamilies(boolean plain, String program) throws Exception {
        List<String> all = List.of(
                "tcp," + Uplink.WORLD_4 + ",8001", "udp," + Uplink.WORLD_4 + ",8002",
                "tcp," + Uplink.WORLD_6 + ",8006", "udp," + Uplink.WORLD_6 + ",8007");

        assertThat(ask(plain, program, 50, all.toArray(String[]::new)))
                .containsExactlyElementsOf(
                        all.stream().map(each -> each + " hello").toList());
    }

    /** Also where the host's only server listens on its loopback, as systemd-resolved does. */
    @ParameterizedTest
    @CsvSource({
        "false, pasta, " + Uplink.WORLD_4,
        "true, pasta, " + Uplink.WORLD_4,
        "true, pasta, 127.0.0.1",
        "false, slirp4netns, " + Uplink.WORLD_4,
        "true, slirp4netns, 127.0.0.1"
    })
    void namesAreAskedOfTheHostsServers(boolean plain, String program, String server) throws Exception {
        Process process = uplink.start(
                "nameserver " + server + "\n",
                plain,
                Main.class,
                "run",
                "--network",
                "user:" + program,
                "--",
                "getent",
                "ahostsv4",
                "name.example");

        assertThat(lines(process)).first().asString().startsWith(NetHost.ANSWER);
    }

    /** Debian's pasta loses what a server says first, before it was asked anything. */
    @ParameterizedTest
    @CsvSource({"false, pasta", "true, pasta", "false, slirp4netns", "true, slirp4netns"})
    void publishedPortsLeadInsideFromTheHostsLoopbackAndFromTheWorld(boolean plain, String program) throws Exception {
        Process process = uplink.start(
                plain,
                Main.class,
                "run",
                "--network",
                "user:" + program,
                "-p",
                "7001:80",
                "-p",
                "127.0.0.1:7002-7003:81-82",
                "-p",
                "7004:8083/udp",
                "--",
                "python3",
                "-c",
                NetHost.SERVER,
                "asked,0.0.0.0,80",
                "asked,0.0.0.0,81",
                "asked,0.0.0.0,82",
                "echo,0.0.0.0,8083");
        try {
            if (process.getInputStream().read() != 'r') {
                throw new AssertionError(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
            }

            List<String> own =
                    new ArrayList<>(List.of("asked,127.0.0.1,7001", "asked,127.0.0.1,7002", "asked,127.0.0.1,7003"));
            if (program.equals("pasta")) {
                // slirp4netns keeps answers from the host's loopback, as it was told.
                own.add("udp,127.0.0.1,7004");
            }
            assertThat(outside(uplink.machine(), own)).allMatch(line -> line.endsWith("hello"));
            assertThat(outside(
                            uplink.world(),
                            List.of("asked," + Uplink.MACHINE_4 + ",7001", "udp," + Uplink.MACHINE_4 + ",7004")))
                    .allMatch(line -> line.endsWith("hello"));
            assertThat(outside(uplink.world(), List.of("asked," + Uplink.MACHINE_4 + ",7002")))
                    .as("published on the loopback alone")
                    .noneMatch(line -> line.endsWith("hello"));
        } finally {
            process.destroy();
            process.waitFor();
        }
    }

    private static List<String> outside(NetHost place, List<String> whom) throws IOException {
        List<String> command = new ArrayList<>(List.of("python3", "-c", CLIENT, "1"));
        command.addAll(whom);
        return place.run(command.toArray(String[]::new)).lines().toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"pasta", "slirp4netns"})
    void aPortThatSomebodyHasIsAnErrorBeforeTheProgramStarts(String program) throws Exception {
        Process process = uplink.start(
                true, Main.class, "run", "--network", "user:" + program, "-p", "9001:80", "--", "echo", "started");
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.getInputStream().readAllBytes()).isEmpty();
        assertThat(process.waitFor()).isEqualTo(125);
        assertThat(err).contains("publish 9001:80").contains("somebody has that port");
    }

    @ParameterizedTest
    @CsvSource({"false, pasta", "true, pasta", "false, slirp4netns", "true, slirp4netns"})
    void whatListensOnTheHostsLoopbackIsNotWithinReach(boolean plain, String program) throws Exception {
        List<String> gateways = program.equals("pasta")
                ? List.of("tcp," + Uplink.MACHINE_4 + ",9001", "tcp," + Uplink.WORLD_4 + ",9001")
                : List.of("tcp,10.0.2.2,9001", "udp,10.0.2.2,9003", "tcp,fd00::2,9001", "tcp,10.0.2.3,9001");
        List<String> all = new ArrayList<>(gateways);
        all.addAll(List.of("tcp,127.0.0.1,9001", "tcp,::1,9001", "udp,127.0.0.1,9003"));

        assertThat(ask(plain, program, 1, all.toArray(String[]::new)))
                .hasSize(all.size())
                .noneMatch(line -> line.endsWith("hello"));
    }

    @ParameterizedTest
    @CsvSource({"false, pasta", "true, pasta", "false, slirp4netns", "true, slirp4netns"})
    void whatCarriesItHasNothingOfOursAndWallsOfItsOwn(boolean plain, String program) throws Exception {
        Process process = start(plain, program, "sh", "-c", "echo up; read line; true");
        try {
            assertThat(process.getInputStream().read()).as("it is up").isEqualTo('u');
            ProcessHandle carrier = carrier(process).orElseThrow();
            Path proc = Path.of("/proc", Long.toString(carrier.pid()));

            assertThat(Files.readString(proc.resolve("environ")).replaceAll("(PWD|OLDPWD|_)=[^\0]*\0", ""))
                    .as("environment, but for what the shell adds")
                    .isEmpty();
            try (Stream<Path> descriptors = Files.list(proc.resolve("fd"))) {
                assertThat(descriptors.map(UserNetworkKernelTest::target))
                        .as("descriptors")
                        .allMatch(target ->
                                target.matches("pipe:.*|socket:.*|net:.*|anon_inode:.*|/dev/net/tun|/dev/null"));
            }
            ProcessHandle command = command(process);
            for (String kind : List.of("mnt", "pid", "net")) {
                assertThat(target(proc.resolve("ns").resolve(kind)))
                        .isNotEqualTo(target(Path.of("/proc/" + command.pid() + "/ns/" + kind)));
            }
            assertThat(Files.isDirectory(proc.resolve("root/root")))
                    .as("the host's /root")
                    .isFalse();
            if (!plain) {
                CgroupMachine machine = CgroupMachine.here();
                Path its = machine.directory("memory", carrier.pid());
                assertThat(its).isNotEqualTo(machine.directory("memory", command.pid()));
                assertThat(its).isNotEqualTo(machine.directory("memory", process.pid()));
                assertThat(machine.value("pids", carrier.pid(), "pids.max")).isEqualTo("16");
            }
        } finally {
            process.getOutputStream().close();
            assertThat(process.waitFor()).isZero();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "/proc/gone";
        }
    }

    /** pasta or slirp4netns among the descendants. */
    private static Optional<ProcessHandle> carrier(Process hutch) {
        return hutch.descendants()
                .filter(process -> name(process).matches("pas[st].*|slirp4netns"))
                .findFirst();
    }

    private static ProcessHandle command(Process hutch) {
        return hutch.descendants()
                .filter(process -> name(process).equals("sh")
                        && process.children().findAny().isEmpty())
                .findFirst()
                .orElseThrow();
    }

    private static String name(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/comm")).strip();
        } catch (IOException gone) {
            return "";
        }
    }

    /** Its own change of ids and namespaces clears what would end it with its parent: PID 1 of its namespace ends it. */
    @ParameterizedTest
    @ValueSource(strings = {"jvm", "zygote", "guard", "keeper", "command"})
    void whatCarriesItDiesWhoeverIsKilled(String victim) throws Exception {
        for (String program : List.of("pasta", "slirp4netns")) {
            for (boolean plain : List.of(false, true)) {
                Process process = start(plain, program, "sh", "-c", "echo up; read line; true");
                List<ProcessHandle> all = List.of();
                try {
                    assertThat(process.getInputStream().read()).as("it is up").isEqualTo('u');
                    all = process.descendants().toList();
                    ProcessHandle carrier = carrier(process).orElseThrow();
                    ProcessHandle keeper = carrier.parent().orElseThrow();
                    switch (victim) {
                        case "jvm" -> process.toHandle().destroyForcibly();
                        case "zygote" ->
                            process.children().findFirst().orElseThrow().destroyForcibly();
                        case "guard" -> keeper.parent().orElseThrow().destroyForcibly();
                        case "keeper" -> keeper.destroyForcibly();
                        default -> command(process).destroyForcibly();
                    }
                    awaitEnd(carrier);
                } finally {
                    process.getOutputStream().close();
                    process.destroyForcibly().waitFor();
                    for (ProcessHandle each : all) {
                        awaitEnd(each);
                    }
                }
            }
        }
    }

    /** A zombie that nobody has reaped yet has ended. */
    private static void awaitEnd(ProcessHandle process) throws Exception {
        Path status = Path.of("/proc/" + process.pid() + "/stat");
        for (int i = 0; process.isAlive(); i++) {
            String text;
            try {
                text = Files.readString(status);
            } catch (IOException e) {
                // It has been reaped: ENOENT, or ESRCH where that came between open and read.
                return;
            }
            if (text.substring(text.lastIndexOf(')')).startsWith(") Z")) {
                return;
            }
            assertThat(i).as("%s lives on", text).isLessThan(1000);
            Thread.sleep(10);
        }
    }

    /** At any moment of a launch. */
    @ParameterizedTest
    @ValueSource(strings = {"pasta", "slirp4netns"})
    void whatCarriesItDiesWithAJvmThatIsKilledDuringTheLaunch(String program) throws Exception {
        for (int i = 0; i < 12; i++) {
            Process process = start(true, program, "sleep", "60");
            List<ProcessHandle> seen = new ArrayList<>();
            long until = System.nanoTime() + (200 + 40L * i) * 1_000_000;
            while (System.nanoTime() < until) {
                seen = process.descendants().toList();
                Thread.sleep(1);
            }
            process.destroyForcibly().waitFor();
            for (ProcessHandle each : seen) {
                awaitEnd(each);
            }
        }
        assertThat(ProcessHandle.allProcesses()
                        .filter(process -> uplinkOwns(process) && !name(process).isEmpty()))
                .isEmpty();
    }

    /** Processes of the plain user's that still run. */
    private static boolean uplinkOwns(ProcessHandle process) {
        try {
            Path proc = Path.of("/proc/" + process.pid());
            String text = Files.readString(proc.resolve("stat"));
            return (int) Files.getAttribute(proc, "unix:uid") == 54321
                    && !text.substring(text.lastIndexOf(')')).startsWith(") Z")
                    && name(process).matches("pas[st].*|slirp4netns|sleep");
        } catch (IOException gone) {
            return false;
        }
    }
}
