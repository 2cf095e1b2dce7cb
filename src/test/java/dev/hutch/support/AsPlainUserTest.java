// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@AsPlainUser
@KernelTest(Need.PLAIN_USER)
class AsPlainUserTest {
    private boolean prepared;

    @BeforeEach
    void prepare() {
        prepared = !PlainUser.isRoot();
    }

    @Test
    void theBodyRunsWithoutRootsRights() {
        assertThat(PlainUser.isRoot()).isFalse();
        assertThatThrownBy(() -> Files.readAllBytes(Path.of("/etc/shadow"))).isInstanceOf(AccessDeniedException.class);
    }

    @Test
    void setUpRunsAsTheSameUserBeforeTheBody() {
        assertThat(prepared).isTrue();
    }

    @Test
    void theFixturesAreThereForThatUserToo(@TempDir Path folder) throws IOException {
        Inside seen = Inside.parse(Tool.run(Inside.program().toString(), "report"));

        assertThat(seen.numbers("status.Uid")).doesNotContain(0L);
        assertThat(seen.mask("CapBnd")).as("bounding set").isZero();
        assertThat(Files.writeString(folder.resolve("file"), "own")).exists();
    }

    @Test
    @KernelTest(Need.CGROUP_ANY)
    void thatUserMayMakeCgroupsInADelegatedOneAndStandsInIt() throws IOException {
        Path delegated = Delegation.here().orElseThrow();
        CgroupMachine machine = CgroupMachine.here();
        Path own = machine.directory("pids", ProcessHandle.current().pid());

        assertThat(own).hasFileName("jvm");
        assertThat(own.getParent().toString()).endsWith(delegated.toString());
        Files.delete(Files.createDirectory(own.resolveSibling("made")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"first", "second"})
    void argumentsOfATestTemplateArrive(String word) {
        assertThat(PlainUser.isRoot()).isFalse();
        assertThat(word).isIn("first", "second");
    }
}
