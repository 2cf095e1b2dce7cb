// SPDX-License-Identifier: Apache-2.0
package dev.hutch.build;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.grack.nanojson.JsonObject;
import com.grack.nanojson.JsonParser;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.hutch.Sandbox;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import jdk.jfr.Event;
import org.junit.jupiter.api.Test;

/**
 * What GraalVM is told of Hutch, held against Hutch: native-image leaves out what nothing in the code names, and that
 * shows at run time only.
 */
class NativeImageMetadataTest {
    private static final String FILE = "META-INF/native-image/dev.hutch/hutch/reachability-metadata.json";
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .importUrl(Sandbox.class.getProtectionDomain().getCodeSource().getLocation());

    @Test
    void everyFileOfTheJarIsAResource() throws Exception {
        Path root = classes();
        List<PathMatcher> globs = metadata().getArray("resources").stream()
                .map(entry -> ((JsonObject) entry).getString("glob"))
                .map(glob -> FileSystems.getDefault().getPathMatcher("glob:" + glob))
                .toList();
        try (Stream<Path> files = Files.walk(root)) {
            assertThat(files.filter(Files::isRegularFile).map(root::relativize))
                    .filteredOn(file -> !file.toString().endsWith(".class"))
                    .filteredOn(file -> !file.startsWith("META-INF/native-image") && !file.startsWith("META-INF/nar"))
                    .hasSizeGreaterThan(3)
                    .allMatch(file -> globs.stream().anyMatch(glob -> glob.matches(file)));
        }
    }

    @Test
    void everyClassWithNativeMethodsIsKnownToJni() throws Exception {
        assertThat(named(type -> type.getMethods().stream()
                        .anyMatch(method -> method.getModifiers().contains(JavaModifier.NATIVE))))
                .isNotEmpty()
                .allMatch(entry("jniAccessible")::contains);
    }

    @Test
    void everyFlightRecorderEventShowsItsFields() throws Exception {
        assertThat(named(type -> type.isAssignableTo(Event.class)))
                .isNotEmpty()
                .allMatch(entry("allDeclaredFields")::contains);
    }

    @Test
    void everyTypeInItExists() throws Exception {
        assertThat(metadata().getArray("reflection"))
                .map(entry -> ((JsonObject) entry).getString("type"))
                .allMatch(type -> type.equals("java.lang.Thread") || CLASSES.contain(type));
    }

    /** A class, method or field that C asks for by name would have to be named there as well. */
    @Test
    void theNativeCodeLooksNothingOfJavasUp() throws Exception {
        try (Stream<Path> files = Files.list(Path.of("src/main/c/jni"))) {
            assertThat(files)
                    .isNotEmpty()
                    .allSatisfy(file -> assertThat(file)
                            .content()
                            .doesNotContainPattern(
                                    "FindClass|GetObjectClass|Get(Static)?(Method|Field)ID|ThrowNew|NewObject"));
        }
    }

    @Test
    void nothingElseIsLookedUpByName() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.hutch.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.reflect..")
                .orShould()
                .callMethod(Class.class, "forName", String.class)
                .check(CLASSES);
    }

    private static List<String> named(Predicate<JavaClass> which) {
        return CLASSES.stream().filter(which).map(JavaClass::getName).toList();
    }

    private static List<String> entry(String key) throws Exception {
        return metadata().getArray("reflection").stream()
                .map(JsonObject.class::cast)
                .filter(entry -> entry.getBoolean(key))
                .map(entry -> entry.getString("type"))
                .toList();
    }

    private static JsonObject metadata() throws Exception {
        return JsonParser.object().from(Files.readString(classes().resolve(FILE)));
    }

    private static Path classes() throws Exception {
        return Path.of(Sandbox.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }
}
