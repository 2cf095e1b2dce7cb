// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Sandbox;
import dev.hutch.spec.Limits;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Size;
import dev.hutch.support.Jdks;
import dev.hutch.support.KernelTest;
import dev.hutch.support.NativeProgram;
import dev.hutch.support.Need;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Real programs in the default view of the host, under the default filter; DESIGN's hundred in miniature. */
@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class ProgramsKernelTest extends SandboxCase {
    private static final Path PROGRAMS =
            Path.of("src", "test", "resources", "programs").toAbsolutePath();

    @Test
    void gccCompilesAndTheProgramRuns() throws Exception {
        assertThat(shell("gcc -O2 -o /tmp/hello /programs/hello.c && /tmp/hello"))
                .isEqualTo("Hello from inside\n");
    }

    @Test
    @KernelTest(Need.PYTHON)
    void pythonRunsThreadsAndChildProcesses() throws Exception {
        assertThat(shell("/usr/bin/python3 -c 'import subprocess,threading,socket,tempfile,os;"
                        + "t=threading.Thread(target=lambda:print(1));t.start();t.join();"
                        + "print(subprocess.check_output([\"echo\",\"2\"]).decode().strip())'"))
                .isEqualTo("1\n2\n");
    }

    @Test
    @KernelTest(Need.PYTHON)
    void aNosyProgramFindsNothingOfTheHosts() throws Exception {
        String told = shell("/usr/bin/python3 /programs/nosy.py");

        assertThat(told).doesNotContain("read ").doesNotContain("connected");
        assertThat(told).contains("socket to 192.0.2.1:80: OSError: Network is unreachable");
        assertThat(told).contains("processes: 3");
    }

    @Test
    @KernelTest(Need.NODE)
    void nodeRuns() throws Exception {
        assertThat(shell("/usr/bin/node -e 'setTimeout(()=>console.log(require(\"os\").userInfo().username),1)'"))
                .isEqualTo("user\n");
    }

    @Test
    @KernelTest(Need.GIT)
    void gitMakesARepositoryAndCommits() throws Exception {
        assertThat(shell("cd /tmp && git init -q r && cd r && git -c user.name=a -c user.email=a@b commit -q"
                        + " --allow-empty -m first && git log --format=%s"))
                .isEqualTo("first\n");
    }

    @Test
    @KernelTest(Need.SQLITE)
    void sqliteKeepsATable() throws Exception {
        assertThat(shell("sqlite3 /tmp/db 'create table t(a); insert into t values(7); select a from t'"))
                .isEqualTo("7\n");
    }

    @Test
    @KernelTest(Need.JAVAC)
    void theJdkCompilesAndRuns() throws Exception {
        assertThat(java("java.net.InetAddress.getLocalHost().isLoopbackAddress()"))
                .isEqualTo("true\n");
    }

    @Test
    @KernelTest({Need.JAVAC, Need.CGROUP_ANY})
    void theJdkTakesTheMemoryLimitForTheMachinesMemory() throws Exception {
        assertThat(java("Runtime.getRuntime().maxMemory() < (1L << 30)")).isEqualTo("true\n");
    }

    @Test
    @KernelTest(Need.JDK25)
    void aJdk25Runs() throws Exception {
        assertThat(shell(Jdks.find(25).orElseThrow() + "/bin/java --version")).startsWith("openjdk 25");
    }

    @Test
    @KernelTest(Need.GO)
    void goCompilesAndRunsFromTmp() throws Exception {
        assertThat(
                        shell(
                                "cd /tmp && printf 'package main\\nfunc main() { done := make(chan int); go func() { println(1);"
                                        + " done <- 1 }(); <-done }\\n' > a.go && GOTOOLCHAIN=local GOFLAGS=-p=2 go run a.go 2>&1"))
                .isEqualTo("1\n");
    }

    @Test
    @KernelTest(Need.MUSL)
    void aMuslProgramRuns() throws Exception {
        Sandbox box = sandbox()
                .mount(new Mount.Bind(NativeProgram.of("hello", "musl-gcc"), Path.of("/hello"), true))
                .build();

        assertThat(output(box, "/hello")).isEqualTo("Hello from inside\n");
    }

    @Test
    @KernelTest(Need.CGROUP_ANY)
    void aForkBombEndsAtThePidsLimitAndTheHostGoesOn() throws Exception {
        SandboxResult result = hostile("fork_bomb", Limits.builder().pids(64));

        assertThat(result.outcome()).isEqualTo(new Outcome.Exited(1));
        assertThat(result.out()).contains("Resource temporarily unavailable");
        assertThat(result.account().pidsLimitHits()).isPositive();
    }

    @Test
    @KernelTest(Need.CGROUP_ANY)
    void aMemoryHogIsKilledAtItsLimitAndReportedSo() throws Exception {
        SandboxResult result = hostile("memory_hog", Limits.builder().memory(Size.mebibytes(128)));

        assertThat(result.outcome()).isInstanceOf(Outcome.OutOfMemory.class);
        assertThat(result.out()).contains("112 MiB").doesNotContain("144 MiB");
    }

    @Test
    void aDescriptorHogIsStoppedAtItsLimitAndCannotRaiseIt() throws Exception {
        assertThat(hostile("fd_hog", Limits.builder()).out())
                .isEqualTo("setrlimit: Operation not permitted\n"
                        + "open refused after 1021 files: Too many open files\n");
    }

    private static SandboxResult hostile(String name, Limits.Builder limits) throws Exception {
        return sandbox()
                .mount(new Mount.Bind(NativeProgram.of(name), Path.of("/hostile"), true))
                .limits(limits.build())
                .build()
                .run("/hostile");
    }

    private static String java(String expression) throws Exception {
        return shell("cd /tmp && echo 'class A { public static void main(String[] a) throws Exception {"
                + " System.out.println(" + expression + "); } }' > A.java && javac A.java && java -cp . A");
    }

    private static String shell(String script) throws Exception {
        Sandbox.Builder box = sandbox().mount(new Mount.Bind(PROGRAMS, Path.of("/programs"), true));
        if (Need.CGROUP_ANY.missing().isEmpty()) {
            box.pids(256);
        }
        return output(box.build(), "/bin/sh", "-c", script);
    }
}
