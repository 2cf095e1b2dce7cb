// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another JVM seen from outside: what it, its zygote and all that these clone asked of the kernel. */
public final class Strace {
    private Strace() {}

    /**
     * Runs it to its end, which must be a good one.
     *
     * @param calls as strace's {@code -e trace=} has them
     * @return a line for each call, descriptors with their paths; without its answer where another process came between
     */
    public static List<String> of(String calls, Class<?> main, String... arguments) throws Exception {
        Path log = Files.createTempFile("strace", ".log");
        try {
            List<String> command = new ArrayList<>(
                    List.of("strace", "-f", "-qq", "-y", "-s", "4096", "-e", "trace=" + calls, "-o", log.toString()));
            command.addAll(OtherJvm.command(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"), main, arguments));
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            process.getOutputStream().close();
            process.getInputStream().transferTo(OutputStream.nullOutputStream());
            int status = process.waitFor();
            if (status != 0) {
                throw new IOException(main + " ended with " + status);
            }
            return Files.readAllLines(log).stream()
                    .filter(line -> !line.contains("<... "))
                    .toList();
        } finally {
            Files.delete(log);
        }
    }
}
