// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.apache.commons.io.IOUtils;

/** A JVM in other surroundings, in which single tests run; {@link Worker} is its main class. It ends with this one. */
final class WorkerJvm implements AutoCloseable {
    private final Process jvm;
    private final Writer requests;
    private final BufferedReader answers;

    /** @param command starts it, with {@link Worker} as main class */
    WorkerJvm(ProcessBuilder command) throws IOException {
        this.jvm = command.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        this.requests = new OutputStreamWriter(jvm.getOutputStream(), StandardCharsets.UTF_8);
        this.answers = new BufferedReader(new InputStreamReader(jvm.getInputStream(), StandardCharsets.UTF_8));
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

    /** Runs one test by JUnit's unique id. */
    synchronized Answer run(String uniqueId) throws IOException {
        requests.write(uniqueId + "\n");
        requests.flush();
        String line = answers.readLine();
        if (line == null) {
            throw new IOException("the JVM ended during " + uniqueId);
        }
        if (line.startsWith("#")) {
            throw new IOException("the JVM gave up during " + uniqueId + ":\n" + IOUtils.toString(answers));
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
    }
}
