// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
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
    private final @Nullable Consumer<String> stdoutLine;
    private final @Nullable Consumer<String> stderrLine;
    private final List<InputFile> files;
    private final List<CollectRule> collects;
    private final @Nullable Duration wallTime;
    private final @Nullable JavaProgram java;
    private final @Nullable WindowSize terminal;

    private Command(Builder builder) {
        arguments = List.copyOf(builder.arguments);
        environment = Collections.unmodifiableMap(new LinkedHashMap<>(builder.environment));
        directory = builder.directory;
        input = builder.input;
        mergeError = builder.mergeError;
        capture = builder.capture;
        stdin = builder.stdin;
        stdout = builder.stdout;
        stderr = builder.stderr;
        stdoutLine = builder.stdoutLine;
        stderrLine = builder.stderrLine;
        files = List.copyOf(builder.files);
        collects = List.copyOf(builder.collects);
        wallTime = builder.wallTime;
        java = builder.java;
        terminal = builder.terminal;
    }

    /** A program and its arguments; without a slash the program is looked for along PATH inside the sandbox. */
    public static Command of(String... arguments) {
        return builder(arguments).build();
    }

    /** The same from a list, as {@link ProcessBuilder} takes it. */
    public static Command of(List<String> arguments) {
        return builder(arguments).build();
    }

    /** A program and its arguments, to be said more about. */
    public static Builder builder(String... arguments) {
        return builder(List.of(arguments));
    }

    /** The same from a list. */
    public static Builder builder(List<String> arguments) {
        return new Builder(List.copyOf(arguments));
    }

    /** A command line for {@code /bin/sh -c}. */
    public static Command shell(String line) {
        return of("/bin/sh", "-c", line);
    }

    /**
     * A Java program on the JDK that runs this JVM, or another of the host's. JDK, class path and module path are mounted
     * read-only below {@code /run/hutch}, for this command only; a JDK below {@code /usr} stays there where the sandbox
     * has the view of the host. They must be readable for everybody, or for the user inside. A pool serves it, and a
     * session runs it, where the sandbox has these mounts already ({@code Sandbox.Builder.mountJava}); no stock does.
     *
     * <p>The heap is fitted to the memory limit: half of it below 256 MiB, else seven tenths; an option such as {@code
     * -Xmx} of the program's own is left alone. The processors that the JVM sees are as many as its threads find room for
     * in the limit of tasks. A full heap ends the JVM with exit code 3 and a line about it on standard output
     * (-XX:+ExitOnOutOfMemoryError); {@link Outcome.OutOfMemory} is the limit of the sandbox alone.
     *
     * <p>{@link Command#arguments} are those of a java command on the host; to see the ones inside, ask {@code
     * Sandbox.plan}.
     */
    public static Command java(JavaProgram program) {
        Builder builder = new Builder(program.line());
        builder.java = program;
        return builder.build();
    }

    /** As {@link #java(JavaProgram)}, a class with a main method on the one jar or folder that it was loaded from. */
    public static Command java(Class<?> main, String... arguments) {
        return java(JavaProgram.mainClass(main).arguments(arguments).build());
    }

    /** As {@link #java(JavaProgram)}, {@code java -jar}, with nothing but that jar. */
    public static Command jar(Path jar, String... arguments) {
        return java(JavaProgram.jar(jar).arguments(arguments).build());
    }

    /** The same command, to be changed; this one stays. */
    public Builder toBuilder() {
        Builder builder = new Builder(arguments);
        builder.wallTime = wallTime;
        builder.java = java;
        builder.terminal = terminal;
        builder.environment.putAll(environment);
        builder.directory = directory;
        builder.input = input;
        builder.mergeError = mergeError;
        builder.capture = capture;
        builder.stdin = stdin;
        builder.stdout = stdout;
        builder.stderr = stderr;
        builder.stdoutLine = stdoutLine;
        builder.stderrLine = stderrLine;
        builder.files.addAll(files);
        builder.collects.addAll(collects);
        return builder;
    }

    /** The program and its arguments. */
    public List<String> arguments() {
        return arguments;
    }

    /** What is added to, or put in place of, the sandbox's environment. */
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

    /** Where standard input comes from. */
    public Stdio stdin() {
        return stdin;
    }

    /** Where standard output goes. */
    public Stdio stdout() {
        return stdout;
    }

    /** Where standard error goes, unless it is merged. */
    public Stdio stderr() {
        return stderr;
    }

    /** When this run ends at the latest, counted from execve; empty where the sandbox's wall time alone holds. */
    public Optional<Duration> wallTime() {
        return Optional.ofNullable(wallTime);
    }

    /** Who hears of each line of standard output. */
    public Optional<Consumer<String>> stdoutLine() {
        return Optional.ofNullable(stdoutLine);
    }

    /** Who hears of each line of standard error. */
    public Optional<Consumer<String>> stderrLine() {
        return Optional.ofNullable(stderrLine);
    }

    /** What is put into the workspace before the start. */
    public List<InputFile> files() {
        return files;
    }

    /** What is fetched from the workspace after the end. */
    public List<CollectRule> collects() {
        return collects;
    }

    /** The Java program that {@link #java(JavaProgram)} was given; empty for other commands. */
    public Optional<JavaProgram> java() {
        return Optional.ofNullable(java);
    }

    /** The size of the terminal's window that it starts with; empty where it has no terminal. */
    public Optional<WindowSize> terminal() {
        return Optional.ofNullable(terminal);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Command that
                && arguments.equals(that.arguments)
                && environment.equals(that.environment)
                && Objects.equals(directory, that.directory)
                && Arrays.equals(input, that.input)
                && mergeError == that.mergeError
                && capture.equals(that.capture)
                && stdin.equals(that.stdin)
                && stdout.equals(that.stdout)
                && stderr.equals(that.stderr)
                && Objects.equals(stdoutLine, that.stdoutLine)
                && Objects.equals(stderrLine, that.stderrLine)
                && files.equals(that.files)
                && collects.equals(that.collects)
                && Objects.equals(wallTime, that.wallTime)
                && Objects.equals(java, that.java)
                && Objects.equals(terminal, that.terminal);
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
        private @Nullable Consumer<String> stdoutLine;
        private @Nullable Consumer<String> stderrLine;
        private final List<InputFile> files = new ArrayList<>();
        private final List<CollectRule> collects = new ArrayList<>();
        private @Nullable Duration wallTime;
        private @Nullable JavaProgram java;
        private @Nullable WindowSize terminal;

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

        /** Adds variables, as {@link #environment(String, String)} each. */
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

        /** Standard input for {@code run}, in place of what was said of it before. */
        public Builder input(byte[] bytes) {
            input = bytes.clone();
            return stdin(Stdio.PIPE);
        }

        /** As UTF-8. */
        public Builder input(String text) {
            return input(text.getBytes(StandardCharsets.UTF_8));
        }

        /** A file of the host's as standard input for {@code run}, opened with this process's rights at each run. */
        public Builder input(Path file) {
            return stdin(new Stdio.File(file, false));
        }

        /** A Java stream as standard input for {@code run}, as {@link Stdio.Source} says; for one run. */
        public Builder input(InputStream stream) {
            return stdin(new Stdio.Source(stream));
        }

        /**
         * Whether standard error goes into the pipe of standard output, so that both come in true order, as standard
         * output; default false.
         */
        public Builder mergeError(boolean merge) {
            mergeError = merge;
            return this;
        }

        /**
         * A time limit of this run's own, from execve on; then the whole container is ended. The sandbox's wall time
         * holds as well: the shorter one counts. Default: the sandbox's alone.
         */
        public Builder wallTime(Duration limit) {
            wallTime = Range.positive("wallTime", limit);
            return this;
        }

        /** How much of each output stream {@code run} keeps; default 16 MiB, 2 bytes to 512 MiB. */
        public Builder capture(Size bound) {
            Range.check("capture", bound.bytes(), 2, 512L << 20);
            capture = bound;
            return this;
        }

        /** Where standard input comes from; default {@link Stdio#PIPE}. */
        public Builder stdin(Stdio from) {
            stdin = from;
            return this;
        }

        /**
         * Where standard output goes; default {@link Stdio#PIPE}.
         *
         * @throws IllegalArgumentException if it is a {@link Stdio.Source}, which can only be read
         */
        public Builder stdout(Stdio to) {
            stdout = output(to);
            return this;
        }

        /** As {@link #stdout(Stdio)}, of standard error. */
        public Builder stderr(Stdio to) {
            stderr = output(to);
            return this;
        }

        /**
         * Called with each line of standard output as it comes, without its line end, in the thread that runs the
         * command; besides what becomes of the output otherwise. Bytes that are no UTF-8 show as U+FFFD; a line of more
         * than 65,536 bytes comes in pieces of up to that length. While it works nothing more is read, so a slow
         * listener slows the program down. What it throws ends the sandbox, and comes out of {@code run}.
         */
        public Builder onStdoutLine(Consumer<String> listener) {
            stdoutLine = listener;
            return this;
        }

        /** As {@link #onStdoutLine}, of standard error; not where that is merged. */
        public Builder onStderrLine(Consumer<String> listener) {
            stderrLine = listener;
            return this;
        }

        /**
         * Puts a file into the workspace before the start, in place of one that is there; with {@code run} only. A
         * sandbox without a workspace gets an empty one for this run alone, on disk in {@code java.io.tmpdir}, which is
         * removed after it; in a workspace of the caller's the file stays, and in a session's home as well.
         *
         * @param inside relative to the workspace, such as {@code in/data.csv}; folders are made
         */
        public Builder file(String inside, byte[] bytes) {
            files.add(new InputFile(inside, bytes));
            return this;
        }

        /** A program at hand, such as one that was collected from the sandbox that compiled it. */
        public Builder executable(String inside, byte[] bytes) {
            files.add(new InputFile(inside, bytes, true));
            return this;
        }

        /** A text as UTF-8. */
        public Builder file(String inside, String text) {
            return file(inside, text.getBytes(StandardCharsets.UTF_8));
        }

        /** A copy of a file of the host's, read with this process's rights at each run; executable where that is. */
        public Builder file(String inside, Path source) {
            files.add(new InputFile(inside, source));
            return this;
        }

        /**
         * Fetches files from the workspace when the whole container is gone (of a session's call: its program), into {@link SandboxResult#files}; with
         * {@code run} only. Regular files only, and no symbolic link is followed anywhere on the way: what the program
         * plants leads nowhere. At most 1,000 files, no deeper than 32 folders, among the first 100,000 names; what
         * matches and is left out is named there with the reason.
         *
         * @param glob relative to the workspace, such as {@code out/*.csv}: {@code *} and {@code ?} within a name,
         *     <code>**</code> as a whole name for any number of folders
         * @param limit of all files of this glob together, up to 512 MiB
         */
        public Builder collect(String glob, Size limit) {
            collects.add(new CollectRule(glob, limit));
            return this;
        }

        /**
         * Gives it a pseudo-terminal of its own in place of the three streams: a session's controlling terminal, pty(7),
         * with echo, lines and job control. Standard output is what the terminal shows, of standard error there is
         * nothing apart; standard input is the keyboard. The end of input, which is the stream's close, is typed as ^D;
         * the output ends when no program inside has the terminal open. {@code TERM} is {@code xterm} unless it is set.
         * Standard input and error stay at {@link Stdio#PIPE}.
         *
         * @param columns of the window, 1 to 32,767
         * @param rows 1 to 32,767
         */
        public Builder terminal(int columns, int rows) {
            terminal = new WindowSize(columns, rows);
            return this;
        }

        private static Stdio output(Stdio to) {
            if (to instanceof Stdio.Source) {
                throw new IllegalArgumentException("a Java stream that is read can't take output: use onStdoutLine");
            }
            return to;
        }

        /**
         * The command.
         *
         * @throws IllegalArgumentException if parts contradict one another; the message names them
         */
        public Command build() {
            if (mergeError && stderrLine != null) {
                throw new IllegalArgumentException("standard error is merged: its lines come to onStdoutLine");
            }
            boolean piped = stdin instanceof Stdio.Pipe && stderr instanceof Stdio.Pipe;
            if (terminal != null && (!piped || stderrLine != null)) {
                throw new IllegalArgumentException(
                        "a terminal is standard input and error too: nothing else can be said of them");
            }
            return new Command(this);
        }
    }
}
