// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.userns;

import dev.hutch.spec.IdMapping;
import dev.hutch.spec.SandboxException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** newuidmap(1) and newgidmap(1): set-uid programs that write a plain user's map as far as /etc/subuid allows. */
final class NewIdMapCommand {
    private NewIdMapCommand() {}

    static List<String> words(String program, int pid, List<IdMapping> lines) {
        List<String> words = new ArrayList<>(List.of(program, Integer.toString(pid)));
        for (IdMapping line : lines) {
            words.add(Long.toString(line.containerId()));
            words.add(Long.toString(line.hostId()));
            words.add(Long.toString(line.size()));
        }
        return words;
    }

    static void run(String program, int pid, List<IdMapping> lines) throws SandboxException {
        List<String> words = words(program, pid, lines);
        Process process;
        try {
            process = new ProcessBuilder(words).redirectErrorStream(true).start();
        } catch (IOException failure) {
            throw new SandboxException("run", program, "install it (Debian: uidmap), or map a single id", failure);
        }
        try {
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
            if (process.waitFor() != 0) {
                throw new SandboxException(
                        "run", String.join(" ", words), null, said + ": see /etc/subuid, /etc/subgid and subuid(5)");
            }
        } catch (SandboxException told) {
            throw told;
        } catch (IOException failure) {
            throw new SandboxException("run", program, "it ended before it could be asked", failure);
        } catch (InterruptedException interrupt) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            InterruptedIOException told = new InterruptedIOException(program);
            told.initCause(interrupt);
            throw new SandboxException("run", program, "the launch was interrupted", told);
        }
    }
}
