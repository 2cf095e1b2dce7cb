// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.io.FileUtils;

/**
 * A JVM of an unprivileged user's, started by a test run of root's, in which single tests run. One for the whole test
 * run; it ends with it. The user has no name and owns nothing, so that no rights come by accident.
 */
public final class PlainUser implements AutoCloseable {
    static final int UID = 54321;
    private static final String MARK = "dev.hutch.support.plain";

    private final Path stage;
    private final Delegation delegation;
    private final WorkerJvm jvm;

    private PlainUser(Path stage, Delegation delegation, WorkerJvm jvm) {
        this.stage = stage;
        this.delegation = delegation;
        this.jvm = jvm;
    }

    public static boolean isRoot() {
        try {
            return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static boolean inOtherJvm() {
        return Boolean.getBoolean(MARK);
    }

    static PlainUser start() throws IOException {
        Path stage = Files.createTempDirectory("plain-user-tests");
        Delegation delegation = Delegation.to(UID);
        List<String> command = new ArrayList<>(List.of(
                "/bin/sh",
                "-c",
                delegation.joinCommand() + "exec setpriv \"$@\"",
                "sh",
                "--reuid=" + UID,
                "--regid=" + UID,
                "--clear-groups",
                "--inh-caps=-all",
                "--bounding-set=-all",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-D" + MARK + "=true",
                "-Dhutch.stock=0",
                delegation.option(),
                "-Djava.io.tmpdir=" + stage.resolve("tmp"),
                "-Duser.home=" + stage.resolve("home"),
                "--enable-native-access=ALL-UNNAMED",
                OtherJvm.CRASH_REPORT,
                OtherJvm.COMPILED_ONCE,
                "-Xshare:auto",
                "-cp",
                Stage.fill(stage, UID),
                Worker.class.getName()));
        ProcessBuilder builder = new ProcessBuilder(command).directory(stage.toFile());
        builder.environment().keySet().removeIf(name -> !List.of("PATH", "LANG").contains(name));
        builder.environment().put("HOME", stage.resolve("home").toString());
        return new PlainUser(stage, delegation, new WorkerJvm(builder));
    }

    /** Runs one test by JUnit's unique id. */
    WorkerJvm.Answer run(String uniqueId) throws IOException {
        return jvm.run(uniqueId);
    }

    @Override
    public void close() throws IOException {
        jvm.close();
        delegation.close();
        FileUtils.deleteDirectory(stage.toFile());
    }
}
