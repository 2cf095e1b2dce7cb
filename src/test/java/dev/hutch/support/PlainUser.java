// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
    private final Process jvm;
    private final Writer requests;
    private final BufferedReader answers;

    private PlainUser(Path stage, Delegation delegation, Process jvm) {
        this.stage = stage;
        this.delegation = delegation;
        this.jvm = jvm;
        this.requests = new OutputStreamWriter(jvm.getOutputStream(), StandardCharsets.UTF_8);
        this.answers = new BufferedReader(new InputStreamReader(jvm.getInputStream(), StandardCharsets.UTF_8));
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

    /** What became of a test there. */
    record Answer(Kind kind, String text) {
        enum Kind {
            PASSED,
            SKIPPED,
            FAILED
        }

        String encode() {
            return kind + " " + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        }

        static Answer decode(String line) {
            String[] words = line.split(" ", 2);
            return new Answer(
                    Kind.valueOf(words[0]), new String(Base64.getDecoder().decode(words[1]), StandardCharsets.UTF_8));
        }
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
                "-Xshare:auto",
                "-cp",
                Stage.fill(stage, UID),
                PlainUserWorker.class.getName()));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(stage.toFile()).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().keySet().removeIf(name -> !List.of("PATH", "LANG").contains(name));
        builder.environment().put("HOME", stage.resolve("home").toString());
        return new PlainUser(stage, delegation, builder.start());
    }

    /** Runs one test by JUnit's unique id. */
    synchronized Answer run(String uniqueId) throws IOException {
        requests.write(uniqueId + "\n");
        requests.flush();
        String line = answers.readLine();
        if (line == null) {
            throw new IOException("the plain user's JVM ended during " + uniqueId);
        }
        return Answer.decode(line);
    }

    @Override
    public void close() throws IOException {
        requests.close();
        try {
            if (!jvm.waitFor(30, TimeUnit.SECONDS)) {
                jvm.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            jvm.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        delegation.close();
        FileUtils.deleteDirectory(stage.toFile());
    }
}
