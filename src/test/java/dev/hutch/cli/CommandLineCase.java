// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import java.util.List;

/** Reads a command line as {@code hutch run} does, without running anything. */
final class CommandLineCase {
    private CommandLineCase() {}

    static RunRequest read(String... words) throws UsageException {
        RunRequest request = new RunRequest();
        Arguments.of("hutch run", RunOptions.of(request), rest -> request.arguments = rest, () -> {})
                .parse(List.of(words));
        return request;
    }
}
