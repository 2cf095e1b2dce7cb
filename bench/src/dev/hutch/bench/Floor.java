// SPDX-License-Identifier: Apache-2.0
package dev.hutch.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.util.List;

/** The C program that takes the same steps, or the bare ones: it launches by itself, on request. */
final class Floor implements Contender {
    private final String name;
    private final Process process;
    private final PrintStream requests;
    private final BufferedReader answers;

    Floor(String name, List<String> command) throws IOException {
        this.name = name;
        process = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
        requests = new PrintStream(process.getOutputStream(), true);
        answers = new BufferedReader(new InputStreamReader(process.getInputStream()));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Block launch(int launches, long idleMillis) throws IOException {
        requests.println(launches + " " + idleMillis);
        long[] nanos = new long[launches];
        for (int i = 0; i < launches; i++) {
            nanos[i] = Long.parseLong(line());
        }
        return new Block(nanos, Long.parseLong(line().substring("= ".length())));
    }

    private String line() throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IOException("it has ended; its message is above");
        }
        return line;
    }

    /** At the end of its input it removes its cgroups and exits. */
    @Override
    public void close() throws IOException {
        requests.close();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
