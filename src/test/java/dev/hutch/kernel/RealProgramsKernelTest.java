// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Sandbox;
import dev.hutch.spec.Allow;
import dev.hutch.support.Jdks;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What real programs ask of the view and the filter beyond running at all, under the default limits. */
@KernelTest(Need.USER_NAMESPACES)
class RealProgramsKernelTest extends SandboxCase {
    @Test
    @KernelTest(Need.PYTHON)
    void pythonServesLoopbackOfBothFamilies() throws Exception {
        assertThat(python("""
                import socket
                for family, host in (socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"):
                    server = socket.create_server((host, 0), family=family)
                    client = socket.create_connection(server.getsockname()[:2])
                    client.sendall(host.encode())
                    print(server.accept()[0].recv(99).decode())
                """)).isEqualTo("127.0.0.1\n::1\n");
    }

    @Test
    @KernelTest(Need.PYTHON)
    void pythonsSqliteAndCertificatesWork() throws Exception {
        assertThat(python("""
                import sqlite3, ssl
                db = sqlite3.connect("/tmp/db")
                db.execute("create table t(a)")
                print(db.execute("select count(*) from t").fetchone()[0])
                ssl.create_default_context()
                print(ssl.OPENSSL_VERSION.split()[0])
                """)).isEqualTo("0\nOpenSSL\n");
    }

    @Test
    @KernelTest(Need.PYTHON)
    void pythonsMultiprocessingFindsSharedMemoryAndSemaphores() throws Exception {
        assertThat(python("""
                import multiprocessing as m
                if __name__ == "__main__":
                    with m.get_context("fork").Pool(2) as pool:
                        print(pool.map(abs, [-1, -2]))
                """)).isEqualTo("[1, 2]\n");
    }

    @Test
    @KernelTest({Need.JAVAC, Need.CGROUP_ANY})
    void aBusyJdk17StaysUnderTheDefaultPidsLimit() throws Exception {
        assertThat(busyJava(Jdks.find(17).orElseThrow())).isEqualTo("true\n");
    }

    @Test
    @KernelTest({Need.JDK25, Need.CGROUP_ANY})
    void aBusyJdk25StaysUnderTheDefaultPidsLimitAndSeesItsMemory() throws Exception {
        assertThat(busyJava(Jdks.find(25).orElseThrow())).isEqualTo("true\n");
    }

    @Test
    @KernelTest(Need.NODE)
    void nodeStartsAWorkerThread() throws Exception {
        assertThat(shell("/usr/bin/node -e 'const {Worker}=require(\"worker_threads\");"
                        + "new Worker(\"require(\\\"worker_threads\\\").parentPort.postMessage(7)\",{eval:true})"
                        + ".on(\"message\",m=>console.log(m))'"))
                .isEqualTo("7\n");
    }

    @Test
    @KernelTest({Need.GIT, Need.IDMAP_HERE})
    void gitTakesTheWorkspaceForItsUsersOwn(@TempDir Path folder) throws Exception {
        Sandbox box = sandbox().workspace(folder).build();
        String script = "git init -q . && echo a > a && git add a && git -c user.name=a -c user.email=a@b commit -q -m"
                + " first && git status --short 2>&1 && git log --format=%s 2>&1";

        assertThat(output(box, "/bin/sh", "-c", script)).isEqualTo("first\n");
    }

    @Test
    @KernelTest(Need.GIT)
    void aSharedRepositoryNeedsSetIdBits() throws Exception {
        String script = "git init -q --shared /tmp/r";

        assertThat(sandbox().build().run("/bin/sh", "-c", script).exitStatus()).isNotZero();
        assertThat(output(
                        sandbox().allow(Allow.SET_ID_BITS).build(),
                        "/bin/sh",
                        "-c",
                        script + "; stat -c %A /tmp/r/.git"))
                .isEqualTo("drwxrwsr-x\n");
    }

    @Test
    @KernelTest(Need.ASAN)
    void anAddressSanitizerProgramNeedsPtraceOrNoLeakCheck() throws Exception {
        String build = "cd /tmp && echo 'int main(void) { return 0; }' | gcc -fsanitize=address -x c -o a - && ";

        assertThat(sandbox().build().run("/bin/sh", "-c", build + "./a").exitStatus())
                .isNotZero();
        assertThat(shell(build + "ASAN_OPTIONS=detect_leaks=0 ./a")).isEmpty();
        assertThat(output(sandbox().allow(Allow.PTRACE).build(), "/bin/sh", "-c", build + "./a"))
                .isEmpty();
    }

