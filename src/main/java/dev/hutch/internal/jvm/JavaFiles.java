// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.jvm;

import dev.hutch.spec.Errno;
import dev.hutch.spec.JavaProgram;
import dev.hutch.spec.SandboxException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;

/** The host's files that a Java program is made of, absolute, as they are at this moment. Not thread-safe. */
final class JavaFiles {
    private final Set<Path> classPath = new LinkedHashSet<>();
    private final Set<Path> modulePath = new LinkedHashSet<>();
    private final Set<Path> all = new LinkedHashSet<>();
    private final boolean followsManifests;

    private JavaFiles(boolean followsManifests) {
        this.followsManifests = followsManifests;
    }

    /** @throws SandboxException if the jar, or all of a path, does not exist */
    static JavaFiles of(JavaProgram program) throws SandboxException {
        JavaFiles files = new JavaFiles(program.followsManifests());
        if (program.kind() == JavaProgram.Kind.JAR) {
            Path jar = absolute(program.main());
            if (!Files.isRegularFile(jar)) {
                throw new SandboxException("java -jar", jar.toString(), Errno.ENOENT, "there is no such file");
            }
            files.add(jar);
        }
        files.expand("class path", program.classPath(), files.classPath);
        files.expand("module path", program.modulePath(), files.modulePath);
        return files;
    }

    /** In order, without what isn't there. */
    Set<Path> classPath() {
        return classPath;
    }

    Set<Path> modulePath() {
        return modulePath;
    }

    /** Everything: the paths', and what the manifests of their jars name where that is wanted. */
    Set<Path> all() {
        return all;
    }

    static Path absolute(String name) {
        return Path.of(name).toAbsolutePath().normalize();
    }

    private void expand(String what, List<String> names, Set<Path> into) throws SandboxException {
        for (String name : names) {
            if (name.equals("*") || name.endsWith("/*")) {
                into.addAll(jarsIn(absolute(name.equals("*") ? "." : name.substring(0, name.length() - 1))));
            } else if (Files.exists(absolute(name))) {
                into.add(absolute(name));
            }
        }
        if (into.isEmpty() && !names.isEmpty()) {
            throw new SandboxException(
                    "java", String.join(":", names), Errno.ENOENT, "nothing of this " + what + " exists");
        }
        for (Path path : into) {
            add(path);
        }
    }

    private static List<Path> jarsIn(Path folder) throws SandboxException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<Path> jars = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, "*.{jar,JAR}")) {
            Path real = folder.toRealPath();
            for (Path jar : entries) {
                if (!jar.toRealPath().startsWith(real)) {
                    throw new SandboxException(
                            "java", jar.toString(), null, "this link leads out of its folder: name the jar itself");
                }
                jars.add(jar);
            }
        } catch (IOException e) {
            throw e instanceof SandboxException told
                    ? told
                    : new SandboxException("read class path", folder.toString(), "its jars can't be listed", e);
        }
        Collections.sort(jars);
        return jars;
    }

    private void add(Path path) throws SandboxException {
        if (path.getParent() == null) {
            throw new SandboxException("java", path.toString(), null, "the root itself is no part of a class path");
        }
        if (all.add(path) && followsManifests && Files.isRegularFile(path)) {
            for (Path named : namedBy(path)) {
                add(named);
            }
        }
    }

    /** Relative to the jar, as URLs; what is not there, or no path, is passed over as java does. */
    private static Set<Path> namedBy(Path jar) throws SandboxException {
        Set<Path> named = new LinkedHashSet<>();
        for (String url : classPathIn(jar).trim().split("\\s+")) {
            try {
                URI uri = url.isEmpty() ? jar.toUri() : new URI(url);
                Path path = Path.of(jar.toUri().resolve(uri)).normalize();
                if (uri.isAbsolute() && !path.equals(jar) && Files.exists(path)) {
                    throw new SandboxException(
                            "java",
                            jar.toString(),
                            null,
                            "its manifest names " + uri + ", which leads nowhere inside: make it relative to the jar");
                }
                if (Files.exists(path)) {
                    named.add(path);
                }
            } catch (java.net.URISyntaxException | IllegalArgumentException | FileSystemNotFoundException e) {
                // No path: java passes it over, too.
            }
        }
        return named;
    }

    private static String classPathIn(Path jar) throws SandboxException {
        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = file.getManifest();
            String names =
                    manifest == null ? null : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            return names == null ? "" : names;
        } catch (java.util.zip.ZipException e) {
            // Not a jar: java says so, or passes it over.
            return "";
        } catch (IOException e) {
            throw new SandboxException("read", jar.toString(), "its manifest can't be read", e);
        }
    }
}
