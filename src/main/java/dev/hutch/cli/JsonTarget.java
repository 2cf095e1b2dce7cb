// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Where the result goes: a file, or a descriptor that the caller opened. Opened before the command starts. */
final class JsonTarget {
    private static final int ACCESS_MODE = 03;
    private static final int CLOSE_ON_EXEC = 02000000;

    private final OutputStream stream;

    private JsonTarget(OutputStream stream) {
        this.stream = stream;
    }

    static JsonTarget parse(String text) {
        try {
            if (text.matches("[0-9]{1,7}")) {
                return new JsonTarget(descriptor(Integer.parseInt(text)));
            }
            return new JsonTarget(Files.newOutputStream(Texts.path(text)));
        } catch (IOException e) {
            throw new IllegalArgumentException("'" + text + "' can't be written: " + Failures.reason(e), e);
        }
    }

    /**
     * A number that the caller left closed may be a file of this JVM's by now, its class library even. Those are open for
     * reading only, and sockets and the like of ours are close-on-exec, which nothing is that came through execve.
     */
    private static OutputStream descriptor(int number) throws IOException {
        Path info = Path.of("/proc/self/fdinfo", Integer.toString(number));
        int flags = Files.exists(info) ? flags(Files.readString(info)) : 0;
        if ((flags & ACCESS_MODE) == 0 || (flags & CLOSE_ON_EXEC) != 0) {
            throw new IllegalArgumentException("descriptor " + number + " is not open for writing");
        }
        return Files.newOutputStream(Path.of("/proc/self/fd", Integer.toString(number)), StandardOpenOption.APPEND);
    }

    private static int flags(String info) {
        return info.lines()
                .filter(line -> line.startsWith("flags:"))
                .mapToInt(line -> Integer.parseInt(line.substring(6).strip(), 8))
                .findFirst()
                .orElse(0);
    }

    void write(String json) throws IOException {
        stream.write((json + "\n").getBytes(StandardCharsets.UTF_8));
        stream.close();
    }
}
