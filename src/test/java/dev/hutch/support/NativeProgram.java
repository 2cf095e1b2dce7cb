// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** Static programs compiled from the tests' C sources: they run in any root file system, an empty one included. */
public final class NativeProgram {
    private static final Path PROGRAMS = Path.of("src", "test", "resources", "programs");

    private NativeProgram() {}

    /** The program made of src/test/resources/programs/NAME.c. */
    public static Path of(String name) {
        return compile("cc", name, List.of(source(name)));
    }

    /** Where the source of {@link #of} lies; for tests that compile inside. */
    public static Path source(String name) {
        return PROGRAMS.resolve(name + ".c").toAbsolutePath();
    }

    /** As {@link #of}, by another compiler such as {@code musl-gcc}. */
    public static Path of(String name, String compiler) {
        return compile(compiler, name, List.of(source(name)));
    }

    /** A program made of all C files in a folder. */
    static Path ofFolder(String name, Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> sources = files.filter(file -> file.toString().endsWith(".c"))
                    .map(Path::toAbsolutePath)
                    .sorted()
                    .toList();
            return compile("cc", name, sources);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path compile(String compiler, String name, List<Path> sources) {
        return Fixtures.once(compiler + "-" + name + "-" + digest(sources), target -> {
            List<String> command =
                    new ArrayList<>(List.of(compiler, "-std=gnu17", "-static", "-O1", "-o", target.toString()));
            sources.forEach(source -> command.add(source.toString()));
            Tool.run(command.toArray(String[]::new));
        });
    }

    private static String digest(List<Path> sources) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            for (Path source : sources) {
                sha256.update(source.getFileName().toString().getBytes(StandardCharsets.UTF_8));
                sha256.update(Files.readAllBytes(source));
            }
            return HexFormat.of().formatHex(sha256.digest(), 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
