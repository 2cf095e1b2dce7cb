// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Sandbox;
import dev.hutch.spec.Isolation;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Network;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FencePlanTest {
    private static final long WRITE_FILE = 2;
    private static final long READ_FILE = 4;
    private static final long TRUNCATE = 1 << 14;

    private final Sandbox.Builder builder = Sandbox.builder().isolation(Isolation.LANDLOCK);

    private static Fence fence(int version) {
        HostView view = new HostView(List.of(Path.of("/usr")), Map.of(), Map.of());
        return new Fence(version, null, Path.of("/tmp/own"), view, List.of(), new byte[8]);
    }

    private List<Op> walls(int version) {
        return FencePlan.walls(builder.build().spec(), fence(version));
    }

    private Op rule(String path) {
        return walls(7).stream()
                .filter(op -> op.code() == OpCode.LANDLOCK_RULE && path.equals(op.first()))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"1, 1fff", "2, 3fff", "3, 7fff", "4, 7fff", "5, ffff", "6, ffff", "7, ffff"})
    void eachVersionIsAskedForWhatItKnows(int version, String rights) {
        assertThat(walls(version).get(0).num0()).isEqualTo(Long.parseLong(rights, 16));
    }

    @Test
    void portsAndScopesAreAskedForSinceTheyAreThere() {
        assertThat(walls(3).get(0).num1()).isZero();
        assertThat(walls(4).get(0).num1()).isEqualTo(3);
        assertThat(walls(6).get(0).num1()).isEqualTo(3L << 32 | 3);
        builder.network(Network.HOST);
        assertThat(walls(6).get(0).num1()).isEqualTo(3L << 32);
    }

    @Test
    void noRuleHasARightThatIsNotHandled() {
        for (int version = 1; version <= 7; version++) {
            long handled = walls(version).get(0).num0();
            for (Op op : walls(version)) {
                if (op.code() == OpCode.LANDLOCK_RULE) {
                    assertThat(op.num0() & ~handled).as(op.words()).isZero();
                    assertThat(op.num0()).as(op.words()).isNotZero();
                }
            }
        }
    }

    @Test
    void whatIsMountedReadOnlyCannotBeWrittenTo(@TempDir Path folder) throws Exception {
        Path real = folder.toRealPath();
        builder.mount(new Mount.Bind(real, real, true));
        assertThat(rule(real.toString()).num0() & (WRITE_FILE | TRUNCATE | READ_FILE))
                .isEqualTo(READ_FILE);
        assertThat(rule("/usr").num0() & (WRITE_FILE | TRUNCATE | READ_FILE)).isEqualTo(READ_FILE);
        assertThat(rule("/tmp/own").num0() & WRITE_FILE).isNotZero();
    }

    @Test
    void theChildGetsPathsWithoutLinks(@TempDir Path folder) throws Exception {
        Path real = Files.createDirectory(folder.toRealPath().resolve("real"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), real);
        builder.mount(new Mount.Bind(link, link, true));

        assertThat(rule(real.toString())).isNotNull();
    }

    @Test
    void theFilterComesLast() {
        List<OpCode> codes = walls(7).stream().map(Op::code).toList();

        assertThat(codes).startsWith(OpCode.LANDLOCK_CREATE).endsWith(OpCode.LANDLOCK_RESTRICT, OpCode.SECCOMP);
    }
}
