// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.jvm;

import dev.hutch.spec.Errno;
import dev.hutch.spec.JavaProgram;
import dev.hutch.spec.Limits;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * A Java program as a command line, with the mounts that it needs.
 *
 * <p>Its files keep their places below the folder that they have in common, so that what a manifest names relative to its
 * jar, by {@code ../} too, is found. A JDK in the view of the host stays where it is, for some consist of links to
 * elsewhere in it.
 */
public record JavaLine(List<String> arguments, List<Mount> mounts) {
    private static final Path APP = Path.of("/run/hutch/app");
    private static final Path JDK = Path.of("/run/hutch/jdk");
    private static final Path IN_VIEW = Path.of("/usr");

    /** For a sandbox of this spec. */
    public static JavaLine inside(JavaProgram program, SandboxSpec spec) throws SandboxException {
        List<Mount> mounts = new ArrayList<>();
        Path home = home(program);
        Path jdk = home;
        if (!(spec.rootfs() instanceof Rootfs.HostView) || !home.startsWith(IN_VIEW)) {
            mounts.add(new Mount.Bind(home, JDK, true));
            jdk = JDK;
        }
        JavaFiles files = JavaFiles.of(program);
        UnaryOperator<Path> place = UnaryOperator.identity();
        if (!files.all().isEmpty()) {
            Path common = common(files.all());
            place = path -> APP.resolve(common.relativize(path).toString());
            for (Path path : files.all()) {
                if (!isBelowAnother(path, files.all())) {
                    mounts.add(new Mount.Bind(path, place.apply(path), true));
                }
            }
        }
        return new JavaLine(arguments(program, files, spec.limits(), jdk, place), mounts);
    }

    /** The mounts that a sandbox of this spec doesn't have yet. */
    public List<Mount> missingFrom(SandboxSpec spec) {
        return mounts.stream().filter(mount -> !spec.mounts().contains(mount)).toList();
    }

    /** For this machine, without any sandbox. */
    public static List<String> here(JavaProgram program, Limits limits) throws SandboxException {
        return arguments(program, JavaFiles.of(program), limits, home(program), UnaryOperator.identity());
    }

    private static List<String> arguments(
            JavaProgram program, JavaFiles files, Limits limits, Path jdk, UnaryOperator<Path> place) {
        List<String> line = new ArrayList<>();
        line.add(jdk.resolve("bin/java").toString());
        line.addAll(JvmOptions.fitting(limits, program.options()));
        line.addAll(program.options());
        if (!files.classPath().isEmpty()) {
            line.addAll(List.of("-cp", list(files.classPath(), place)));
        }
        if (!files.modulePath().isEmpty()) {
            line.addAll(List.of("-p", list(files.modulePath(), place)));
        }
        switch (program.kind()) {
            case MAIN_CLASS -> line.add(program.main());
            case JAR ->
                line.addAll(List.of(
                        "-jar", place.apply(JavaFiles.absolute(program.main())).toString()));
            case MODULE -> line.addAll(List.of("-m", program.main()));
        }
        line.addAll(program.arguments());
        return line;
    }

    private static String list(Set<Path> paths, UnaryOperator<Path> place) {
        return paths.stream().map(path -> place.apply(path).toString()).collect(Collectors.joining(File.pathSeparator));
    }

    /** Without links: the view has the JDK itself, but not every name for it. */
    private static Path home(JavaProgram program) throws SandboxException {
        Path home = program.jdk().orElseGet(() -> Path.of(System.getProperty("java.home")));
        if (!Files.isExecutable(home.resolve("bin/java")) && !Files.isExecutable(home.resolve("bin/java.exe"))) {
            throw new SandboxException(
                    "java", home.toString(), Errno.ENOENT, "it has no bin/java: name a JDK's or JRE's folder");
        }
        try {
            return home.toRealPath();
        } catch (IOException e) {
            throw new SandboxException("java", home.toString(), "it can't be resolved", e);
        }
    }

    private static Path common(Collection<Path> paths) {
        Path common = null;
        for (Path path : paths) {
            Path folder = Objects.requireNonNull(path.getParent());
            while (common != null && !folder.startsWith(common)) {
                common = common.getParent();
            }
            common = common == null ? folder : common;
        }
        return Objects.requireNonNull(common);
    }

    private static boolean isBelowAnother(Path path, Set<Path> all) {
        for (Path folder = path.getParent(); folder != null; folder = folder.getParent()) {
            if (all.contains(folder)) {
                return true;
            }
        }
        return false;
    }
}