    @Test
    @KernelTest(Need.GCC)
    void aCallThatNoKernelHasIsENOSYS() throws Exception {
        assertThat(shell("cd /tmp && printf '#include <errno.h>\\n#include <unistd.h>\\nlong syscall(long, ...);"
                        + "int main(void) { return syscall(4000) == -1 && errno == ENOSYS ? 0 : 1; }' > a.c"
                        + " && gcc -o a a.c && ./a"))
                .isEmpty();
    }

    @Test
    void standardStreamsCanBeOpenedByName() throws Exception {
        assertThat(shell("echo x > /dev/stdout; (echo y > /dev/stderr) 2>&1; cat < /dev/stdin; echo z >> /dev/fd/1"))
                .isEqualTo("x\ny\nz\n");
    }

    @Test
    @KernelTest(Need.TAR)
    void tarPacksAndUnpacks() throws Exception {
        assertThat(shell("cd /tmp && mkdir a b && echo x > a/f && chmod 750 a/f && ln -s f a/l && mkfifo a/p"
                        + " && tar czf a.tgz a && tar xzf a.tgz -C b && stat -c '%A %n' b/a/*"))
                .isEqualTo("-rwxr-x--- b/a/f\nlrwxrwxrwx b/a/l\nprw-r--r-- b/a/p\n");
    }

    @Test
    @KernelTest(Need.SETARCH)
    void setarchTakesRandomAddressesAway() throws Exception {
        assertThat(shell("setarch -R sh -c 'cat /proc/self/personality' 2>&1")).isEqualTo("00040000\n");
    }

    @Test
    void aFifoCarriesALine() throws Exception {
        assertThat(shell("mkfifo /tmp/p && (echo x > /tmp/p &) && cat /tmp/p")).isEqualTo("x\n");
    }

    @Test
    void idAndItsKinKnowTheUser() throws Exception {
        assertThat(shell("id -un; id -gn; whoami; getent passwd user; echo ~; cd; pwd"))
                .isEqualTo("user\nuser\nuser\nuser:x:1000:1000::/home/user:/bin/sh\n/home/user\n/home/user\n");
    }

    @Test
    void dfNamesTheRoot() throws Exception {
        assertThat(shell("df --output=target / /tmp 2>&1")).isEqualTo("Mounted on\n/\n/tmp\n");
    }

    @Test
    @KernelTest(Need.PROCPS)
    void psSeesTheSandboxOnly() throws Exception {
        assertThat(shell("ps -eo user=,comm= | sort -u").lines())
                .hasSizeLessThanOrEqualTo(4)
                .anyMatch(line -> line.matches("user +ps"));
    }

    @Test
    void dateKnowsTimeZones() throws Exception {
        assertThat(shell("TZ=Europe/Berlin date -d @0 '+%H %Z'")).isEqualTo("01 CET\n");
    }

    @Test
    @KernelTest(Need.BASH)
    void bashSubstitutesProcessesAndHereDocuments() throws Exception {
        assertThat(output(
                        sandbox().build(), "/bin/bash", "-c", "cat <(echo a) <<< b - | sort; exec 3<> /tmp/f; echo $?"))
                .isEqualTo("a\nb\n0\n");
    }

    private static String busyJava(Path jdk) throws Exception {
        return shell("cd /tmp && cat > A.java <<'E'\n"
                + "class A { public static void main(String[] a) throws Exception {\n"
                + "  java.util.stream.IntStream.range(0, 4_000_000).parallel().mapToObj(i -> new byte[64]).count();\n"
                + "  java.util.Arrays.parallelSort(new java.util.Random(1).ints(2_000_000).toArray());\n"
                + "  System.out.println(Runtime.getRuntime().maxMemory() < (1L << 30)\n"
                + "    && java.net.InetAddress.getLocalHost().isLoopbackAddress()); } }\nE\n"
                + jdk + "/bin/java -version 2>/dev/null && " + jdk + "/bin/java A.java");
    }

    private static String python(String program) throws Exception {
        return output(sandbox().build(), "/usr/bin/python3", "-c", program);
    }

    private static String shell(String script) throws Exception {
        return output(sandbox().build(), "/bin/sh", "-c", script);
    }
}
