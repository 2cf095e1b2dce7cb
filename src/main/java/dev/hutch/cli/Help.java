// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import java.util.List;

/** The help texts. */
final class Help {
    private static final int COLUMN = 34;

    private Help() {}

    static String all() {
        return """
                Usage: hutch run [OPTIONS] -c COMMAND [ARGS...]
                       hutch run [OPTIONS] [--] COMMAND [ARGS...]
                       hutch network create|ls|inspect|rm|prune
                       hutch doctor
                       hutch completion bash|zsh
                       hutch --version

                Runs a program that is not trusted in a Linux container: no network, no capabilities, a filter of
                system calls, its own view of the machine, limits on memory, processes and time.

                  run         run a command (hutch run --help lists the options)
                  network     the bridge networks of this host (hutch network --help)
                  doctor      what this machine offers, what it lacks, and the cure
                  completion  a script for the shell: eval "$(hutch completion bash)\"""";
    }

    static String run(List<Option.Group> groups) {
        StringBuilder text = new StringBuilder("""
                Usage: hutch run [OPTIONS] -c COMMAND [ARGS...]
                       hutch run [OPTIONS] [--] COMMAND [ARGS...]

                All that follows -c, -- or the first word that is no option is the command and its arguments.
                """);
        for (Option.Group group : groups) {
            text.append('\n').append(group.heading()).append(":\n");
            group.options().forEach(option -> line(text, option));
        }
        return text.append("""

                Exit status: the command's; 128+N if signal N ended it; 124 out of time, 137 out of memory, 153 too much
                output; 125 Hutch failed, 126 the command can't be executed, 127 it was not found.

                Examples:
                  hutch run echo hello
                  hutch run --timeout 10s --memory 256m python3 -c 'print(6 * 7)'
                  hutch run --workspace . -- gcc -O2 -o prog prog.c
                  hutch run -m /srv/busybox -u 1000 -c /bin/sh -c 'id; ls /'
                  hutch run -it -m /srv/debian --ephemeral bash
                  hutch run --json result.json --output-limit 1m yes""").toString();
    }

    static String network(List<Option.Group> groups) {
        StringBuilder text = new StringBuilder("""
                Usage: hutch network create [OPTIONS] NAME
                       hutch network ls
                       hutch network inspect NAME
                       hutch network rm NAME...
                       hutch network prune

                The bridge networks of this host, for hutch run --network bridge:NAME. None need be made: the one that is
                named is, and goes with its last sandbox. One that was created stays until it is removed; prune removes
                all that nobody uses. Needs root.
                """);
        for (Option.Group group : groups) {
            text.append('\n').append(group.heading()).append(":\n");
            group.options().forEach(option -> line(text, option));
        }
        return text.toString().stripTrailing();
    }

    private static void line(StringBuilder text, Option option) {
        String names = String.join(", ", option.names());
        String left = "  " + (names.startsWith("--") ? "    " : "") + names
                + (option.label().isEmpty() ? "" : " " + option.label());
        text.append(left);
        if (left.length() > COLUMN - 2) {
            text.append('\n').append(" ".repeat(COLUMN));
        } else {
            text.append(" ".repeat(COLUMN - left.length()));
        }
        text.append(option.help().replace("\n", "\n" + " ".repeat(COLUMN))).append('\n');
    }
}
