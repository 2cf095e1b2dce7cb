// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.spec.Command;
import dev.hutch.spec.JavaProgram;
import dev.hutch.support.Jars;
import dev.hutch.support.JavaPayload;
import dev.hutch.support.Jdks;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Java's own programs: each runs inside, on a JDK of the host's. */
@KernelTest(Need.USER_NAMESPACES)
class JavaKernelTest extends SandboxCase {
    private static final int DEFAULT_HEAP = 716;

    @Test
    void aClassRunsOnTheJdkOfThisJvmWithAHeapThatFits() throws Exception {
        List<String> seen = lines(Command.java(JavaPayload.class, "look", "a b", ""));

        assertThat(seen.get(0)).isEqualTo(Integer.toString(Runtime.version().feature()));
        assertHeap(seen, DEFAULT_HEAP);
        assertThat(seen.get(4)).isEqualTo("[a b, ]");
    }

    /** Debian's consists of links to /etc. */
    @Test
    @KernelTest(Need.JAVAC)
    void anInstalledJdkRunsByAnyOfItsNames(@TempDir Path folder) throws Exception {
        Path jdk = Jdks.find(17).orElseThrow();
        Path link = Files.createSymbolicLink(folder.resolve("jdk"), jdk);
        for (Path name : List.of(jdk, link)) {
            assertThat(lines(Command.java(payload("look").jdk(name).build())).subList(0, 2))
                    .containsExactly("17", jdk.toRealPath().toString());
        }
        Files.delete(link);
    }

    @Test
    void aJdkInAHomeThatIsClosedToOthersRunsByALink(@TempDir Path folder) throws Exception {
        Path home = Files.createDirectory(
                folder.resolve("home"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path jdk = Jdks.copy(Path.of(System.getProperty("java.home")), home.resolve("jdks/17"));
        Path link = Files.createSymbolicLink(home.resolve("current"), jdk);

        List<String> seen = lines(Command.java(payload("look").jdk(link).build()));

        assertThat(seen.get(1)).isEqualTo("/run/hutch/jdk");
    }

    @Test
    void aJarFindsWhatItsManifestNamesBesideIt(@TempDir Path folder) throws Exception {
        Path jar = Jars.payload(folder.resolve("app/bin/app.jar"), "../lib/a.jar missing.jar ../classes/");
        Jars.resource(folder.resolve("app/lib/a.jar"), "a.txt", "more/b.jar");
        Jars.resource(folder.resolve("app/lib/more/b.jar"), "b.txt", "");
        Files.writeString(Files.createDirectories(folder.resolve("app/classes")).resolve("c.txt"), "c.txt");
        Files.writeString(folder.resolve("app/bin/secret.txt"), "secret.txt");

        JavaProgram program = JavaProgram.jar(jar)
                .followManifests()
                .arguments("resource", "a.txt", "b.txt", "c.txt", "secret.txt")
                .build();
        assertThat(lines(Command.java(program))).containsExactly("a.txt", "b.txt", "c.txt", "none");
    }

    private static JavaProgram.Builder payload(String... arguments) {
        return JavaProgram.mainClass(JavaPayload.class).arguments(arguments);
    }

    /** A collector keeps a little for itself, or rounds up to its regions. */
    private static void assertHeap(List<String> seen, int mebibytes) {
        assertThat(Integer.parseInt(seen.get(2))).isBetween(mebibytes * 95 / 100, mebibytes + 8);
    }
}
