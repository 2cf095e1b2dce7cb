// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.internal.host.Platform;
import dev.hutch.spec.Support;
import dev.hutch.support.OtherJvm;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SupportTest {
    @Test
    void eachReasonNamesWhatTheMachineIs() {
        assertThat(new Platform("Mac OS X", "14.4", "aarch64").support().reason())
                .contains("on Mac OS X")
                .contains("FakeSandbox");
        assertThat(new Platform("Linux", "5.10.0-8-amd64", "amd64").support().reason())
                .contains("Linux 5.10")
                .contains("5.14 or newer");
        assertThat(new Platform("Linux", "6.1.0", "riscv64").support().reason()).contains("on riscv64");
        assertThat(new Platform("Linux", "6.1.0", System.getProperty("os.arch")).support())
                .isEqualTo(Support.yes());
    }

    /** All that the published packages offer can be looked at on another system, and nothing native is loaded for it. */
    @Test
    void everyClassLoadsOnAnotherSystem() throws Exception {
        Process jvm = new ProcessBuilder(
                        OtherJvm.command(List.of("-Dos.name=Mac OS X", "-Dos.version=14.4"), Loader.class))
                .redirectErrorStream(true)
                .start();
        String output = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(jvm.waitFor()).as(output).isZero();
        assertThat(output)
                .contains("supported: false")
                .contains("refused: start on Mac OS X")
                .contains("native: false");
    }

    /** Runs in a JVM of its own. */
    public static final class Loader {
        public static void main(String[] args) throws Exception {
            Path classes = Path.of(URI.create(Sandbox.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toString()));
            try (Stream<Path> files = Files.walk(classes.resolve("dev"))) {
                for (Path file :
                        files.filter(file -> file.toString().endsWith(".class")).toList()) {
                    String name = classes.relativize(file)
                            .toString()
                            .replace('/', '.')
                            .replaceAll("\\.class$", "");
                    // The one class whose initialisation is the loading.
                    if (!name.endsWith("package-info") && !name.endsWith("NativeLibrary$Loaded")) {
                        Class.forName(name);
                    }
                }
            }
            System.out.println("supported: " + Hutch.isSupported());
            try {
                Sandbox.builder().build().run("true");
            } catch (IOException e) {
                System.out.println("refused: " + e.getMessage());
            }
            System.out.println(
                    "native: " + Files.readString(Path.of("/proc/self/maps")).matches("(?s).*hutch[^/]*\\.so.*"));
        }
    }
}
