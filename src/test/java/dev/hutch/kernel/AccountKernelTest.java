// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Sandbox;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.SeccompProfile;
import dev.hutch.spec.Signal;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The account beside what the kernel tells the program of itself. */
@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class AccountKernelTest extends SandboxCase {
    /** The number after a key of /proc/PID/status or /proc/PID/io, as the program printed it last. */
    private static long told(SandboxResult result, String key) {
        Matcher line = Pattern.compile("(?m)^" + key + ":\\s*([0-9]+)$").matcher(result.out());
        assertThat(line.find()).as(key + " in " + result.out() + result.err()).isTrue();
        return Long.parseLong(line.group(1));
    }

    @Test
    void contextSwitchesAreTheKernels() throws Exception {
        SandboxResult result = sandbox().build().run("/bin/sh", "-c", """
                i=0
                while [ $i -lt 50 ]; do sleep 0.001; i=$((i + 1)); done
                cat /proc/$$/status
                """);

        assertThat(result.account().voluntarySwitches())
                .as("the shell's and, for each sleep, one at least")
                .isGreaterThanOrEqualTo(told(result, "voluntary_ctxt_switches") + 50);
        assertThat(result.account().involuntarySwitches())
                .isGreaterThanOrEqualTo(told(result, "nonvoluntary_ctxt_switches"));
    }

    /** Past the page cache, on a disk; where the folder is on none, the kernel counts nothing and so do we. */
    @Test
    @KernelTest({Need.CGROUP_ANY, Need.IDMAP_HERE})
    void bytesReadAndWrittenAreTheKernels(@TempDir Path folder) throws Exception {
        Files.write(folder.resolve("data"), new byte[1 << 20]);
        Sandbox box = sandbox().workspace(folder).build();

        SandboxResult result = box.run("/bin/sh", "-c", """
                dd if=data of=/dev/null bs=64k iflag=direct 2> /dev/null
                dd if=/dev/zero of=out bs=64k count=32 oflag=direct 2> /dev/null
                cat /proc/$$/io
                """);

        assertThat(result.account().bytesRead().orElse(Long.MAX_VALUE))
                .isGreaterThanOrEqualTo(told(result, "read_bytes"));
        assertThat(result.account().bytesWritten().orElse(Long.MAX_VALUE))
                .isGreaterThanOrEqualTo(told(result, "write_bytes"));
    }

    @Test
    void aCallThatTheProfileKillsForIsASignalledEnd(@TempDir Path folder) throws Exception {
        Path profile = Files.writeString(folder.resolve("profile.json"), """
                {"defaultAction": "SCMP_ACT_ALLOW",
                 "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_KILL_PROCESS"}]}
                """);
        Sandbox box = sandbox().seccomp(new SeccompProfile.File(profile)).build();

        SandboxResult result = box.run("/bin/mkdir", "/tmp/a");

        assertThat(result.outcome()).isEqualTo(new Outcome.Signalled(Signal.SIGSYS));
        assertThat(result.inWords()).matches("ended by SIGSYS, which the seccomp filter sends( for mkdir(at)?)?");
    }
}
