// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class JavaProgramTest {
    @Test
    void readsAsACommandLineOfTheHost() {
        assertThat(Command.java(JavaProgram.mainClass("x.Main")
                                .classPath("lib/*:.:a.jar")
                                .options("-ea")
                                .arguments("-a", "b")
                                .build())
                        .arguments())
                .containsExactly("java", "-ea", "-cp", "lib/*:.:a.jar", "x.Main", "-a", "b");
        assertThat(Command.jar(Path.of("a.jar"), "b")).hasToString("java -jar a.jar b");
        assertThat(JavaProgram.module("m/x.Main").modulePath("mods").build()).hasToString("java -p mods -m m/x.Main");
    }

    @Test
    void theProgramStaysWithTheCommand() {
        Command command = Command.java(JavaProgramTest.class, "a");
        Command fed = command.toBuilder().input("b").build();

        assertThat(fed.java()).isEqualTo(command.java()).isPresent();
        assertThat(fed).isNotEqualTo(command);
        assertThat(command).isEqualTo(Command.java(JavaProgramTest.class, "a")).isNotEqualTo(Command.of("a"));
    }

    @Test
    void whatCantBeIsRefusedWhereItIsSaid() {
        assertThatThrownBy(() -> JavaProgram.mainClass(String.class)).hasMessageContaining("name the class and its");
        assertThatThrownBy(() -> JavaProgram.mainClass("-version")).hasMessageContaining("is no main class");
        assertThatThrownBy(() -> JavaProgram.jar(Path.of("a.jar")).classPath("lib"))
                .hasMessageContaining("name a main class in place of the jar");
        assertThatThrownBy(() -> JavaProgram.mainClass("M").classPath("a.jar:"))
                .hasMessageContaining("write . where all of that is meant");
        assertThatThrownBy(() -> JavaProgram.mainClass("M").classPath(Path.of("a:b")))
                .hasMessageContaining("separates its entries");
        assertThatThrownBy(() -> JavaProgram.mainClass("M").jdk(Path.of("jdk"))).hasMessageContaining("absolute");
    }
}
