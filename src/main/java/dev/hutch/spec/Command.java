// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is run in a sandbox: a program with its arguments, environment, directory and input. Immutable.
 *
 * @since 0.1
 */
public final class Command {
    private final List<String> arguments;
    private final Map<String, String> environment;
    private final @Nullable Path directory;
    private final byte[] input;
    private final boolean mergeError;
    private final Size capture;
    private final Stdio stdin;
    private final Stdio stdout;
    private final Stdio stderr;

    private Command(Builder builder) {
        arguments = List.copyOf(builder.arguments);
        environment = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(builder.environment));
        directory = builder.directory;
        input = builder.input;
        mergeError = builder.mergeError;
        capture = builder.capture;
        stdin = builder.stdin;
        stdout = builder.stdout;
        stderr = builder.stderr;
    }

    /** A program and its arguments; without a slash the program is looked for along PATH inside the sandbox. */
    public static Command of(String... arguments) {
        return builder(arguments).build();
    }

    /** The same, to be said more about. */
    public static Builder builder(String... arguments) {
        return new Builder(List.of(arguments));
    }

    /** A command line for {@code /bin/sh -c}. */
    public static Command shell(String line) {
        return of("/bin/sh", "-c", line);
    }

    public Builder toBuilder() {
        Builder builder = new Builder(arguments);
        builder.environment.putAll(environment);
        builder.directory = directory;
        builder.input = input;
        builder.mergeError = mergeError;
        builder.capture = capture;
        builder.stdin = stdin;
        builder.stdout = stdout;
        builder.stderr = stderr;
        return builder;
    }

    public List<String> arguments() {
        return arguments;
    }

    /** What is added to, or put in place of, the default environment. */
    public Map<String, String> environment() {
        return environment;
    }

    /** Where it starts, inside; empty for the home or the workspace. */
    public Optional<Path> directory() {
        return Optional.ofNullable(directory);
    }

    /** Standard input for {@code run}; empty for the null device. A copy. */
    public byte[] input() {
        return input.clone();
    }

    /** Whether standard error goes where standard output goes, in true order. */
    public boolean mergeError() {
        return mergeError;
    }

    /** How much of each output stream {@code run} keeps: half from the beginning, half from the end. */
    public Size capture() {
        return capture;
    }

    public Stdio stdin() {
        return stdin;
    }

    public Stdio stdout() {
        return stdout;
    }

    public Stdio stderr() {
        return stderr;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Command that
                && arguments.equals(that.arguments)
                && environment.equals(that.environment)
                && java.util.Objects.equals(directory, that.directory)
                && Arrays.equals(input, that.input)
                && mergeError == that.mergeError
                && capture.equals(that.capture)
                && stdin.equals(that.stdin)
                && stdout.equals(that.stdout)
                && stderr.equals(that.stderr);
    }

    @Override
    public int hashCode() {
        return arguments.hashCode();
    }

    @Override
    public String toString() {
        return String.join(" ", arguments);
    }

    /** Each setter checks its own value. Not thread-safe. */
    public static final class Builder {
        private final List<String> arguments;
        private final Map<String, String> environment = new LinkedHashMap<>();
        private @Nullable Path directory;
        private byte[] input = new byte[0];
        private boolean mergeError;
        private Size capture = Size.mebibytes(16);
        private Stdio stdin = Stdio.PIPE;
        private Stdio stdout = Stdio.PIPE;
        private Stdio stderr = Stdio.PIPE;

        private Builder(List<String> arguments) {
            if (arguments.isEmpty() || arguments.get(0).isEmpty()) {
                throw new IllegalArgumentException("the command is empty");
            }
            arguments.forEach(argument -> Paths.noNul("argument '" + argument.replace("\0", "\\0") + "'", argument));
            this.arguments = arguments;
        }

        /** Adds a variable; a name is not empty and has no {@code =}. */
        public Builder environment(String name, String value) {
            if (name.isEmpty() || name.indexOf('=') >= 0) {
                throw new IllegalArgumentException("environment variable name '" + name + "' is empty or contains =");
            }
            environment.put(Paths.noNul("environment name", name), Paths.noNul("environment variable " + name, value));
            return this;
        }

        public Builder environment(Map<String, String> variables) {
            variables.forEach(this::environment);
            return this;
        }

        /** Where it starts: absolute, inside, and not through a file descriptor of /proc. */
        public Builder directory(Path inside) {
            Paths.absolute("working directory", inside);
            if (inside.startsWith("/proc")) {
                throw new IllegalArgumentException("working directory '" + inside + "' is in /proc");
            }
            directory = inside.normalize();
            return this;
        }

        public Builder input(byte[] bytes) {
            input = bytes.clone();
            return this;
        }

        /** As UTF-8. */
        public Builder input(String text) {
            return input(text.getBytes(StandardCharsets.UTF_8));
        }

        public Builder mergeError(boolean merge) {
            mergeError = merge;
            return this;
        }

        /** Default 16 MiB; 2 bytes to 512 MiB. */
        public Builder capture(Size bound) {
            Range.check("capture", bound.bytes(), 2, 512L << 20);
            capture = bound;
            return this;
        }

        public Builder stdin(Stdio from) {
            stdin = from;
            return this;
        }

        public Builder stdout(Stdio to) {
            stdout = to;
            return this;
        }

        public Builder stderr(Stdio to) {
            stderr = to;
            return this;
        }

        public Command build() {
            return new Command(this);
        }
    }
}
