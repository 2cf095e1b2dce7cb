// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Hutch;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Network;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** net_prio and net_cls, where the test mounts them: they are the initial network namespace's. */
@KernelTest({Need.ROOT, Need.CGROUP_V1, Need.NET_CLASSES})
class HostPriorityKernelTest extends SandboxCase {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final List<String> CONTROLLERS = List.of("net_prio", "net_cls");

    @AfterEach
    void unmount() throws IOException {
        for (String controller : CONTROLLERS) {
            Path mountPoint = CGROUPS.resolve(controller);
            if (Files.exists(mountPoint)) {
                Tool.run(
                        "sh",
                        "-c",
                        "rmdir " + mountPoint + "/hutch/* " + mountPoint + "/hutch 2>/dev/null; umount " + mountPoint);
                Files.delete(mountPoint);
            }
        }
    }

    private static void mount() throws IOException {
        for (String controller : CONTROLLERS) {
            Path mountPoint = Files.createDirectory(CGROUPS.resolve(controller));
            Tool.run("mount", "-t", "cgroup", "-o", controller, controller, mountPoint.toString());
        }
    }

    private static String inCgroup(SandboxProcess process, String controller, String file) throws IOException {
        String own = Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "cgroup")).stream()
                .filter(line -> line.contains(":" + controller + ":"))
                .findFirst()
                .orElseThrow()
                .replaceAll("^.*?:.*?:", "");
        return Files.readString(Path.of(CGROUPS + "/" + controller + own, file));
    }

    @Test
    void theContainersPacketsHaveItsPriorityAndClass() throws Exception {
        mount();
        try (Hutch context = Hutch.builder().build();
                SandboxProcess process = sandbox()
                        .context(context)
                        .network(Network.HOST.priority(5).mark(0x10002))
                        .build()
                        .start("sleep", "60")) {
            assertThat(inCgroup(process, "net_prio", "net_prio.ifpriomap")).contains("lo 5\n");
            assertThat(inCgroup(process, "net_cls", "net_cls.classid")).isEqualTo("65538\n");
        }
    }

    @Test
    void askedForAndNotMountedIsAnError() {
        assertThatThrownBy(() ->
                        sandbox().network(Network.HOST.priority(5)).build().start("true"))
                .hasMessageContaining("cgroup controller net_prio")
                .hasMessageContaining("mount -t cgroup -o net_prio");
    }
}
