// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hutch.support.Need;
import dev.hutch.support.Tool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The one validator of plans, compiled from the zygote's own source with the sanitizers that see a byte too many. */
class PlanFuzz {
    private static final int ROUNDS = 1_000_000;

    @TempDir
    private Path folder;

    @BeforeEach
    void compilerIsThere() {
        assumeTrue(Need.GCC.missing().isEmpty(), "gcc is not installed");
    }

    private String compile(String name) throws IOException {
        Path program = folder.resolve(name);
        Path sources = Path.of("src", "main", "c", "zygote");
        Tool.run(
                "gcc",
                "-std=c17",
                "-g",
                "-O1",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-fsanitize=address,undefined",
                "-fno-sanitize-recover=all",
                "-I" + sources,
                "-o",
                program.toString(),
                Path.of("src", "test", "c", name + ".c").toString(),
                sources.resolve("plan.c").toString());
        return program.toString();
    }

    @Test
    void cve_2021_43784_everyLengthAndOffsetThatLeadsOutOfThePartIsRefused() throws IOException {
        assertThat(Tool.run(compile("plan_test")))
                .as("cases that were judged wrongly")
                .isEmpty();
    }

    @Test
    void whateverPassesTheCheckCanBeUsedWithoutLookingAgain() throws IOException {
        String program = compile("plan_fuzz");
        List<String> passed = new ArrayList<>();
        for (long seed : new long[] {4711, ThreadLocalRandom.current().nextLong(1L << 62)}) {
            passed.add(Tool.run(program, Integer.toString(ROUNDS / 2), Long.toString(seed))
                    .strip());
        }

        assertThat(passed)
                .as("enough parts were good ones")
                .allSatisfy(count -> assertThat(Long.parseLong(count)).isGreaterThan(ROUNDS / 20));
    }
}
