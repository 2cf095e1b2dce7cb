// SPDX-License-Identifier: Apache-2.0
package dev.hutch.docs;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The texts of main's Java that can become the words of an error: all literals of four words and more, a concatenation's
 * pieces each for itself, but for those that go where no error comes from. So a new text counts until somebody says here
 * that it is none.
 */
final class ErrorTexts {
    private static final Path SOURCES = Path.of("src/main/java");
    private static final Path PACKAGE = SOURCES.resolve("dev/hutch");
    private static final Pattern WORD = Pattern.compile("(?<!\\S)\\p{Alpha}[\\p{Alpha}'-]*(?=[ ,.:;]|$)");
    private static final int FEWEST_WORDS = 4;

    /** What a wrong argument or a wrong call is told, one entry for all; and what never leaves Hutch as it is. */
    private static final Set<String> EXCEPTIONS = Set.of(
            "IllegalArgumentException",
            "IllegalStateException",
            "IllegalThreadStateException",
            "UnsupportedOperationException",
            "UsageException",
            "ParameterException",
            "InterruptedException",
            "InterruptedIOException",
            "MalformedException");

    /** Calls, with or without their object: wrong values once more; logs; lines of results, of reports and of help. */
    private static final Set<String> CALLS = Set.of(
            "refuse",
            "wrong",
            "mustBe",
            "Range.check",
            "log",
            "Log.write",
            "Enforced.yes",
            "Enforced.no",
            "Finding.good",
            "Finding.bad",
            "notes.accept",
            "leaveOut",
            "leftOut",
            "leftOut.put",
            "Collect.nothing",
            "valued",
            "flag",
            "console.print",
            "ask");

    /** All that these say is of those kinds, or is the name of a step or of a kernel's error. */
    private static final Set<String> FILES = Set.of(
            "Doctor.java",
            "cli/Arguments.java",
            "cli/Help.java",
            "cli/Hints.java",
            "spec/Errno.java",
            "spec/ResultWords.java",
            "spec/CollectedFiles.java",
            "internal/cgroup/CgroupProbe.java",
            "internal/dns/Query.java",
            "internal/dns/Upstream.java",
            "internal/egress/Named.java",
            "internal/files/Collect.java",
            "internal/host/HostProbe.java",
            "internal/json/JsonValue.java",
            "internal/launch/Description.java",
            "internal/launch/FencedWalls.java",
            "internal/launch/Walls.java",
            "internal/net/FirewallProbe.java",
            "internal/net/Subnet.java",
            "internal/plan/Op.java",
            "internal/userns/SubordinateRange.java");

    private ErrorTexts() {}

    /** Each text, and the file that has it. */
    static Map<String, Path> all() throws IOException {
        List<Path> sources;
        try (Stream<Path> files = Files.walk(SOURCES)) {
            sources = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !FILES.contains(PACKAGE.relativize(file).toString()))
                    .sorted()
                    .toList();
        }
        Map<String, Path> texts = new LinkedHashMap<>();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask)
                    compiler.getTask(null, files, null, null, null, files.getJavaFileObjectsFromPaths(sources));
            for (CompilationUnitTree unit : task.parse()) {
                new Literals(Path.of(unit.getSourceFile().getName()), texts).scan(unit, null);
            }
        }
        return texts;
    }

    /** Walks into what may be an error's words. */
    private static final class Literals extends TreeScanner<Void, Void> {
        private final Path file;
        private final Map<String, Path> texts;

        Literals(Path file, Map<String, Path> texts) {
            this.file = file;
            this.texts = texts;
        }

        @Override
        public Void visitAnnotation(AnnotationTree annotation, Void nothing) {
            return null;
        }

        @Override
        public Void visitNewClass(NewClassTree made, Void nothing) {
            return EXCEPTIONS.contains(made.getIdentifier().toString()) ? null : super.visitNewClass(made, nothing);
        }

        @Override
        public Void visitMethodInvocation(MethodInvocationTree call, Void nothing) {
            String select = call.getMethodSelect().toString();
            String name = select.substring(select.lastIndexOf('.') + 1);
            return CALLS.contains(name) || CALLS.contains(select) ? null : super.visitMethodInvocation(call, nothing);
        }

        @Override
        public Void visitLiteral(LiteralTree literal, Void nothing) {
            if (literal.getValue() instanceof String text) {
                add(text);
            }
            return null;
        }

        @Override
        public Void visitBinary(BinaryTree binary, Void nothing) {
            if (binary.getKind() != Tree.Kind.PLUS) {
                return super.visitBinary(binary, nothing);
            }
            StringBuilder piece = new StringBuilder();
            for (ExpressionTree operand : operands(binary)) {
                if (operand instanceof LiteralTree literal && literal.getValue() instanceof String text) {
                    piece.append(text);
                } else {
                    add(piece.toString());
                    piece.setLength(0);
                    scan(operand, nothing);
                }
            }
            add(piece.toString());
            return null;
        }

        private static List<ExpressionTree> operands(ExpressionTree tree) {
            if (tree instanceof BinaryTree sum && sum.getKind() == Tree.Kind.PLUS) {
                List<ExpressionTree> all = new ArrayList<>(operands(sum.getLeftOperand()));
                all.add(sum.getRightOperand());
                return all;
            }
            return List.of(tree);
        }

        private void add(String piece) {
            String text = piece.strip();
            if (WORD.matcher(text).results().count() >= FEWEST_WORDS) {
                texts.putIfAbsent(text, file);
            }
        }
    }
}
