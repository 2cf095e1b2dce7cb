// SPDX-License-Identifier: Apache-2.0
package dev.hutch.build;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Hutch;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the native library is found, in JVMs of their own: whatever goes wrong, one message names the knob. */
@KernelTest(Need.ROOT)
class NativeLibraryKernelTest {
    /** Makes a context, or says why not. */
    public static final class Loader {
        public static void main(String[] arguments) throws IOException {
            try (Hutch hutch = Hutch.builder().build()) {
                System.out.println("loaded " + (hutch != null));
            } catch (UnsatisfiedLinkError e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @Test
    void isLoadedAndLeavesNoFile(@TempDir Path folder) throws Exception {
        assertThat(load("-Dhutch.tmpdir=" + folder)).isEqualTo("loaded true\n");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamedWithTheKnob() throws Exception {
        assertThat(load("-Dhutch.tmpdir=/proc"))
                .contains("from folder /proc")
                .contains("-Dhutch.tmpdir=FOLDER")
                .hasLineCount(1);
    }

    @Test
    void aNoexecFolderIsNamedWithTheKnob(@TempDir Path folder) throws Exception {
        String mounted = "mount -t tmpfs -o noexec tmpfs " + folder + " && exec \"$@\"";
        List<String> command = new ArrayList<>(List.of("unshare", "-m", "sh", "-c", mounted, "sh"));
        command.addAll(java("-Dhutch.tmpdir=" + folder));

        assertThat(printed(command))
                .contains("from folder " + folder)
                .contains("-Dhutch.tmpdir=FOLDER")
                .hasLineCount(1);
    }

    @Test
    void anExplicitPathHasNoFallBack() throws Exception {
        assertThat(load("-Dhutch.library=/nonexistent.so")).contains("/nonexistent.so");
    }

    private static String load(String option) throws Exception {
        return printed(java(option));
    }

    private static List<String> java(String option) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                option,
                "-cp",
                System.getProperty("java.class.path") + ":" + System.getProperty("jdk.module.path", ""),
                Loader.class.getName());
    }

    private static String printed(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }
}
