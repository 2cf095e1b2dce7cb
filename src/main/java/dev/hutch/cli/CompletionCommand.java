// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code hutch completion bash|zsh}: a script for the shell to read. */
final class CompletionCommand {
    int run(List<String> words, Console console) throws UsageException {
        if (words.size() != 1 || !words.get(0).matches("bash|zsh")) {
            throw new UsageException("usage: hutch completion bash|zsh");
        }
        CommandSpec hutch = CommandSpec.create().name("hutch");
        hutch.addSubcommand("run", new RunCommand(new WarmUp()).spec());
        CommandSpec network = CommandSpec.create();
        for (String command : List.of("create", "ls", "inspect", "rm", "prune")) {
            network.addSubcommand(command, CommandSpec.create());
        }
        hutch.addSubcommand("network", network);
        hutch.addSubcommand("doctor", CommandSpec.create());
        hutch.addSubcommand("completion", CommandSpec.create().addPositional(shells()));
        // The script takes zsh's bashcompinit where it is zsh that reads it.
        console.print(AutoComplete.bash("hutch", new CommandLine(hutch)));
        return ExitStatus.OK;
    }

    private static PositionalParamSpec shells() {
        return PositionalParamSpec.builder()
                .paramLabel("SHELL")
                .completionCandidates(List.of("bash", "zsh"))
                .build();
    }
}
