// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * A profile as libseccomp compiles it. Where rules of one call have different actions libseccomp keeps no order, so they
 * are given to it in layers of rules with one action each; a layer that has no say returns {@link #NO_SAY}.
 */
public final class LibseccompOracle {
    private static final int NO_SAY = 0x7ff0_7777;

    private final Path program;

    private LibseccompOracle(Path program) {
        this.program = program;
    }

    /** Compiles the C program; skips the test by name where libseccomp isn't installed. */
    public static LibseccompOracle build(Path dir) throws IOException, InterruptedException {
        assumeTrue(Files.exists(Path.of("/usr/include/seccomp.h")), "libseccomp is not installed (libseccomp-dev)");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/cc")), "no C compiler is installed (gcc)");
        Path program = dir.resolve("seccomp_oracle");
        run(
                new byte[0],
                null,
                "/usr/bin/cc",
                "-O1",
                "-o",
                program.toString(),
                "src/test/c/seccomp_oracle.c",
                "-lseccomp");
        return new LibseccompOracle(program);
    }

    /** The layers, first one first, and the calls that this libseccomp doesn't know. */
    public record Filter(List<BpfInterpreter> layers, int otherwise, Set<String> unknown) {
        public int run(int auditArch, int number, long[] args) {
            for (BpfInterpreter layer : layers) {
                int verdict = layer.run(auditArch, number, args);
                if (verdict != NO_SAY) {
                    return verdict;
                }
            }
            return otherwise;
        }
    }

    public Filter compile(Profile profile, Circumstances now) throws IOException, InterruptedException {
        SyscallTable table = SyscallTable.of(now.architecture());
        List<StringBuilder> layers = new ArrayList<>();
        TreeMap<String, List<Profile.Rule>> byName = new TreeMap<>();
        for (Profile.Rule rule : profile.rules()) {
            for (String name : new HashSet<>(rule.names())) {
                if (rule.holds(now) && table.number(name).isPresent()) {
                    byName.computeIfAbsent(name, any -> new ArrayList<>()).add(rule);
                }
            }
        }
        byName.forEach((name, rules) -> layer(layers, name, table.number(name).getAsInt(), rules));
        List<BpfInterpreter> filters = new ArrayList<>();
        Set<String> unknown = new HashSet<>();
        for (StringBuilder layer : layers) {
            String lines = "arch " + (now.architecture() == Architecture.X86_64 ? "x86_64" : "aarch64") + "\ndefault "
                    + Integer.toHexString(NO_SAY) + "\n" + layer;
            filters.add(new BpfInterpreter(
                    run(lines.getBytes(StandardCharsets.US_ASCII), unknown, program.toString(), "compile")));
        }
        return new Filter(filters, profile.defaultAction().code(), unknown);
    }

    /** The errno of each call under the filter, made by a process of its own. */
    public List<Integer> tryCalls(byte[] filter, List<String> calls) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program.toString(), "try"));
        command.addAll(calls);
        byte[] out = run(filter, null, command.toArray(String[]::new));
        return new String(out, StandardCharsets.US_ASCII)
                .lines()
                .map(Integer::valueOf)
                .toList();
    }

    private static void layer(List<StringBuilder> layers, String name, int number, List<Profile.Rule> rules) {
        int layer = -1;
        Action last = null;
        for (Profile.Rule rule : rules) {
            if (!rule.action().equals(last)) {
                layer++;
                last = rule.action();
            }
            if (layer == layers.size()) {
                layers.add(new StringBuilder());
            }
            StringBuilder lines = layers.get(layer);
            lines.append("rule ")
                    .append(name)
                    .append(' ')
                    .append(Integer.toHexString(number))
                    .append(' ');
            lines.append(Integer.toHexString(rule.action().code()));
            for (Condition condition : rule.args()) {
                lines.append(' ')
                        .append(condition.index())
                        .append(' ')
                        .append(condition.operator().ordinal() + 1);
                lines.append(' ').append(Long.toHexString(condition.value()));
                lines.append(' ').append(Long.toHexString(condition.valueTwo()));
            }
            lines.append('\n');
            if (rule.args().isEmpty()) {
                return;
            }
        }
    }

    /** @param errors where the lines on standard error go; null where there must be none */
    private static byte[] run(byte[] input, Set<String> errors, String... command)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).start();
        process.getOutputStream().write(input);
        process.getOutputStream().close();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        process.getInputStream().transferTo(out);
        List<String> lines = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        if (process.waitFor() != 0 || (errors == null && !lines.isEmpty())) {
            throw new IOException(Arrays.toString(command) + ": " + lines);
        }
        if (errors != null) {
            errors.addAll(lines);
        }
        return out.toByteArray();
    }
}
