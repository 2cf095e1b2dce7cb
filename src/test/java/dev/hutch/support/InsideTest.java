// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

@KernelTest(Need.GCC)
class InsideTest {
    @Test
    void theProbeReportsThisVeryMachineWhenRunWithoutASandbox() throws IOException {
        Inside seen = Inside.parse(Tool.run(Inside.program().toString(), "report"));

        assertThat(seen.namespace("mnt")).isEqualTo(link("/proc/self/ns/mnt"));
        assertThat(seen.namespace("user")).isEqualTo(link("/proc/self/ns/user"));
        assertThat(seen.number("ppid")).isEqualTo(ProcessHandle.current().pid());
        assertThat(seen.text("cwd")).isEqualTo(Path.of("").toAbsolutePath().toString());
        assertThat(seen.descriptors()).contains(0, 1, 2);
        assertThat(seen.environment()).containsKey("PATH");
        assertThat(seen.mount("/proc").type()).isEqualTo("proc");
        assertThat(seen.numbers("status.Uid")).hasSize(4);
        assertThat(seen.numbers("rlimit.NOFILE")).hasSize(2);
        assertThat(seen.interfaces()).containsKey("lo");
        assertThat(seen.lines("cgroup")).isEqualTo(Files.readAllLines(Path.of("/proc/self/cgroup")));
    }

    @Test
    void capabilitiesAreReadAsABitMask() {
        Inside seen = Inside.parse("status.CapEff=000001ffffffffff\n");

        assertThat(seen.mask("CapEff")).isEqualTo(0x1ffffffffffL);
    }

    @Test
    void anAnswerToADeedOnAPathWithAnEqualsSignIsTheLastWord() {
        assertThat(Inside.parse("write:/tmp/a=b=EROFS\n").answer("write:/tmp/a=b"))
                .isEqualTo("EROFS");
    }

    @Test
    void aMissingKeyNamesItself() {
        Inside seen = Inside.parse("pid=1\n");

        assertThatThrownBy(() -> seen.text("uid"))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessageContaining("'uid'");
    }

    @Test
    void foreignOutputIsNotTakenForAReport() {
        assertThatThrownBy(() -> Inside.parse("Segmentation fault\n")).isInstanceOf(IllegalArgumentException.class);
    }

    private static String link(String path) throws IOException {
        return Files.readSymbolicLink(Path.of(path)).toString();
    }
}
