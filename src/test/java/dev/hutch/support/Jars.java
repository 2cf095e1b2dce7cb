// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/** Jars for tests of class paths. */
public final class Jars {
    private static final String CLASS = JavaPayload.class.getName().replace('.', '/') + ".class";

    private Jars() {}

    /** {@link JavaPayload}, with what its manifest names. */
    public static Path payload(Path jar, String classPath) throws IOException {
        try (var in = JavaPayload.class.getClassLoader().getResourceAsStream(CLASS)) {
            return write(jar, classPath, CLASS, in.readAllBytes());
        }
    }

    /** One resource whose text is its name. */
    public static Path resource(Path jar, String name, String classPath) throws IOException {
        return write(jar, classPath, name, name.getBytes(StandardCharsets.UTF_8));
    }

    private static Path write(Path jar, String classPath, String name, byte[] content) throws IOException {
        Files.createDirectories(jar.getParent());
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.put(Attributes.Name.MAIN_CLASS, JavaPayload.class.getName());
        if (!classPath.isEmpty()) {
            main.put(Attributes.Name.CLASS_PATH, classPath);
        }
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            out.putNextEntry(new ZipEntry(name));
            out.write(content);
            out.closeEntry();
        }
        return jar;
    }
}
