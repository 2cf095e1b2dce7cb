// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How often a test repeats what goes wrong now and then: a twentieth where the processor is an emulated one. */
public final class Rounds {
    private static final boolean EMULATED = cpuinfo().contains("QEMU");

    private Rounds() {}

    public static int of(int many) {
        return EMULATED ? Math.max(1, many / 20) : many;
    }

    private static String cpuinfo() {
        try {
            return Files.readString(Path.of("/proc/cpuinfo"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
