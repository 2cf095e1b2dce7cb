// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Command;
import dev.hutch.spec.Isolation;
import dev.hutch.spec.Size;
import dev.hutch.support.HostState;
import dev.hutch.support.OtherJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A JVM that lacks something, and launches when it is told to: what came of it is answered in one line. */
final class StarvedJvm implements AutoCloseable {
    /** Each by its number, and the cgroup of version 2. */
    private static final String NAMESPACES =
            "for ns in cgroup ipc mnt net pid time user uts; do readlink /proc/self/ns/$ns; done | tr '\\n' ' ';"
                    + " grep ^0: /proc/self/cgroup";

    private final Process process;
    private final BufferedReader answers;
    private final OutputStream orders;

    private StarvedJvm(Process process) {
        this.process = process;
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.orders = process.getOutputStream();
    }

    /** @param before a command that starts the JVM's, which is put behind it */
    static StarvedJvm start(List<String> before, String... options) throws IOException {
        List<String> command = new ArrayList<>(before);
        List<String> all = new ArrayList<>(List.of(options));
        all.add("-Dhutch.stock=0");
        command.addAll(OtherJvm.command(all, StarvedJvm.class));
        return new StarvedJvm(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    ProcessHandle zygote() {
        return process.children().findFirst().orElseThrow();
    }

    /**
     * Does it, and tells how that ended.
     *
     * @param order {@code run}, {@code run limited}, {@code run files}, {@code namespaces} inside or {@code own namespaces},
     *     {@code hog}, {@code landlock}, {@code exec}, or {@code look}: what is there beside the JVM's own that wasn't at the last {@code mark}
     */
    String ask(String order) throws IOException {
        orders.write((order + "\n").getBytes(StandardCharsets.UTF_8));
        orders.flush();
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("the JVM has ended");
        }
        return answer;
    }

    @Override
    public void close() throws IOException {
        orders.close();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    public static void main(String[] args) throws Exception {
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Doer doer = new Doer();
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            String answer;
            try {
                answer = doer.obey(order);
            } catch (Throwable e) {
                answer = e.toString();
            }
            System.out.println(answer.replace('\n', ' '));
        }
    }

    /** The JVM's side. */
    private static final class Doer {
        private HostState mark = HostState.now();

        String obey(String order) throws Exception {
            switch (order) {
                case "mark" -> {
                    mark = HostState.now();
                    return "marked";
                }
                case "look" -> {
                    return mark.leftovers().toString();
                }
                case "run" -> {
                    return run(Sandbox.builder());
                }
                case "run limited" -> {
                    return run(Sandbox.builder().memory(Size.mebibytes(64)));
                }
                case "namespaces" -> {
                    return Sandbox.builder()
                            .build()
                            .run("sh", "-c", NAMESPACES)
                            .out()
                            .strip();
                }
                case "own namespaces" -> {
                    Process own = new ProcessBuilder("sh", "-c", NAMESPACES).start();
                    return new String(own.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
                }
                case "landlock" -> {
                    return Sandbox.builder()
                            .isolation(Isolation.LANDLOCK)
                            .build()
                            .run("sh", "-c", "echo behind | cat; cat /etc/shadow 2>&1; true")
                            .out();
                }
                case "hog" -> {
                    return Sandbox.builder()
                            .memory(Size.mebibytes(32))
                            .build()
                            .run("sh", "-c", "exec tail /dev/zero")
                            .outcome()
                            .word();
                }
                case "exec" -> {
                    try (SandboxProcess process = Sandbox.builder().build().start("sleep", "60");
                            SandboxProcess other = process.exec("echo", "joined")) {
                        return new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
                    }
                }
                case "run files" -> {
                    return Sandbox.builder()
                            .build()
                            .run(Command.shell("cat in > out").toBuilder()
                                    .file("in", "text")
                                    .collect("out", Size.kibibytes(1))
                                    .build())
                            .files()
                            .text("out");
                }
                default -> throw new IllegalArgumentException(order);
            }
        }

        private static String run(Sandbox.Builder box) throws Exception {
            try (SandboxProcess process = box.build().start("/bin/true")) {
                return process.result().outcome().word();
            }
        }
    }
}
