// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Another JVM with this one's classes: one that may be killed, stopped or starved without harm to the test run. */
public final class OtherJvm {
    /** The whole of it, which else goes into a file in a folder of the test's. */
    static final String CRASH_REPORT = "-XX:+ErrorFileToStderr";

    /**
     * Else methods that are compiled again have their first instruction overwritten while another processor may run it: one
     * store for hardware, but the emulated guest fetches byte by byte, runs half of either, and the JVM crashes.
     */
    static final String COMPILED_ONCE = "-XX:TieredStopAtLevel=1";

    private OtherJvm() {}

    /** Starts it; standard error is the test run's. */
    public static Process start(List<String> options, Class<?> main, String... arguments) throws IOException {
        return new ProcessBuilder(command(options, main, arguments))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** The command that starts it. */
    public static List<String> command(List<String> options, Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add(CRASH_REPORT);
        command.add(COMPILED_ONCE);
        command.addAll(options);
        command.add("-cp");
        command.add(Stage.entries().stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return command;
    }
}
