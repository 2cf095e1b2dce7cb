// SPDX-License-Identifier: Apache-2.0
package dev.hutch.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/** The embedded executable and library as they will stand in the jar, copied out so that tools can look at them. */
final class NativeArtifacts {
    private static final List<String> ARCHITECTURES = List.of("x86_64", "aarch64");

    private NativeArtifacts() {}

    record Ran(int status, String output) {}

    /** Those that this build embedded: the machine's own always, the other one with {@code -Pcross-aarch64}. */
    static Stream<String> architectures() {
        return ARCHITECTURES.stream()
                .filter(a -> NativeArtifacts.class.getResource(resource(a, "hutch-zygote")) != null);
    }

    static String own() {
        String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return arch.equals("amd64") ? "x86_64" : arch;
    }

    static Path copy(String architecture, String name, Path folder) throws IOException {
        Path file = folder.resolve(architecture + "-" + name);
        try (InputStream in = NativeArtifacts.class.getResourceAsStream(resource(architecture, name))) {
            Files.copy(Objects.requireNonNull(in, name), file);
        }
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    static boolean onPath(String program) {
        return Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    static Ran run(Path program, String... arguments) throws IOException, InterruptedException {
        return run(program.toString(), arguments);
    }

    static Ran run(String program, String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(program).redirectErrorStream(true);
        builder.command().addAll(Arrays.asList(arguments));
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(process.waitFor(), output);
    }

    static String inspect(String program, String... arguments) throws IOException, InterruptedException {
        Ran ran = run(program, arguments);
        assertThat(ran.status()).as(ran.output()).isZero();
        return ran.output();
    }

    private static String resource(String architecture, String name) {
        return "/META-INF/native/linux-" + architecture + "/" + name;
    }
}
