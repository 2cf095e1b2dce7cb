// SPDX-License-Identifier: Apache-2.0
package dev.hutch.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.grack.nanojson.JsonObject;
import dev.hutch.Sandbox;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.apache.commons.io.IOUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every piece of Java that the documents and the javadoc print compiles as it is printed, in a method of a user's. */
class SnippetsTest {
    private static final Pattern FENCED = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern INDENTED =
            Pattern.compile("(?m)(?:^    .*;.*\n)(?:^(?:    .*)?\n)*|(?:^    .*[{]\n)(?:^(?:    .*)?\n)*");
    private static final Pattern JAVADOC = Pattern.compile("<pre>\\{@code\n(.*?)\\}</pre>", Pattern.DOTALL);

    /** What snippets speak of without saying where it is from. */
    private static final String USER = """
            import dev.hutch.*;
            import dev.hutch.spec.*;
            import dev.hutch.testing.*;
            import java.time.*;
            import java.util.*;
            import java.util.concurrent.*;

            abstract class Snippets {
                Sandbox box;
                Sandbox judgeBox;
                Command judge;
                Command solution;
                static class Main { public static void main(String... arguments) {} }
                static class Calculator {
                    Calculator(Sandbox box) {}
                    int evaluate(String term) { return 0; }
                }
                static void assertEquals(Object expected, Object actual) {}
            """;

    @TempDir
    Path folder;

    @Test
    void everySnippetCompiles() throws Exception {
        List<String> snippets = snippets();
        StringBuilder program = new StringBuilder(USER);
        for (String snippet : snippets) {
            program.append("    void snippet").append(program.length()).append("() throws Exception {\n");
            program.append(snippet.replaceAll("(?m)^\\s*import .*;$", "")).append("    }\n");
        }
        StringWriter complaints = new StringWriter();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        boolean compiled = compiler.getTask(
                        complaints,
                        null,
                        null,
                        List.of("-d", folder.toString(), "-proc:none", "-cp", libraries()),
                        null,
                        List.of(source(program.append("}\n").toString())))
                .call();

        assertThat(snippets).hasSizeGreaterThan(8);
        assertThat(compiled).as("%s", complaints).isTrue();
    }

    private static List<String> snippets() throws IOException {
        try (Stream<Path> documents = Files.list(Path.of("docs"));
                Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            return Stream.of(
                            found(FENCED, Stream.of(Path.of("README.md"))),
                            found(FENCED, documents),
                            found(INDENTED, Stream.of(Path.of("docs/embedding.md"))),
                            found(
                                            JAVADOC,
                                            sources.filter(
                                                    file -> file.toString().endsWith(".java")))
                                    .map(snippet -> snippet.replaceAll("(?m)^ *\\* ?", "")))
                    .flatMap(found -> found)
                    .toList();
        }
    }

    private static Stream<String> found(Pattern pattern, Stream<Path> files) {
        return files.sorted().flatMap(file -> {
            try {
                Matcher matcher = pattern.matcher(Files.readString(file));
                return matcher.results().map(each -> each.group(matcher.groupCount())).toList().stream();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    private static JavaFileObject source(String text) {
        return new SimpleJavaFileObject(URI.create("string:///Snippets.java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return text;
            }
        };
    }

    private static String libraries() {
        return Stream.of(Sandbox.class, IOUtils.class, JsonObject.class)
                .map(type -> {
                    try {
                        return Path.of(type.getProtectionDomain()
                                        .getCodeSource()
                                        .getLocation()
                                        .toURI())
                                .toString();
                    } catch (URISyntaxException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .collect(Collectors.joining(File.pathSeparator));
    }
}
