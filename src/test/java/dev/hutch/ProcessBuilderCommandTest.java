// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.spec.Command;
import dev.hutch.spec.Stdio;
import java.io.File;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProcessBuilderCommandTest {
    @Test
    void onlyChangedVariablesCross() {
        ProcessBuilder builder = new ProcessBuilder("true");
        builder.environment().clear();
        builder.environment().putAll(Map.of("KEPT", "1", "CHANGED", "2", "NEW", "3"));

        Command command = ProcessBuilderCommand.of(builder, new HashMap<>(Map.of("KEPT", "1", "CHANGED", "1")));

        assertThat(command.environment()).containsOnly(Map.entry("CHANGED", "2"), Map.entry("NEW", "3"));
    }

    @Test
    void redirectsAreReadByKind() {
        ProcessBuilder builder = new ProcessBuilder("a", "b")
                .redirectInput(new File("/in"))
                .redirectOutput(Redirect.appendTo(new File("/out")))
                .redirectError(Redirect.INHERIT);

        Command command = ProcessBuilderCommand.of(builder, Map.of());

        assertThat(command.arguments()).containsExactly("a", "b");
        assertThat(command.stdin()).isEqualTo(new Stdio.File(Path.of("/in"), false));
        assertThat(command.stdout()).isEqualTo(new Stdio.File(Path.of("/out"), true));
        assertThat(command.stderr()).isEqualTo(Stdio.INHERIT);
        assertThat(command.mergeError()).isFalse();
    }

    @Test
    void theNullDeviceIsDiscard() {
        Command command = ProcessBuilderCommand.of(
                new ProcessBuilder("a").redirectOutput(Redirect.DISCARD).redirectErrorStream(true), Map.of());

        assertThat(command.stdout()).isEqualTo(Stdio.DISCARD);
        assertThat(command.stderr()).isEqualTo(Stdio.PIPE);
        assertThat(command.mergeError()).isTrue();
    }

    @Test
    void aRelativeDirectoryIsThisProcesss() {
        Command command = ProcessBuilderCommand.of(new ProcessBuilder("a").directory(new File("here")), Map.of());

        assertThat(command.directory()).contains(Path.of("here").toAbsolutePath());
    }

    @Test
    void anEmptyCommandIsRefused() {
        assertThatThrownBy(() -> ProcessBuilderCommand.of(new ProcessBuilder(), Map.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
