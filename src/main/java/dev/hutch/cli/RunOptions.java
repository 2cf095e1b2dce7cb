// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import static dev.hutch.cli.Option.flag;
import static dev.hutch.cli.Option.valued;

import dev.hutch.cli.Option.Group;
import dev.hutch.spec.Allow;
import dev.hutch.spec.CgroupParent;
import dev.hutch.spec.Device;
import dev.hutch.spec.DeviceThrottle;
import dev.hutch.spec.IdMapping;
import dev.hutch.spec.Isolation;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Rlimit;
import dev.hutch.spec.Signal;
import dev.hutch.spec.Size;
import dev.hutch.spec.User;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The options of {@code hutch run}, in the groups of its help; each fills a part of the request. */
final class RunOptions {
    static final String MOVE_INTO_LEAF = "--move-into-leaf";

    private static final String SIZE_AS_DOCKER_HAS_IT = "[0-9]+(\\.[0-9]+)?[bBkKmMgG]?";

    private final RunRequest request;

    private RunOptions(RunRequest request) {
        this.request = request;
    }

    static List<Group> of(RunRequest request) {
        RunOptions options = new RunOptions(request);
        List<Group> groups = List.of(
                new Group("What runs", options.command()),
                new Group("What it sees", options.files()),
                new Group("Limits", options.limits()),
                new Group("Disk traffic", options.traffic()),
                new Group("Privileges", options.privileges()),
                new Group("Network", NetworkOptions.of(request)),
                new Group("Namespaces", options.namespaces()),
                new Group("Streams and results", options.streams()));
        return groups.stream()
                .map(group -> new Group(
                        group.heading(),
                        group.options().stream().map(options::noted).toList()))
                .toList();
    }

    private Option noted(Option option) {
        return new Option(option.names(), option.label(), option.help(), value -> {
            option.apply().accept(value);
            request.begun = true;
        });
    }

    private List<Option> command() {
        return List.of(
                valued(
                        "--spec",
                        "FILE",
                        "a sandbox from a JSON file; goes first, and options after it override",
                        text -> request.spec(Texts.path(text))),
                valued(
                        "-u --user",
                        "UID[:GID[,GROUP...]]",
                        "ids inside (default 1000:1000); numbers, each an unused, unprivileged id on the host",
                        text -> request.sandbox.user(User.parse(text))),
                valued(
                        "-w --workdir",
                        "DIR",
                        "where the command starts, inside (default: the home or the workspace)",
                        text -> request.directory = Texts.path(text)),
                valued("-e --env", "NAME[=VALUE]", "a variable; without a value the caller's", this::environment),
                valued(
                        "--env-file",
                        "FILE",
                        "variables from a file, one a line; # begins a comment",
                        text -> EnvironmentFile.read(Texts.path(text)).forEach(this::environment)),
                valued("--hostname", "NAME", "host name inside (default random)", request.sandbox::hostname),
                valued("--name", "NAME", "a label for messages and results", request.sandbox::name),
                flag("--init", "an init as PID 1 that reaps (the default)", () -> request.sandbox.init(true)),
                flag("--no-init", "the command itself is PID 1", () -> request.sandbox.init(false)));
    }

    private List<Option> files() {
        return List.of(
                valued(
                        "-m --rootfs",
                        "ROOTFS",
                        "folder with a root file system (default: a read-only view of the host's programs)",
                        this::rootfs),
                flag("--read-only", "the root file system can't be changed", () -> request.readOnly = true),
                flag("--ephemeral", "changes of the root file system are thrown away", () -> request.ephemeral = true),
                valued(
                        "--workspace",
                        "DIR",
                        "folder of the host's, writable, owned by the user inside, where the command starts",
                        text -> request.sandbox.workspace(Mounts.workspace(text))),
                valued(
                        "-v --volume",
                        "SRC:DST[:ro]",
                        "file or folder of the host's at DST inside",
                        text -> request.sandbox.mount(Mounts.volume(text))),
                valued(
                        "--mount",
                        "type=bind|tmpfs|overlay,KEY=VALUE...",
                        "source=, target=, readonly; tmpfs-size=, tmpfs-mode=; lower=DIR[:DIR...]",
                        text -> request.sandbox.mount(Mounts.mount(text))),
                valued(
                        "--tmpfs",
                        "DST[:size=SIZE,mode=MODE]",
                        "empty file system in memory",
                        text -> request.sandbox.mount(Mounts.tmpfs(text))),
                valued(
                        "--device",
                        "HOST[:DST[:r|rw]]",
                        "device of the host's",
                        text -> request.sandbox.device(Device.parse(text))));
    }

