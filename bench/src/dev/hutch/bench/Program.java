// SPDX-License-Identifier: Apache-2.0
package dev.hutch.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.IntFunction;

/** A program started by {@link ProcessBuilder}: the bare one, or one that makes a container for it. */
final class Program extends Contender.Here {
    private final String name;
    private final int slowness;
    private final IntFunction<List<String>> command;
    private int count;

    /** @param command the arguments of the n-th launch */
    Program(String name, int slowness, IntFunction<List<String>> command) {
        this.name = name;
        this.slowness = slowness;
        this.command = command;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int slowness() {
        return slowness;
    }

    @Override
    void launch() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command.apply(count++)).start();
        int status = process.waitFor();
        if (status != 0) {
            String error = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            throw new IOException("exit status " + status + ": " + error.trim());
        }
        process.getOutputStream().close();
        process.getInputStream().close();
        process.getErrorStream().close();
    }
}
