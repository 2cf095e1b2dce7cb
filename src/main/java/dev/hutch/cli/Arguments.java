// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Stack;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;

/**
 * Picocli set up by hand, without annotations and without type conversion: each option applies its own value, in the order
 * of the command line, which matters to mounts. Options end at the first argument that is none, at {@code --}, and at
 * {@code -c}: all that follows is the command.
 */
final class Arguments {
    private final CommandSpec spec;

    private Arguments(CommandSpec spec) {
        this.spec = spec;
    }

    /**
     * @param command hears of the command and its arguments; null for a command line that takes none
     * @param help called for {@code -h} and {@code --help}, which end the reading of options
     */
    static Arguments of(
            String name, List<Option.Group> groups, @Nullable Consumer<List<String>> command, Runnable help) {
        CommandSpec spec = CommandSpec.create().name(name);
        spec.parser().stopAtPositional(true);
        spec.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .arity("0")
                .type(boolean.class)
                .description("this help")
                .setter(setter(value -> help.run()))
                .build());
        for (Option.Group group : groups) {
            group.options().forEach(option -> spec.addOption(option.isFlag() ? flag(option) : valued(option)));
        }
        if (command != null) {
            spec.addOption(rest("-c", "COMMAND [ARGS...]", command));
            spec.addPositional(PositionalParamSpec.builder()
                    .paramLabel("COMMAND [ARGS...]")
                    .index("0..*")
                    .arity("0..*")
                    .type(List.class)
                    .auxiliaryTypes(String.class)
                    .parameterConsumer((args, arg, where) -> command.accept(drain(args)))
                    .build());
        }
        return new Arguments(spec);
    }

    CommandSpec spec() {
        return spec;
    }

    void parse(List<String> arguments) throws UsageException {
        CommandLine line = new CommandLine(spec);
        line.setExpandAtFiles(false);
        try {
            line.parseArgs(arguments.toArray(String[]::new));
        } catch (CommandLine.UnmatchedArgumentException e) {
            throw new UsageException(unmatched(e));
        } catch (ParameterException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    private static String unmatched(CommandLine.UnmatchedArgumentException e) {
        String first = e.getUnmatched().get(0);
        List<String> near = e.getSuggestions();
        if (!first.startsWith("-")) {
            return "unexpected argument '" + first + "'";
        }
        return "unknown option " + first + (near.isEmpty() ? "" : ": did you mean " + String.join(" or ", near) + "?");
    }

    private static OptionSpec flag(Option option) {
        return OptionSpec.builder(option.names().toArray(String[]::new))
                .arity("0")
                .type(boolean.class)
                .description(option.help())
                .setter(setter(value -> {
                    if (!Boolean.TRUE.equals(value)) {
                        throw new IllegalArgumentException(option.name() + " takes no value");
                    }
                    option.apply().accept("");
                }))
                .build();
    }

    /** Nothing is set before parsing: a setter that is called has met its option. */
    private static CommandLine.Model.ISetter setter(Consumer<Object> consumer) {
        return new CommandLine.Model.ISetter() {
            @Override
            @SuppressWarnings("unchecked")
            public <T> T set(T value) {
                if (value != null) {
                    consumer.accept(value);
                }
                return value;
            }
        };
    }

    private static OptionSpec valued(Option option) {
        return OptionSpec.builder(option.names().toArray(String[]::new))
                .paramLabel(option.label())
                .arity("1")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .description(option.help())
                .parameterConsumer((args, arg, where) -> apply(option, args, arg, where))
                .build();
    }

    private static void apply(Option option, Stack<String> args, ArgSpec arg, CommandSpec where) {
        if (args.isEmpty()) {
            throw new MissingParameterException(
                    where.commandLine(), arg, option.name() + " needs a value: " + option.label());
        }
        String value = args.pop();
        try {
            option.apply().accept(value);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    where.commandLine(), String.join("/", option.names()) + ": " + e.getMessage(), e);
        }
    }

    private static OptionSpec rest(String name, String label, Consumer<List<String>> taker) {
        return OptionSpec.builder(name)
                .paramLabel(label)
                .arity("1..*")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .description("the command; all that follows is its arguments")
                .parameterConsumer((args, arg, where) -> {
                    if (!args.isEmpty() && args.peek().matches("[0-9]+")) {
                        throw new ParameterException(
                                where.commandLine(),
                                "-c: this is the command: did you mean --cpu-shares " + args.peek() + "?");
                    }
                    taker.accept(drain(args));
                })
                .build();
    }

    private static List<String> drain(Stack<String> args) {
        List<String> all = new ArrayList<>(args);
        Collections.reverse(all);
        args.clear();
        return all;
    }
}