    private List<Option> limits() {
        return List.of(
                valued(
                        "--memory",
                        "SIZE",
                        "memory, files in memory included (default 1g): 512m, 2g",
                        text -> request.limits.memory(Size.parse(text))),
                valued(
                        "--memory-swap",
                        "SIZE",
                        "memory and swap together (default: as --memory)",
                        text -> request.limits.memorySwap(Size.parse(text))),
                valued(
                        "--cpus",
                        "NUMBER",
                        "processors' worth of time, such as 1.5",
                        text -> request.limits.cpus(Texts.decimal(text))),
                valued(
                        "--cpu-shares",
                        "NUMBER",
                        "weight against other sandboxes, 2 to 262144 (default 256)",
                        text -> request.limits.cpuShares(Texts.integer(text))),
                valued("--cpuset-cpus", "LIST", "processors allowed, such as 0-2,4", request.limits::cpusetCpus),
                valued(
                        "--pids-limit",
                        "NUMBER",
                        "processes and threads at once, init included (default 64, more with over 8 CPUs)",
                        text -> request.limits.pids(Texts.integer(text))),
                valued(
                        "--ulimit",
                        "NAME=SOFT[:HARD]",
                        "limit of each process (default nofile=1024, core=0)",
                        text -> request.sandbox.rlimit(Rlimit.parse(text))),
                valued(
                        "--timeout",
                        "TIME",
                        "wall time from the start of the command: 10s, 500ms, 2m",
                        text -> request.sandbox.wallTime(Texts.duration(text))),
                valued(
                        "--cpu-time",
                        "TIME",
                        "processor time of all processes together",
                        text -> request.sandbox.cpuTime(Texts.duration(text))),
                valued(
                        "--stop-timeout",
                        "TIME",
                        "at the end of either time, ask by a signal first, and kill after this",
                        text -> request.stopTimeout = Texts.duration(text)),
                valued(
                        "--stop-signal",
                        "SIGNAL",
                        "the signal to ask with (default SIGTERM), and 10 s to obey it",
                        text -> request.stopSignal = Signal.parse(text)),
                valued(
                        "--output-limit",
                        "SIZE",
                        "standard output and error together",
                        text -> request.sandbox.outputLimit(Size.parse(text))),
                valued(
                        "--cgroup-parent",
                        "PATH|self",
                        "where the cgroup is made (default /hutch)",
                        text -> request.sandbox.cgroupParent(CgroupParent.parse(text))),
                flag(
                        MOVE_INTO_LEAF,
                        "for --cgroup-parent self on v2: hutch may move itself into a cgroup below",
                        () -> request.moveIntoLeaf = true),
                flag(
                        "--strict",
                        "a default limit that this machine can't enforce is an error",
                        () -> request.sandbox.strict(true)),
                flag(
                        "--best-effort",
                        "a limit asked for that this machine can't enforce is left out, and named",
                        () -> request.sandbox.bestEffort(true)));
    }

    private List<Option> traffic() {
        List<Option> options = new ArrayList<>();
        options.add(valued(
                "--blkio-weight --io-weight",
                "NUMBER",
                "share of the disks, 10 to 1000 (default 50)",
                text -> request.limits.ioWeight(Texts.integer(text))));
        for (DeviceThrottle.Kind kind : DeviceThrottle.Kind.values()) {
            String word = kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
            boolean bytes = word.endsWith("bps");
            options.add(valued(
                    "--device-" + word,
                    bytes ? "DEVICE:SIZE" : "DEVICE:NUMBER",
                    (bytes ? "bytes" : "operations") + " a second",
                    text -> request.limits.throttle(Mounts.throttle(kind, text))));
        }
        return options;
    }

