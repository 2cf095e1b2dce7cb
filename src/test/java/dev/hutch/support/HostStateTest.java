// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class HostStateTest {
    @Test
    void nothingDoneLeavesNothing() throws InterruptedException {
        assertThat(HostState.now().leftovers()).isEmpty();
    }

    @Test
    void aChildThatLivesOnIsFound() throws IOException, InterruptedException {
        HostState before = HostState.now();
        Process child = new ProcessBuilder("sleep", "60")
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(HostState.now().minus(before)).contains("process " + child.pid() + " sleep");
        } finally {
            child.destroyForcibly().waitFor();
        }
        assertThat(before.leftovers()).isEmpty();
    }

    @Test
    void anOpenDescriptorIsFoundAndGoneWhenClosed() throws IOException, InterruptedException {
        Path file = Files.createTempFile("descriptor", "");
        HostState before = HostState.now();
        try (InputStream open = Files.newInputStream(file)) {
            assertThat(HostState.now().minus(before)).containsExactly("descriptor of " + file);
            assertThat(open.read()).isEqualTo(-1);
        } finally {
            Files.delete(file);
        }
        assertThat(before.leftovers()).isEmpty();
    }

    @Test
    void aTemporaryFileWithHutchsNameIsFound() throws IOException, InterruptedException {
        HostState before = HostState.now();
        Path file = Files.createTempFile("hutch-test", "");
        try {
            assertThat(HostState.now().minus(before)).containsExactly("file " + file);
        } finally {
            Files.delete(file);
        }
        assertThat(before.leftovers()).isEmpty();
    }

    @Test
    void aThreadThatLivesOnIsFound() throws InterruptedException {
        HostState before = HostState.now();
        CountDownLatch end = new CountDownLatch(1);
        Thread thread = new Thread(() -> await(end), "left behind");
        thread.start();
        assertThat(HostState.now().minus(before))
                .anySatisfy(thing -> assertThat(thing).contains("left behind"));
        end.countDown();
        thread.join();
        assertThat(before.leftovers()).isEmpty();
    }

    private static void await(CountDownLatch end) {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
