// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import dev.hutch.spec.Allow;
import dev.hutch.spec.SandboxException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * The filter of most launches, compiled when Hutch is built: a JVM's first launch would need 40 ms to read the profile and
 * compile it. It holds for every version of the kernel, as the profile names none.
 */
public final class DefaultFilter {
    private static final Set<Allow> USUAL = Set.of(Allow.UNIX_SOCKETS);

    private DefaultFilter() {}

    /** Called by the build: writes it for each architecture into a folder. */
    public static void main(String[] arguments) throws IOException {
        for (Architecture architecture : Architecture.values()) {
            Files.write(Path.of(arguments[0], name(architecture)), compile(architecture));
        }
    }

    static byte[] compile(Architecture architecture) throws SandboxException {
        return SeccompFilters.compileDefault(new Circumstances(architecture, Set.of(), USUAL, true, 0, 0));
    }

    /** Empty where something was asked for that most launches don't, or the jar was not built by Hutch's own build. */
    static Optional<byte[]> of(Circumstances now) {
        if (!now.capabilities().isEmpty() || !now.allow().equals(USUAL) || !now.init()) {
            return Optional.empty();
        }
        try (InputStream in = DefaultFilter.class.getResourceAsStream(name(now.architecture()))) {
            return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(Architecture architecture) {
        return architecture == Architecture.X86_64 ? "default-x86_64.bpf" : "default-aarch64.bpf";
    }
}
