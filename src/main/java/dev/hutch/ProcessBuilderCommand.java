// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.spec.Command;
import dev.hutch.spec.Stdio;
import java.io.File;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.Map;

/** Reads a {@link ProcessBuilder} as a command for a sandbox. */
final class ProcessBuilderCommand {
    private static final Path NULL_DEVICE = Path.of("/dev/null");

    private ProcessBuilderCommand() {}

    /**
     * @param own this process's environment: what the builder has of it without a change stays outside, since it may hold
     *     secrets and speaks of another file system
     */
    static Command of(ProcessBuilder builder, Map<String, String> own) {
        Command.Builder command = Command.builder(builder.command().toArray(String[]::new))
                .mergeError(builder.redirectErrorStream())
                .stdin(stdio(builder.redirectInput()))
                .stdout(stdio(builder.redirectOutput()))
                .stderr(stdio(builder.redirectError()));
        builder.environment().forEach((name, value) -> {
            if (!value.equals(own.get(name))) {
                command.environment(name, value);
            }
        });
        File directory = builder.directory();
        return directory == null
                ? command.build()
                : command.directory(directory.toPath().toAbsolutePath()).build();
    }

    private static Stdio stdio(Redirect redirect) {
        return switch (redirect.type()) {
            case PIPE -> Stdio.PIPE;
            case INHERIT -> Stdio.INHERIT;
            case READ, WRITE, APPEND -> file(redirect);
        };
    }

    private static Stdio file(Redirect redirect) {
        File file = redirect.file();
        if (file == null) {
            throw new IllegalArgumentException("redirect " + redirect + " names no file");
        }
        Path path = file.toPath().toAbsolutePath();
        return path.equals(NULL_DEVICE) ? Stdio.DISCARD : new Stdio.File(path, redirect.type() == Redirect.Type.APPEND);
    }
}
