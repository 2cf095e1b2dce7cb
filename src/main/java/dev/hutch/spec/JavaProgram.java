// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.io.File;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A Java program of the host's: its main class, jar or module, the class path and the JDK; {@link Command#java} runs it.
 * Says what, and touches no file: names are looked up at each start. Immutable.
 *
 * @since 0.1
 */
public final class JavaProgram {
    /** How the java command is told what to run. */
    public enum Kind {
        /** By its name, on the class path. */
        MAIN_CLASS,
        /** By a jar whose manifest names the class: {@code -jar}. */
        JAR,
        /** By a module, and a class in it where the module names none: {@code -m}. */
        MODULE
    }

    private final Kind kind;
    private final String main;
    private final List<String> classPath;
    private final List<String> modulePath;
    private final List<String> options;
    private final List<String> arguments;
    private final @Nullable Path jdk;
    private final boolean followsManifests;

    private JavaProgram(Builder builder) {
        kind = builder.kind;
        main = builder.main;
        classPath = List.copyOf(builder.classPath);
        modulePath = List.copyOf(builder.modulePath);
        options = List.copyOf(builder.options);
        arguments = List.copyOf(builder.arguments);
        jdk = builder.jdk;
        followsManifests = builder.followsManifests;
    }

    /**
     * A class with a main method, on the class path that it was loaded from: that one jar or folder. What it needs beyond,
     * {@link Builder#classPath} adds.
     *
     * @throws IllegalArgumentException if it was not loaded from a file or folder, as classes of the JDK are not
     */
    public static Builder mainClass(Class<?> main) {
        return mainClass(main.getName()).classPath(origin(main));
    }

    /** A class with a main method, such as {@code org.example.Main}. */
    public static Builder mainClass(String name) {
        return new Builder(Kind.MAIN_CLASS, name);
    }

    /**
     * A jar whose manifest names the main class. What it names under Class-Path is there only with {@link
     * Builder#followManifests}.
     */
    public static Builder jar(Path jar) {
        return new Builder(Kind.JAR, jar.toString());
    }

    /** A module, or {@code module/class}. */
    public static Builder module(String name) {
        return new Builder(Kind.MODULE, name);
    }

    /** Which of them. */
    public Kind kind() {
        return kind;
    }

    /** The class, the jar's path or the module. */
    public String main() {
        return main;
    }

    /** Jars, folders, and {@code folder/*} for all jars in one, of the host's. */
    public List<String> classPath() {
        return classPath;
    }

    /** Modular jars, folders of such and folders of a module's classes, of the host's. */
    public List<String> modulePath() {
        return modulePath;
    }

    /** For the JVM. */
    public List<String> options() {
        return options;
    }

    /** For the program. */
    public List<String> arguments() {
        return arguments;
    }

    /** The JDK's folder; empty for the one that runs this JVM. */
    public Optional<Path> jdk() {
        return Optional.ofNullable(jdk);
    }

