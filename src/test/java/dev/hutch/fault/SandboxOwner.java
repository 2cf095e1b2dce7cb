// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Isolation;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Namespace;
import dev.hutch.support.Inside;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A JVM that is made to be killed: starts stubborn programs and prints their pids, or launches without end. */
final class SandboxOwner {
    private SandboxOwner() {}

    public static void main(String[] args) throws Exception {
        Sandbox box = box(args[0]);
        if (args.length > 1) {
            System.out.println("launching");
            while (true) {
                stubborn(box, args[0]);
            }
        }
        List<SandboxProcess> kept = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            SandboxProcess process = stubborn(box, args[0]);
            // The line that it prints once every signal is ignored.
            for (int next = 0; next != '\n'; next = process.getInputStream().read()) {
                if (next < 0) {
                    throw new IllegalStateException("a program ended before its time");
                }
            }
            if (args[0].equals("paused")) {
                process.pause();
            }
            kept.add(process);
            System.out.println(process.pid());
        }
        System.out.println("ready");
        System.in.read();
        throw new IllegalStateException("its end is to be killed with " + kept);
    }

    /** The program itself, or one that joins it. */
    private static SandboxProcess stubborn(Sandbox box, String kind) throws IOException {
        SandboxProcess first = box.start(
                kind.equals("landlock") ? Inside.program().toString() : Inside.DESTINATION.toString(),
                "ignore-signals");
        return kind.startsWith("exec") ? first.exec(Inside.DESTINATION.toString(), "ignore-signals") : first;
    }

    private static Sandbox box(String kind) {
        Sandbox.Builder builder = Sandbox.builder().mount(new Mount.Bind(Inside.program(), Inside.DESTINATION, true));
        return switch (kind) {
            case "init", "paused", "exec" -> builder.build();
            case "no-init", "exec-no-init" -> builder.init(false).build();
            case "landlock" ->
                Sandbox.builder()
                        .isolation(Isolation.LANDLOCK)
                        .mount(new Mount.Bind(Inside.program(), Inside.program(), true))
                        .build();
            case "pid-host", "exec-pid-host" ->
                builder.hostNamespace(Namespace.PID).build();
            default -> throw new IllegalArgumentException(kind);
        };
    }
}
