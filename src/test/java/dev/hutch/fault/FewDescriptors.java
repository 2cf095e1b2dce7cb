// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import dev.hutch.Hutch;
import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.internal.kernel.JniKernel;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.spec.SandboxException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** A JVM that launches while it may open only so many descriptors more, for every number; prints what it lost. */
final class FewDescriptors {
    private static final int NOFILE = 7;
    private static final int ENOUGH = 4096;

    private FewDescriptors() {}

    public static void main(String[] args) throws Exception {
        Kernel kernel = JniKernel.load();
        int self = (int) ProcessHandle.current().pid();
        // Without a stock, which holds descriptors of its own and comes and goes.
        Hutch context = Hutch.builder().stock(0).build();
        Sandbox box = Sandbox.builder().context(context).build();
        runAndRemove(box);
        // Classes stand in a folder here, and a class that can't be opened is no failure of a launch.
        Class.forName("dev.hutch.internal.launch.Log");
        long before = open();
        int refused = 0;
        for (int more = 0; more < 40; more++) {
            kernel.prlimit(self, NOFILE, before + more, ENOUGH);
            try {
                runAndRemove(box);
            } catch (SandboxException e) {
                refused++;
            } finally {
                kernel.prlimit(self, NOFILE, ENOUGH, ENOUGH);
            }
        }
        runAndRemove(box);
        System.out.println(refused + " refused, " + (open() - before) + " lost");
    }

    /** Until nothing is left of it, where {@code run} answers before. */
    private static void runAndRemove(Sandbox box) throws Exception {
        try (SandboxProcess process = box.start("/bin/true")) {
            process.waitFor();
        }
    }

    /** But for the class path, whose jars are opened when the first class is looked for in them. */
    private static long open() throws IOException {
        long open = 0;
        for (File link : Objects.requireNonNull(new File("/proc/self/fd").listFiles())) {
            Path path = link.toPath();
            if (Files.exists(path) && !Files.readSymbolicLink(path).toString().endsWith(".jar")) {
                open++;
            }
        }
        return open;
    }
}
