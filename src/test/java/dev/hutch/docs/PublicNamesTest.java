// SPDX-License-Identifier: Apache-2.0
package dev.hutch.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.Name;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** Every name that users see has its javadoc, and every package says what null means in it. */
class PublicNamesTest {
    private static final Path SOURCES = Path.of("src/main/java");
    private static final List<String> EXPORTED = List.of("dev/hutch", "dev/hutch/spec", "dev/hutch/testing");

    @Test
    void everyPublicNameHasItsJavadoc() throws IOException {
        Set<String> bare = new TreeSet<>();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask)
                    compiler.getTask(null, files, null, null, null, files.getJavaFileObjectsFromPaths(exported()));
            DocTrees docs = DocTrees.instance(task);
            for (CompilationUnitTree unit : task.parse()) {
                new Names(docs, bare).scan(unit, null);
            }
        }

        assertThat(bare).as("public or protected, and without javadoc").isEmpty();
    }

    @Test
    void everyPackageIsNullMarked() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            assertThat(files.filter(PublicNamesTest::isSource)
                            .map(Path::getParent)
                            .distinct())
                    .hasSizeGreaterThan(EXPORTED.size())
                    .allSatisfy(folder -> assertThat(folder.resolve("package-info.java"))
                            .content()
                            .contains("@NullMarked"));
        }
    }

    private static List<Path> exported() throws IOException {
        List<Path> all = new ArrayList<>();
        for (String folder : EXPORTED) {
            try (Stream<Path> files = Files.list(SOURCES.resolve(folder))) {
                files.filter(PublicNamesTest::isSource).forEach(all::add);
            }
        }
        return all;
    }

    private static boolean isSource(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".java") && !name.equals("package-info.java") && !name.equals("module-info.java");
    }

    /** Walks into what is visible only. */
    private static final class Names extends TreePathScanner<Void, Void> {
        private final DocTrees docs;
        private final Set<String> bare;

        Names(DocTrees docs, Set<String> bare) {
            this.docs = docs;
            this.bare = bare;
        }

        @Override
        public Void visitClass(ClassTree type, Void none) {
            if (isVisible(type.getModifiers())) {
                need(type.getSimpleName().toString());
                super.visitClass(type, none);
            }
            return null;
        }

        /** A compact constructor has nothing to say that the record doesn't say of its components. */
        @Override
        public Void visitMethod(MethodTree method, Void none) {
            boolean inherits = method.getModifiers().getAnnotations().stream()
                    .anyMatch(each -> each.getAnnotationType().toString().equals("Override"));
            boolean compact = method.getName().contentEquals("<init>")
                    && names(method.getParameters()).equals(components(owner()));
            if (isVisible(method.getModifiers()) && !inherits && !compact) {
                need(method.getName() + "()");
            }
            return null;
        }

        @Override
        public Void visitVariable(VariableTree field, Void none) {
            if (components(owner()).contains(field.getName())) {
                String record =
                        String.valueOf(docs.getDocComment(getCurrentPath().getParentPath()));
                if (!record.matches("(?s).*@param\\s+" + field.getName() + "\\s.*")) {
                    bare.add(owner().getSimpleName() + ": @param " + field.getName());
                }
            } else if (isVisible(field.getModifiers())) {
                need(field.getName().toString());
            }
            return null;
        }

        private static List<Name> components(ClassTree type) {
            return type.getKind() != Tree.Kind.RECORD
                    ? List.of()
                    : names(type.getMembers().stream()
                            .filter(VariableTree.class::isInstance)
                            .map(VariableTree.class::cast)
                            .filter(field -> !field.getModifiers().getFlags().contains(Modifier.STATIC))
                            .toList());
        }

        private static List<Name> names(List<? extends VariableTree> variables) {
            return variables.stream().map(VariableTree::getName).toList();
        }

        private ClassTree owner() {
            return (ClassTree) getCurrentPath().getParentPath().getLeaf();
        }

        /** All that an interface has is public. */
        private boolean isVisible(ModifiersTree modifiers) {
            return modifiers.getFlags().contains(Modifier.PUBLIC)
                    || modifiers.getFlags().contains(Modifier.PROTECTED)
                    || getCurrentPath().getParentPath().getLeaf().getKind() == Tree.Kind.INTERFACE;
        }

        private void need(String name) {
            if (docs.getDocComment(getCurrentPath()) == null) {
                Tree outer = getCurrentPath().getParentPath().getLeaf();
                bare.add((outer instanceof ClassTree type ? type.getSimpleName() + "." : "") + name);
            }
        }
    }
}
