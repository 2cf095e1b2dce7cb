// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.io.FileUtils;

/** Commands that start our classes as another user, in other namespaces, in another container: from a copy of them. */
public final class StagedJvm implements AutoCloseable {
    /** Who that user is: one without a name, who owns the copy and nothing else. */
    public static final int UID = PlainUser.UID;

    private final Path stage;
    private final String classPath;

    private StagedJvm(Path stage, String classPath) {
        this.stage = stage;
        this.classPath = classPath;
    }

    public static StagedJvm make() throws IOException {
        Path stage = Files.createTempDirectory("staged-jvm");
        return new StagedJvm(stage, Stage.fill(stage, UID));
    }

    /** Where the copy is; that user may write there. */
    public Path folder() {
        return stage;
    }

    public List<String> java(Class<?> main, String... words) {
        List<String> all = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                OtherJvm.COMPILED_ONCE,
                "-XX:+UseSerialGC",
                OtherJvm.CRASH_REPORT,
                "-Dhutch.stock=0",
                "-Djava.io.tmpdir=" + stage.resolve("tmp"),
                "-cp",
                classPath,
                main.getName()));
        all.addAll(List.of(words));
        return all;
    }

    /** The same as that user, without rights and supplementary groups. */
    public static List<String> asPlainUser(List<String> command) {
        List<String> all = new ArrayList<>(
                List.of("setpriv", "--reuid=" + UID, "--regid=" + UID, "--clear-groups", "--bounding-set=-all"));
        all.addAll(command);
        return all;
    }

    /** With next to no environment. */
    public ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(new File("/"));
        builder.environment().keySet().removeIf(name -> !List.of("PATH", "LANG").contains(name));
        builder.environment().put("HOME", stage.resolve("home").toString());
        return builder;
    }

    @Override
    public void close() throws IOException {
        FileUtils.deleteDirectory(stage.toFile());
    }
}
