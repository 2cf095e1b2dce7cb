// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.OtherJvm;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What would cost a JVM's first launch tens of milliseconds is not on its way. */
@KernelTest(Need.USER_NAMESPACES)
class FirstLaunchKernelTest {
    /** The linkage of a record's equals and hashCode, the JDK's cryptography, a filter that the build has compiled. */
    private static final List<String> COSTLY = List.of(
            "java.lang.runtime.ObjectMethods",
            "java.security.SecureRandom",
            "dev.hutch.internal.seccomp.BpfCompiler",
            "com.grack.nanojson.JsonParser");

    @Test
    void itLoadsNothingThatIsCostlyAndNotNeeded() throws Exception {
        Process jvm = OtherJvm.start(List.of("-Xlog:class+load:stdout"), FirstLaunch.class);
        jvm.getOutputStream().close();
        List<String> lines = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();

        assertThat(lines).contains("done");
        List<String> loaded = lines.subList(0, lines.indexOf("done"));
        assertThat(loaded).anyMatch(line -> line.contains(" dev.hutch.internal.launch.Zygote "));
        for (String each : COSTLY) {
            assertThat(loaded).as(each).noneMatch(line -> line.contains(" " + each + " "));
        }
    }
}
