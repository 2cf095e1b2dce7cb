// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Hutch;
import dev.hutch.Sandbox;
import dev.hutch.SandboxPool;
import dev.hutch.spec.Isolation;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.OtherJvm;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a sandbox without namespaces keeps on disk goes with it, or with the next context's sweep. */
@KernelTest({Need.LANDLOCK, Need.GCC})
@Timeout(120)
class LandlockFaultTest extends FaultCase {
    @Test
    void theFoldersOfAKilledJvmAreSwept() throws Exception {
        List<Path> folders = new ArrayList<>();
        Process owner = OtherJvm.start(List.of(), SandboxOwner.class, "landlock");
        try {
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(owner.getInputStream(), StandardCharsets.UTF_8));
            for (String line = lines.readLine(); !"ready".equals(line); line = lines.readLine()) {
                folders.add(Files.readSymbolicLink(Path.of("/proc", line, "cwd")));
            }
        } finally {
            owner.destroyForcibly().waitFor();
        }
        assertThat(folders).hasSize(3).allMatch(folder -> folder.toString().contains("hutch-files-"));

        try (Hutch next = Hutch.builder().stock(0).build()) {
            for (Path folder : folders) {
                for (int i = 0; i < 1000 && Files.exists(folder); i++) {
                    Thread.sleep(10);
                }
                assertThat(folder).doesNotExist();
            }
            assertThat(next).isNotNull();
        }
    }

    @Test
    void aPoolOfThemLeavesNoFolder() throws Exception {
        try (Hutch context = Hutch.builder().stock(0).build()) {
            Sandbox box = Sandbox.builder()
                    .context(context)
                    .isolation(Isolation.LANDLOCK)
                    .build();
            try (SandboxPool pool = SandboxPool.builder(box).minimum(2).build()) {
                assertThat(pool.run("sh", "-c", "pwd").out()).contains("hutch-files-");
                assertThat(pool.run("sh", "-c", "pwd").out()).contains("hutch-files-");
            }
        }
    }

    @Test
    void aProgramThatIsNotThereLeavesNoFolder() throws Exception {
        Sandbox box = Sandbox.builder().isolation(Isolation.LANDLOCK).build();
        try (Hutch context = Hutch.builder().stock(0).build()) {
            Sandbox there = box.toBuilder().context(context).build();
            assertThatThrownBy(() -> there.run("/nowhere")).hasMessageContaining("ENOENT");
        }
    }
}
