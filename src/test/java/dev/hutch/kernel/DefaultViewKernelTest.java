// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.spec.Allow;
import dev.hutch.spec.Command;
import dev.hutch.spec.SandboxResult;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What real programs need of the view that a sandbox gets without a root file system, and what it keeps to itself. */
@KernelTest({Need.ROOT, Need.USER_NAMESPACES})
class DefaultViewKernelTest extends SandboxCase {
    /** Links of /usr that lead to what is not shown: state of the host's, and what may hold secrets. */
    private static final List<String> NOT_SHOWN =
            List.of("/etc/environment", "/etc/ssl/private", "/var/lib/", "/var/cache/", "/run/", "/proc/", "/dev/");

    @Test
    void linksOutOfUsrLeadSomewhereInsideToo() throws Exception {
        List<String> targets = new ArrayList<>();
        try (Stream<Path> files = Files.find(Path.of("/usr"), 20, (path, is) -> is.isSymbolicLink())) {
            for (Path link : (Iterable<Path>) files::iterator) {
                Path target = link.resolveSibling(Files.readSymbolicLink(link)).normalize();
                if (!target.startsWith("/usr") && Files.exists(link) && !isNotShown(target)) {
                    targets.add(link.toString());
                }
            }
        }
        assertThat(targets).as("links that leave /usr on this host").isNotEmpty();
        SandboxResult result = sandbox()
                .build()
                .run(Command.builder("/bin/sh", "-c", "while read -r link; do [ -e \"$link\" ] || echo \"$link\"; done")
                        .input(String.join("\n", targets) + "\n")
                        .build());

        assertThat(result.out()).isEmpty();
    }

    private static boolean isNotShown(Path target) throws IOException {
        return NOT_SHOWN.stream().anyMatch(target.toString()::startsWith) || !Files.isReadable(target);
    }

    @Test
    void alternativesResolve() throws Exception {
        assertThat(shell("for a in /etc/alternatives/*; do [ -x \"$a\" ] && echo some && break; done"))
                .isEqualTo("some\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/etc/shadow",
                "/etc/gitconfig",
                "/etc/pip.conf",
                "/etc/ssh",
                "/etc/machine-id",
                "/root",
                "/var/lib/dpkg",
                "/var/log",
                "/opt",
                "/srv"
            })
    void whatMayHoldSecretsIsNotThere(String path) throws Exception {
        assertThat(shell("[ -e " + path + " ] && echo there || echo missing")).isEqualTo("missing\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "whoami ; user",
                "id -u ; 1000",
                "getent passwd user ; user:x:1000:1000::/home/user:/bin/sh",
                "pwd ; /home/user",
                "echo $HOME $USER $LANG ; /home/user user C.UTF-8",
                "echo x > /dev/stdout ; x",
                "echo y 2>&1 > /dev/stderr ; y",
                "wc -c < /dev/stdin ; 0",
                "mkfifo /tmp/f && echo made ; made",
                "touch $HOME/f && ls $HOME ; f",
                "cp /bin/true /tmp/t && /tmp/t && echo ran ; ran",
                "mkdir /tmp/d && tar -C /tmp -cf - d | tar -tf - ; d/",
                "setarch -R echo same ; same",
                "TZ=UTC date -d @0 +%Y ; 1970",
                "df /tmp > /dev/null && echo df ; df",
                "ps -e -o comm= | head -n 1 ; hutch-init",
                "getent hosts $(hostname) | wc -l ; 1",
                "find /dev/shm -maxdepth 0 -writable ; /dev/shm",
            })
    void everydayCommandsWork(String command, String answer) throws Exception {
        assertThat(shell(command).strip()).isEqualTo(answer);
    }

    @Test
    @KernelTest(Need.PYTHON)
    void loopbackServesBothFamiliesAndLowPorts() throws Exception {
        String serve = "import socket\n"
                + "for family, host in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')):\n"
                + "    server = socket.create_server((host, 80), family=family)\n"
                + "    client = socket.create_connection((host, 80))\n"
                + "    print(host, client.getpeername()[1])\n";
        SandboxResult result = sandbox().build().run("python3", "-c", serve);

        assertThat(result.out()).as(result.err()).isEqualTo("127.0.0.1 80\n::1 80\n");
    }

    @Test
    @KernelTest(Need.GCC)
    void anAddressSanitizerProgramNeedsItsLeakCheckOffOrPtrace() throws Exception {
        String build = "cd /tmp && echo 'int main(void){return 0;}' > a.c && gcc -fsanitize=address -o a a.c && ";

        assertThat(shell(build + "ASAN_OPTIONS=detect_leaks=0 ./a && echo ran")).isEqualTo("ran\n");
        SandboxResult traced = sandbox().allow(Allow.PTRACE).build().run("/bin/sh", "-c", build + "./a && echo ran");
        assertThat(traced.out()).as(traced.err()).isEqualTo("ran\n");
    }

    @Test
    @KernelTest(Need.GIT)
    void aSharedRepositoryNeedsSetIdBits() throws Exception {
        String make = "git init -q --shared=group /tmp/r && echo made";

        assertThat(sandbox().build().run("/bin/sh", "-c", make).out()).isEmpty();
        assertThat(sandbox()
                        .allow(Allow.SET_ID_BITS)
                        .build()
                        .run("/bin/sh", "-c", make)
                        .out())
                .isEqualTo("made\n");
    }

    private static String shell(String line) throws Exception {
        SandboxResult result = sandbox().build().run("/bin/sh", "-c", line);
        return new String(result.stdout().bytes(), StandardCharsets.UTF_8)
                + new String(result.stderr().bytes(), StandardCharsets.UTF_8);
    }
}
