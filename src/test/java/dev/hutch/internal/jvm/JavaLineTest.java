// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.jvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.spec.JavaProgram;
import dev.hutch.spec.Limits;
import dev.hutch.spec.Mount;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.Size;
import dev.hutch.support.Jars;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JavaLineTest {
    private static final SandboxSpec SPEC = Sandbox.builder().build().spec();

    @TempDir
    Path folder;

    private Path jdk;

    @BeforeEach
    void makeJdk() throws Exception {
        jdk = folder.resolve("jdk");
        Path java = Files.createDirectories(jdk.resolve("bin")).resolve("java");
        assertThat(Files.createFile(java).toFile().setExecutable(true)).isTrue();
    }

    @Test
    void filesKeepTheirPlacesBelowTheFolderTheyShare() throws Exception {
        Path classes = Files.createDirectories(folder.resolve("app/classes"));
        Jars.resource(folder.resolve("app/lib/deep/a.jar"), "a", "../b.jar");
        Jars.resource(folder.resolve("app/lib/b.jar"), "b", "deep/a.jar");

        JavaLine line = line(JavaProgram.mainClass("x.Main")
                .classPath(classes + ":" + folder.resolve("app/lib/deep") + "/*")
                .followManifests()
                .arguments("-v"));

        assertThat(line.arguments())
                .startsWith("/run/hutch/jdk/bin/java")
                .endsWith("-cp", "/run/hutch/app/classes:/run/hutch/app/lib/deep/a.jar", "x.Main", "-v");
        assertThat(line.mounts())
                .containsExactly(
                        readOnly(jdk.toRealPath(), "/run/hutch/jdk"),
                        readOnly(classes, "/run/hutch/app/classes"),
                        readOnly(folder.resolve("app/lib/deep/a.jar"), "/run/hutch/app/lib/deep/a.jar"),
                        readOnly(folder.resolve("app/lib/b.jar"), "/run/hutch/app/lib/b.jar"));
    }

    @Test
    void whatLiesInAFolderOfThePathIsMountedWithIt() throws Exception {
        Path lib = folder.resolve("lib");
        Jars.resource(lib.resolve("a.jar"), "a", "");

        JavaLine line = line(JavaProgram.mainClass("Main").classPath(lib + "/*:" + lib));

        assertThat(line.arguments()).contains("/run/hutch/app/lib/a.jar:/run/hutch/app/lib");
        assertThat(line.mounts()).contains(readOnly(lib, "/run/hutch/app/lib")).hasSize(2);
    }

    @Test
    void aLinkThatLeadsOutOfAFolderOfJarsIsRefused() throws Exception {
        Path lib = Files.createDirectories(folder.resolve("lib"));
        Path other = Jars.resource(folder.resolve("other.jar"), "a", "");
        Files.createSymbolicLink(lib.resolve("a.jar"), other);

        assertThatThrownBy(() -> line(JavaProgram.mainClass("Main").classPath(lib + "/*")))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("this link leads out of its folder: name the jar itself");
    }

    @Test
    void onThisMachineItNamesTheFilesThemselves() throws Exception {
        Path jar = Jars.resource(folder.resolve("a.jar"), "a", "");

        assertThat(JavaLine.here(JavaProgram.jar(jar).jdk(jdk).build(), SPEC.limits()))
                .startsWith(jdk.toRealPath() + "/bin/java")
                .endsWith("-jar", jar.toString());
    }

    @Test
    void whatIsNotThereIsNamed() {
        assertThatThrownBy(() -> line(JavaProgram.mainClass("Main").classPath("/nowhere:/neither")))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("/nowhere:/neither")
                .hasMessageContaining("nothing of this class path exists");
        assertThatThrownBy(() -> line(JavaProgram.jar(folder.resolve("none.jar"))))
                .hasMessageContaining("none.jar")
                .hasMessageContaining("there is no such file");
        assertThatThrownBy(() -> JavaLine.inside(
                        JavaProgram.mainClass("Main").jdk(folder).build(), SPEC))
                .hasMessageContaining("it has no bin/java");
    }

    @Test
    void anAbsoluteNameInAManifestIsRefusedWhereItLeadsSomewhere() throws Exception {
        Path other = Jars.resource(folder.resolve("other/b.jar"), "b", "");
        Path lost = Jars.resource(folder.resolve("c.jar"), "c", "file:/nowhere/b.jar http://example.org/b.jar %");
        Path jar = Jars.resource(folder.resolve("a.jar"), "a", other.toUri().toString());

        assertThat(line(JavaProgram.jar(lost).followManifests()).mounts()).hasSize(2);
        assertThat(line(JavaProgram.jar(jar)).mounts()).as("jar and JDK").hasSize(2);
        assertThatThrownBy(() -> line(JavaProgram.jar(jar).followManifests()))
                .hasMessageContaining("make it relative to the jar");
    }

    @Test
    void theHeapFitsTheLimitUnlessToldOtherwise() throws Exception {
        assertThat(options(Limits.builder().memory(Size.gibibytes(1)).build())).contains("-Xmx734003k");
        assertThat(options(Limits.builder().memory(Size.mebibytes(64)).build())).contains("-Xmx32768k");
        for (String own : List.of("-Xmx1g", "-XX:MaxHeapSize=1g", "-XX:MaxRAMPercentage=50")) {
            assertThat(JvmOptions.fitting(Limits.defaults(), List.of(own))).noneMatch(option -> option.contains("Xmx"));
        }
        assertThat(JvmOptions.fitting(Limits.defaults(), List.of("-XX:MaxMetaspaceSize=64m")))
                .anyMatch(option -> option.startsWith("-Xmx"));
    }

    @Test
    void asManyProcessorsAreSeenAsThreadsHaveRoom() throws Exception {
        assertThat(options(Limits.builder().pids(10).cpus(2).build())).contains("-XX:ActiveProcessorCount=1");
        assertThat(options(Limits.builder().pids(4096).build())).noneMatch(option -> option.contains("Processor"));
        assertThat(options(Limits.builder().pids(10).cpus(0.5).build()))
                .noneMatch(option -> option.contains("Processor"));
    }

    private static List<String> options(Limits limits) {
        return JvmOptions.fitting(limits, List.of());
    }

    private JavaLine line(JavaProgram.Builder program) throws SandboxException {
        return JavaLine.inside(program.jdk(jdk).build(), SPEC);
    }

    private static Mount readOnly(Path source, String destination) {
        return new Mount.Bind(source, Path.of(destination), true);
    }
}
