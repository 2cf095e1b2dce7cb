// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A copy of classes, jars and fixtures that another user may read: the originals may lie below a home folder that is
 * closed to others.
 */
final class Stage {
    private Stage() {}

    /** Fills the folder and gives it to the user; returns the class path in it. */
    static String fill(Path stage, int uid) throws IOException {
        Files.setPosixFilePermissions(stage, PosixFilePermissions.fromString("rwxr-xr-x"));
        StringBuilder classPath = new StringBuilder();
        int number = 0;
        for (Path entry : entries()) {
            Path copy = stage.resolve("lib").resolve(number++ + "-" + entry.getFileName());
            copy(entry, copy);
            classPath.append(classPath.length() == 0 ? "" : File.pathSeparator).append(copy);
        }
        copy(Path.of("src", "test").toAbsolutePath(), stage.resolve("src").resolve("test"));
        Path fixtures = stage.resolve("target").resolve("test-fixtures");
        Files.createDirectories(fixtures);
        if (Need.BUSYBOX.missing().isEmpty()) {
            copy(BusyboxRoot.path(), fixtures.resolve(BusyboxRoot.path().getFileName()));
        }
        copy(Inside.program(), fixtures.resolve(Inside.program().getFileName()));
        Files.createDirectories(stage.resolve("home"));
        Files.createDirectories(stage.resolve("tmp"));
        give(stage, uid);
        return classPath.toString();
    }

    /** The class path or module path that this JVM runs on, and the folders that a patched module is made of. */
    static Set<Path> entries() throws IOException {
        Set<Path> entries = new LinkedHashSet<>();
        entries.add(origin(Stage.class));
        for (String property : new String[] {"jdk.module.path", "surefire.test.class.path", "java.class.path"}) {
            Arrays.stream(System.getProperty(property, "").split(File.pathSeparator))
                    .filter(entry -> !entry.isEmpty())
                    .map(entry -> Path.of(entry).toAbsolutePath())
                    .filter(Files::exists)
                    .forEach(entries::add);
        }
        return entries;
    }

    private static Path origin(Class<?> type) throws IOException {
        String name = type.getName().replace('.', '/') + ".class";
        URL url = type.getResource("/" + name);
        if (url == null || !url.getProtocol().equals("file")) {
            throw new IOException("test classes are expected in a folder, not at " + url);
        }
        try {
            Path file = Path.of(url.toURI());
            return file.getRoot()
                    .resolve(file.subpath(0, file.getNameCount() - Path.of(name).getNameCount()));
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path copy = to.resolve(from.relativize(file).toString());
                Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
            }
        }
    }

    private static void give(Path stage, int uid) throws IOException {
        try (Stream<Path> files = Files.walk(stage)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.setAttribute(file, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
                Files.setAttribute(file, "unix:gid", uid, LinkOption.NOFOLLOW_LINKS);
            }
        }
    }
}
