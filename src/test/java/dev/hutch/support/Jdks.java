// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The JDKs below /usr/lib/jvm. */
public final class Jdks {
    private static final Set<String> NOT_RUN = Set.of("src.zip", "ct.sym");

    private Jdks() {}

    /** The folder of one with that feature version. */
    public static Optional<Path> find(int version) {
        Path all = Path.of("/usr/lib/jvm");
        if (!Files.isDirectory(all)) {
            return Optional.empty();
        }
        try (Stream<Path> folders = Files.list(all)) {
            return folders.filter(jdk -> release(jdk).contains("JAVA_VERSION=\"" + version))
                    .sorted()
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a program needs of a JDK, at another place; links become what they lead to. */
    public static Path copy(Path jdk, Path target) throws IOException {
        for (String part : List.of("bin/java", "lib", "conf")) {
            try (Stream<Path> paths = Files.walk(jdk.resolve(part), FileVisitOption.FOLLOW_LINKS)) {
                for (Path path : (Iterable<Path>) paths::iterator) {
                    Path to = target.resolve(jdk.relativize(path).toString());
                    Files.createDirectories(to.getParent());
                    if (!NOT_RUN.contains(path.getFileName().toString())) {
                        Files.copy(path, to, StandardCopyOption.REPLACE_EXISTING);
                    }
                }
            }
        }
        return target;
    }

    private static String release(Path jdk) {
        try {
            return Files.readString(jdk.resolve("release"));
        } catch (IOException e) {
            return "";
        }
    }
}