    private List<Option> privileges() {
        return List.of(
                valued(
                        "--cap-add",
                        "NAME|classic|ALL",
                        "capability inside (default none)",
                        text -> capability(request.capabilitiesAdded, text)),
                valued(
                        "--cap-drop",
                        "NAME|ALL",
                        "capability taken from those added",
                        text -> capability(request.capabilitiesDropped, text)),
                valued(
                        "--allow",
                        "KIND",
                        "what the default filter forbids and a kind of tool needs: set-id-bits, ptrace,\n"
                                + "remount, personality, keyring, numa, perf, io-uring, userfaultfd, unix-sockets",
                        text -> request.sandbox.allow(Allow.parse(text))),
                valued(
                        "--security-opt",
                        "seccomp=FILE|unconfined",
                        "another filter of system calls, in the JSON of OCI and docker",
                        text -> SecurityOption.apply(request.sandbox, text)),
                valued(
                        "--uidmap",
                        "CONTAINER:HOST:SIZE",
                        "line of the user namespace's uid map, in place of an unused range",
                        text -> request.uidMappings.add(IdMapping.parse(text))),
                valued(
                        "--gidmap",
                        "CONTAINER:HOST:SIZE",
                        "the same for gids (default: as --uidmap)",
                        text -> request.gidMappings.add(IdMapping.parse(text))));
    }

    private List<Option> namespaces() {
        List<Option> options = new ArrayList<>();
        options.add(valued(
                "--isolation",
                "container|landlock",
                "landlock where user namespaces are refused: fewer walls (default container)",
                text -> request.sandbox.isolation(isolation(text))));
        options.add(namespace("--uts", Namespace.UTS));
        options.add(namespace("--ipc", Namespace.IPC));
        options.add(namespace("--pid", Namespace.PID));
        options.add(namespace("--cgroupns", Namespace.CGROUP));
        options.add(namespace("--userns", Namespace.USER));
        options.add(namespace("--time", Namespace.TIME));
        options.add(valued(
                "--time-offset",
                "monotonic=TIME,boottime=TIME",
                "how far these clocks are ahead inside",
                text -> request.sandbox.timeOffsets(ClockOffsets.parse(text))));
        return options;
    }

    private static Isolation isolation(String text) {
        return switch (text) {
            case "container" -> Isolation.CONTAINER;
            case "landlock" -> Isolation.LANDLOCK;
            default -> throw new IllegalArgumentException("'" + text + "' is neither container nor landlock");
        };
    }

    private Option namespace(String name, Namespace kind) {
        return valued(name, "private|host", "(default private)", text -> {
            if (text.equals("host")) {
                request.sandbox.hostNamespace(kind);
            } else if (!text.equals("private")) {
                throw new IllegalArgumentException("'" + text + "' is neither private nor host");
            }
        });
    }

    private List<Option> streams() {
        return List.of(
                flag("-i --interactive", "pass on what is typed at the terminal", () -> request.interactive = true),
                flag("-t --tty", "a terminal of the command's own", () -> request.terminal = true),
                valued("--json", "FILE|FD", "write the result as JSON", text -> request.json = JsonTarget.parse(text)),
                flag("--dry-run", "print what would be done, and do nothing", () -> request.dryRun = true));
    }

    private void environment(String text) {
        int equals = text.indexOf('=');
        if (equals >= 0) {
            if (equals == 0) {
                throw new IllegalArgumentException("variable '" + text + "' has no name");
            }
            request.environment.put(text.substring(0, equals), text.substring(equals + 1));
            return;
        }
        String inherited = System.getenv(text);
        if (inherited != null) {
            request.environment.put(text, inherited);
        }
    }

    private void rootfs(String text) {
        if (text.matches(SIZE_AS_DOCKER_HAS_IT)) {
            throw new IllegalArgumentException("this is the root file system: did you mean --memory " + text + "?");
        }
        if (!text.startsWith("/")) {
            throw new IllegalArgumentException("root file system '" + text + "' is not an absolute path");
        }
        request.rootfs = Texts.path(text);
    }

    private static void capability(java.util.Set<String> words, String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        RunRequest.named(upper);
        words.add(upper);
    }
}
