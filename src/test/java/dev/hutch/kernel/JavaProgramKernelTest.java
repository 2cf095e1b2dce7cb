// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Command;
import dev.hutch.spec.JavaProgram;
import dev.hutch.spec.Limits;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Size;
import dev.hutch.support.Jars;
import dev.hutch.support.JavaPayload;
import dev.hutch.support.Jdks;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a Java program's files and limits may be. */
@KernelTest(Need.USER_NAMESPACES)
class JavaProgramKernelTest extends SandboxCase {
    @Test
    @KernelTest(Need.JDK25)
    void aJdk25Runs() throws Exception {
        Path jdk = Jdks.find(25).orElseThrow();
        assertThat(lines(Command.java(payload("look").jdk(jdk).build()))).startsWith("25");
    }

    /** A manifest is the program's own word: it opens no file of the host's. */
    @Test
    void aJarReachesNothingOfTheHostByItsManifest(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("secret.txt"), "secret.txt");
        Path jar = Jars.payload(folder.resolve("app/app.jar"), "../ ../../../../../../etc/ ./");

        assertThat(lines(Command.jar(jar, "resource", "secret.txt", "shadow"))).containsExactly("none", "none");
    }

    @Test
    void aClassPathTakesWildcardsLinksAndDoubles(@TempDir Path folder) throws Exception {
        Path lib = folder.resolve("lib");
        Jars.resource(lib.resolve("a.jar"), "a.txt", "");
        Jars.resource(lib.resolve("b-1.jar"), "b.txt", "");
        Files.createSymbolicLink(lib.resolve("b.jar"), lib.resolve("b-1.jar"));
        Path relative = Path.of("").toAbsolutePath().relativize(lib);
        JavaProgram program = payload("resource", "a.txt", "b.txt")
                .classPath(relative + "/*:" + lib + "/a.jar:" + folder.resolve("nowhere"))
                .build();

        assertThat(lines(Command.java(program))).containsExactly("a.txt", "b.txt");
    }

    @Test
    void aModuleRunsFromItsPath(@TempDir Path folder) throws Exception {
        Jars.payload(folder.resolve("mods/payload.jar"), "");
        JavaProgram program = JavaProgram.module("payload/" + JavaPayload.class.getName())
                .modulePath(folder.resolve("mods").toString())
                .arguments("look")
                .build();

        assertThat(lines(Command.java(program))).hasSize(5);
    }

    @Test
    void threeHundredJarsAreMounted(@TempDir Path folder) throws Exception {
        for (int i = 0; i < 300; i++) {
            Jars.resource(folder.resolve("lib/" + i + ".jar"), i + ".txt", "");
        }
        JavaProgram program = payload("resource", "0.txt", "299.txt")
                .classPath(folder.resolve("lib") + "/*")
                .build();

        assertThat(lines(Command.java(program))).containsExactly("0.txt", "299.txt");
    }

    @Test
    void theClassPathCantBeChangedInside(@TempDir Path folder) throws Exception {
        Path jar = Jars.payload(folder.resolve("app.jar"), "");
        byte[] before = Files.readAllBytes(jar);

        SandboxResult result = sandbox().build().run(Command.jar(jar, "write", "/run/hutch/app/app.jar"));

        assertThat(result.err()).contains("Read-only file system");
        assertThat(Files.readAllBytes(jar)).isEqualTo(before);
    }

    @Test
    @KernelTest(Need.CGROUP_ANY)
    void aFullHeapIsTheJvmsOwnEndAndTheSandboxsLimitIsAnother() throws Exception {
        for (int mebibytes : new int[] {64, 128, 320}) {
            Sandbox box = sandbox().memory(Size.mebibytes(mebibytes)).build();
            SandboxResult heap = box.run(Command.java(JavaPayload.class, "heap"));
            assertThat(heap.outcome()).as(heap.out() + heap.err()).isEqualTo(new Outcome.Exited(3));
            assertThat(heap.out()).contains("java.lang.OutOfMemoryError: Java heap space");
        }
        SandboxResult both = sandbox()
                .memory(Size.mebibytes(256))
                .build()
                .run(Command.java(JavaPayload.class, "direct-and-heap", "160", "140"));
        assertThat(both.outcome()).as(both.out() + both.err()).isEqualTo(new Outcome.OutOfMemory());
    }

    @Test
    @KernelTest(Need.CGROUP_ANY)
    void theProcessorsSeenFitTheTasks() throws Exception {
        assertThat(lines(
                                sandbox().pids(40).build(),
                                Command.java(payload("look")
                                        .options("-XX:+UseSerialGC")
                                        .build()))
                        .get(3))
                .isEqualTo("1");
    }

    @Test
    @KernelTest(Need.CGROUP_ANY)
    void thePresetHasRoomForThreads() throws Exception {
        Sandbox box = sandbox().limits(Limits.forJava()).build();

        try (SandboxProcess java = box.start(Command.java(JavaPayload.class, "look"))) {
            assertThat(java.limits().pids()).isGreaterThanOrEqualTo(256);
            assertThat(new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines())
                    .hasSize(5);
            assertThat(java.waitFor()).isZero();
        }
    }

    private static JavaProgram.Builder payload(String... arguments) {
        return JavaProgram.mainClass(JavaPayload.class).arguments(arguments);
    }
}
