// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.spec.Size;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What of the host the default view shows: all that programs' links lead to, and nothing that holds a secret. */
@KernelTest(Need.USER_NAMESPACES)
class DefaultViewKernelTest extends SandboxCase {
    /** Where links may lead that stay broken inside: keys, tokens of the host's users, and its devices. */
    private static final List<String> STAY_OUT = List.of("/etc/ssl/private", "/etc/environment", "/dev");

    @Test
    void everyLinkOutOfUsrLeadsSomewhereInside() throws Exception {
        String script =
                "find /usr -xdev -type l -exec sh -c 'for l; do [ -e \"$l\" ] && echo \"$l\"; done' sh {} + 2>/dev/null; :";
        String found = output(sandbox().outputLimit(Size.mebibytes(16)).build(), "/bin/sh", "-c", script);
        Set<String> inside = found.lines().collect(Collectors.toSet());

        Set<String> broken = new TreeSet<>();
        for (Path link : linksOutOfUsr()) {
            if (!inside.contains(link.toString())) {
                broken.add(link + " -> " + link.toRealPath());
            }
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void whatMayHoldSecretsIsNotThere() throws Exception {
        String secrets = "/etc/shadow /etc/gshadow /etc/sudoers /etc/ssh /etc/ssl/private /etc/gitconfig /etc/pip.conf"
                + " /etc/machine-id /etc/environment /etc/fstab /etc/resolv.conf /root/.ssh /root/.bashrc /var/lib/dpkg /var/lib/dbus"
                + " /var/log /var/spool /run/lock /run/systemd /run/docker.sock /boot /mnt /media /srv";

        assertThat(output(
                        sandbox().build(),
                        "/bin/sh",
                        "-c",
                        "for f in " + secrets + "; do [ -e $f ] && echo $f; done; :"))
                .isEmpty();
    }

    @Test
    void theRootAndRunHoldOnlyWhatTheSandboxIsMadeOf() throws Exception {
        assertThat(output(sandbox().build(), "/bin/ls", "/").lines())
                .isSubsetOf(
                        "bin", "dev", "etc", "home", "lib", "lib32", "lib64", "libx32", "proc", "run", "sbin", "sys",
                        "tmp", "usr", "var");
        assertThat(output(sandbox().build(), "/bin/ls", "/home", "/run")).isEqualTo("/home:\nuser\n\n/run:\nhutch\n");
        assertThat(output(sandbox().build(), "/bin/ls", "-A", "/home/user")).isEmpty();
    }

    @Test
    void accountsOfTheHostHaveNoNameInside() throws Exception {
        assertThat(output(sandbox().build(), "/bin/cat", "/etc/passwd").lines())
                .extracting(line -> line.substring(0, line.indexOf(':')))
                .containsExactly("root", "user", "nobody");
    }

    @Test
    void theViewCannotBeWritten() throws Exception {
        String script = "for d in /usr /usr/bin /etc /etc/ssl /lib /sys/fs/cgroup; do"
                + " touch $d/new 2>/dev/null && echo $d; done; :";

        assertThat(output(sandbox().build(), "/bin/sh", "-c", script)).isEmpty();
    }

    /** Folders that the user at hand may not read are left out: nobody inside can use what they hold. */
    private static List<Path> linksOutOfUsr() throws IOException {
        List<Path> links = new ArrayList<>();
        Files.walkFileTree(Path.of("/usr"), new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes kind) {
                if (kind.isSymbolicLink() && leadsOut(file)) {
                    links.add(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException why) throws IOException {
                if (why instanceof AccessDeniedException) {
                    return FileVisitResult.CONTINUE;
                }
                throw why;
            }
        });
        return links;
    }

    private static boolean leadsOut(Path link) {
        try {
            Path end = link.toRealPath();
            return !end.startsWith("/usr") && STAY_OUT.stream().noneMatch(end::startsWith);
        } catch (IOException e) {
            return false;
        }
    }
}
