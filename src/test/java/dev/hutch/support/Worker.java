// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Main class of a {@link WorkerJvm}: reads unique ids of tests, runs each, answers each with a line. */
final class Worker {
    private Worker() {}

    public static void main(String[] args) throws IOException {
        PrintStream answers = System.out;
        // What tests print must not get between the answers.
        System.setOut(System.err);
        Launcher launcher = LauncherFactory.create();
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String id = requests.readLine(); id != null; id = requests.readLine()) {
            answers.println(run(launcher, id).encode());
            answers.flush();
        }
    }

    private static WorkerJvm.Answer run(Launcher launcher, String uniqueId) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(DiscoverySelectors.selectUniqueId(uniqueId))
                .build();
        Worst worst = new Worst();
        launcher.execute(request, worst);
        return worst.answer;
    }

    /** The worst that happened in a container or a test: no test at all is a failure. */
    private static final class Worst implements TestExecutionListener {
        private WorkerJvm.Answer answer = new WorkerJvm.Answer(WorkerJvm.Answer.Kind.FAILED, "no test was found");
        private boolean found;

        @Override
        public void executionSkipped(TestIdentifier test, String reason) {
            note(WorkerJvm.Answer.Kind.SKIPPED, reason);
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            switch (result.getStatus()) {
                case SUCCESSFUL -> {
                    if (test.isTest()) {
                        note(WorkerJvm.Answer.Kind.PASSED, "");
                    }
                }
                case ABORTED -> note(WorkerJvm.Answer.Kind.SKIPPED, text(result));
                case FAILED -> note(WorkerJvm.Answer.Kind.FAILED, text(result));
            }
        }

        private void note(WorkerJvm.Answer.Kind kind, String text) {
            if (!found || kind.compareTo(answer.kind()) > 0) {
                answer = new WorkerJvm.Answer(kind, text);
                found = true;
            }
        }

        private static String text(TestExecutionResult result) {
            StringWriter text = new StringWriter();
            result.getThrowable().ifPresent(cause -> cause.printStackTrace(new PrintWriter(text, true)));
            return text.toString();
        }
    }
}