    /** Whether what the manifests of its jars name is mounted too. */
    public boolean followsManifests() {
        return followsManifests;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JavaProgram that
                && kind == that.kind
                && main.equals(that.main)
                && classPath.equals(that.classPath)
                && modulePath.equals(that.modulePath)
                && options.equals(that.options)
                && arguments.equals(that.arguments)
                && Objects.equals(jdk, that.jdk)
                && followsManifests == that.followsManifests;
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, main, arguments);
    }

    /** As a command line that names the host's files. */
    @Override
    public String toString() {
        return String.join(" ", line());
    }

    List<String> line() {
        List<String> line = new ArrayList<>(List.of("java"));
        line.addAll(options);
        if (!classPath.isEmpty()) {
            line.addAll(List.of("-cp", String.join(File.pathSeparator, classPath)));
        }
        if (!modulePath.isEmpty()) {
            line.addAll(List.of("-p", String.join(File.pathSeparator, modulePath)));
        }
        switch (kind) {
            case JAR -> line.add("-jar");
            case MODULE -> line.add("-m");
            case MAIN_CLASS -> {}
        }
        line.add(main);
        line.addAll(arguments);
        return line;
    }

    private static Path origin(Class<?> main) {
        CodeSource source = main.getProtectionDomain().getCodeSource();
        URL location = source == null ? null : source.getLocation();
        if (location == null || !location.getProtocol().equals("file")) {
            throw new IllegalArgumentException(main.getName() + " was loaded from "
                    + (location == null ? "the JDK" : location)
                    + ", which is no file or folder: name the class and its classPath");
        }
        return Path.of(URI.create(location.toString()));
    }

    /** Each setter checks its own value. Not thread-safe. */
    public static final class Builder {
        private final Kind kind;
        private final String main;
        private final List<String> classPath = new ArrayList<>();
        private final List<String> modulePath = new ArrayList<>();
        private final List<String> options = new ArrayList<>();
        private final List<String> arguments = new ArrayList<>();
        private @Nullable Path jdk;
        private boolean followsManifests;

        private Builder(Kind kind, String main) {
            if (main.isEmpty() || main.startsWith("-")) {
                throw new IllegalArgumentException("'" + main + "' is no main class, jar or module");
            }
            this.kind = kind;
            this.main = Paths.noNul("main", main);
        }

        /**
         * Adds to the class path, as {@code java -cp} has it: separated by {@code :}, {@code lib/*} for all jars in a
         * folder. An empty part, which java takes for the working directory, is refused: write {@code .} to show that. What doesn't exist at the start is left out, as java does.
         * A jar with {@code -jar} has none but its manifest's. A link among the jars of {@code lib/*} that leads out of the
         * folder fails the start.
         */
        public Builder classPath(String list) {
            checkTakesClassPath();
            split(list, classPath);
            return this;
        }

        /** Adds a jar or a folder to the class path. */
        public Builder classPath(Path entry) {
            checkTakesClassPath();
            classPath.add(one(entry));
            return this;
        }

        /** Adds the whole class path that this JVM was started with. */
        public Builder classPathOfThisJvm() {
            List<String> parts = Arrays.stream(
                            System.getProperty("java.class.path", "").split(File.pathSeparator))
                    .filter(part -> !part.isEmpty())
                    .toList();
            if (parts.isEmpty()) {
                throw new IllegalStateException("this JVM has no class path: name the modulePath");
            }
            return classPath(String.join(File.pathSeparator, parts));
        }

        /** Adds to the module path, as {@code java -p} has it. */
        public Builder modulePath(String list) {
            split(list, modulePath);
            return this;
        }

        /**
         * Mounts what the manifests of the program's jars name under Class-Path, and those of these jars. Only for jars
         * that are trusted: a manifest may name any file or folder of the host's, which the program can read then. By
         * default what they name isn't there.
         */
        public Builder followManifests() {
            followsManifests = true;
            return this;
        }

        /** Adds options for the JVM, such as {@code -Xss1m}; they come after Hutch's own, and so win over them. */
        public Builder options(String... more) {
            add("option", more, options);
            return this;
        }

        /** Adds arguments for the program. */
        public Builder arguments(String... more) {
            add("argument", more, arguments);
            return this;
        }

        /** The JDK's folder on the host, which has {@code bin/java}; default the one that runs this JVM. */
        public Builder jdk(Path home) {
            jdk = Paths.absolute("jdk", home);
            return this;
        }

        /** The program. */
        public JavaProgram build() {
            return new JavaProgram(this);
        }

        private void checkTakesClassPath() {
            if (kind == Kind.JAR) {
                throw new IllegalArgumentException(
                        "java -jar heeds no class path but the jar's own: name a main class in place of the jar");
            }
        }

        private static void split(String list, List<String> into) {
            for (String entry : Paths.noNul("path", list).split(File.pathSeparator, -1)) {
                if (entry.isEmpty()) {
                    throw new IllegalArgumentException(
                            "'" + list + "' has an empty part, which java takes for the working"
                                    + " directory: write . where all of that is meant");
                }
                into.add(entry);
            }
        }

        private static String one(Path entry) {
            String text = Paths.noNul("class path", entry.toString());
            if (text.contains(File.pathSeparator)) {
                throw new IllegalArgumentException(
                        "'" + text + "' can't be on a class path: " + File.pathSeparator + " separates its entries");
            }
            return text;
        }

        private static void add(String what, String[] more, List<String> to) {
            Arrays.stream(more).map(each -> Paths.noNul(what, each)).forEach(to::add);
        }
    }
}
