// SPDX-License-Identifier: Apache-2.0
package dev.hutch.bench;

import dev.hutch.Hutch;
import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Command;
import dev.hutch.spec.Network;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxResult;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * From the start of a container to the first byte that a host beyond it gets from inside, one after the other in turns;
 * and what the n-th container on a bridge costs. Run by {@code bench/network/run} in a network namespace of its own.
 */
final class NetworkBench {
    private static final int TURNS = 5;

    private final Map<String, String> options;
    private final Path tools;
    private final BufferedReader server;

    /** Something that starts the client in a container, and waits for its end. */
    private interface Launch {
        void run() throws IOException, InterruptedException;
    }

    private NetworkBench(Map<String, String> options) throws IOException {
        this.options = options;
        this.tools = Path.of(options.get("tools"));
        Process process = new ProcessBuilder(
                        "nsenter", "-t", options.get("far"), "-n", client().toString(), "server", "7000")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        this.server = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (String argument : arguments) {
            options.put(argument.substring(0, argument.indexOf('=')), argument.substring(argument.indexOf('=') + 1));
        }
        try (Hutch context = Hutch.builder().stock(0).build()) {
            NetworkBench bench = new NetworkBench(options);
            bench.firstBytes(context);
            bench.many(context);
        }
    }

    private Path client() {
        return tools.resolve("first-byte");
    }

    private void firstBytes(Hutch context) throws IOException, InterruptedException {
        Sandbox.Builder plain = Sandbox.builder().context(context).bindReadOnly(client(), Path.of("/first-byte"));
        Sandbox alone = plain.build();
        Sandbox bridged = plain.network(Network.bridge("bench")).build();
        Sandbox carried = plain.network(Network.user("pasta")).build();
        Launch none = () -> ended(alone.run("/usr/bin/true"));
        Launch cable = () -> ended(bridged.run("/usr/bin/true"));
        Times without = new Times();
        Times with = new Times();
        List<Row> rows = List.of(
                new Row("Hutch, bridge", () -> ended(bridged.run(inside("/first-byte")))),
                new Row("Hutch, user (pasta)", () -> ended(carried.run(inside("/first-byte")))),
                new Row("bubblewrap and pasta", () -> ended(
                        tools.resolve("bubblewrap-pasta").toString(), "/mnt", client().toString())),
                new Row("podman, its default network", () -> ended(podman())));
        int launches = Integer.parseInt(options.get("launches"));
        for (int turn = -1; turn < TURNS; turn++) {
            for (int i = 0; i < launches; i++) {
                measure(without, turn, none);
                measure(with, turn, cable);
            }
            for (Row row : rows) {
                int times = row.name.startsWith("podman") ? Math.min(launches, 3) : launches;
                for (int i = 0; i < times; i++) {
                    row.launch(server, turn >= 0);
                }
            }
        }
        System.out.printf("%n| start to the first byte at a host beyond, ms | p50 | p90 | × Hutch, bridge |%n|---|---|---|---|%n");
        double base = rows.get(0).figures.percentile(50);
        for (Row row : rows) {
            double median = row.figures.percentile(50);
            System.out.printf("| %s | %.2f | %.2f | %.2f |%n", row.name, median, row.figures.percentile(90), median / base);
        }
        double messages = Double.parseDouble(options.get("messages")) / 1000;
        double added = with.percentile(50) - without.percentile(50);
        System.out.printf(
                "%nA bridge adds %.2f ms to a launch of %.2f ms; the same netlink messages take %.2f ms from C: %.2f×%n",
                added, without.percentile(50), messages, added / messages);
    }

    /** What the first and the last of so many on one bridge cost, all alive. */
    private void many(Hutch context) throws IOException, InterruptedException {
        int count = Integer.parseInt(options.get("alive"));
        Sandbox bridged = Sandbox.builder().context(context).network(Network.bridge("bench")).build();
        List<SandboxProcess> alive = new ArrayList<>();
        Times first = new Times();
        Times last = new Times();
        try {
            for (int i = 0; i < count; i++) {
                long start = System.nanoTime();
                alive.add(bridged.start("/usr/bin/sleep", "1000"));
                (i < 10 ? first : i >= count - 10 ? last : new Times()).add(System.nanoTime() - start);
            }
        } finally {
            alive.forEach(SandboxProcess::close);
        }
        System.out.printf(
                "Start of the first ten on a bridge: %.2f ms (p50); of the last ten of %d: %.2f ms, %.2f×%n",
                first.percentile(50), count, last.percentile(50), last.percentile(50) / first.percentile(50));
    }

    private static void measure(Times into, int turn, Launch launch) throws IOException, InterruptedException {
        long start = System.nanoTime();
        launch.run();
        if (turn >= 0) {
            into.add(System.nanoTime() - start);
        }
    }

    private Command inside(String program) {
        return Command.of(program, "client", options.get("address"), "7000");
    }

    private List<String> podman() {
        List<String> words = new ArrayList<>(List.of(
                ("podman --runtime runc --root /mnt/podman --runroot /mnt/podman-run --tmpdir /mnt/podman-tmp"
                                + " --cgroup-manager=cgroupfs --events-backend=none run --rm --network podman"
                                + " --ulimit nofile=1024:1024 --ulimit nproc=1000:1000 --rootfs /mnt/rootfs /first-byte")
                        .split(" ")));
        return words;
    }

    private void ended(List<String> command) throws IOException, InterruptedException {
        ended(command.toArray(String[]::new));
    }

    private void ended(String... command) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(command));
        words.addAll(List.of("client", options.get("address"), "7000"));
        Process process = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(tools.resolve("log").toFile())
                .start();
        if (process.waitFor() != 0) {
            throw new IOException(words + " failed: see " + tools.resolve("log"));
        }
    }

    private static void ended(SandboxResult result) throws IOException {
        if (!result.outcome().equals(new Outcome.Exited(0))) {
            throw new IOException(result + ": " + result.err());
        }
    }

    /** Milliseconds. */
    private static final class Times {
        private final List<Double> all = new ArrayList<>();

        void add(long nanos) {
            all.add(nanos / 1e6);
        }

        double percentile(int percent) {
            List<Double> sorted = all.stream().sorted().toList();
            return sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100));
        }
    }

    /** One contender; the server says when its byte came, by the same clock. */
    private static final class Row {
        final String name;
        final Times figures = new Times();
        private final Launch launch;

        Row(String name, Launch launch) {
            this.name = name;
            this.launch = launch;
        }

        void launch(BufferedReader server, boolean counts) throws IOException, InterruptedException {
            long start = System.nanoTime();
            launch.run();
            long came = Long.parseLong(server.readLine());
            if (counts) {
                figures.add(came - start);
            }
        }
    }
}
