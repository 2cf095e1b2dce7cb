// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.spec.User;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The encoder, held against a decoder that reads the C header's table. */
class PlanPartTest {
    private static final Op TREE =
            Op.mountTree(new FdSource.Tree(Path.of("/usr"), true, 1, FdSource.Owner.AS_IS), "usr", Op.RECURSIVE);

    @Test
    void everyOpComesBackAsItWasSaid() {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("mode", "755");
        options.put("userxattr", "");
        List<Op> ops = List.of(
                Op.ownMountNamespace(),
                Op.sethostname("brave-otter"),
                Op.netlink(0, "\1\2\3".getBytes(StandardCharsets.UTF_8), "lo up"),
                Op.mountPrivate(),
                Op.mountFs("tmpfs", "", options, Op.NOSUID, Op.AS_ROOT),
                Op.mountTree("/bin", "bin", Op.RDONLY, Op.RECURSIVE),
                TREE,
                Op.mountDevice("/dev/null", "dev/null", 0x103),
                Op.mountSetattr("etc", Op.RDONLY, 0),
                Op.mask("proc/kcore", 0x103),
                Op.mkdir("home", "us\u00e9r", 0755, Op.MAY_EXIST),
                Op.symlink("var", "tmp", "/tmp"),
                Op.writeFile("etc", "hosts", "127.0.0.1\n".getBytes(StandardCharsets.UTF_8), 0644, 0),
                Op.writeFile("etc", "empty", new byte[0], 0644, 0),
                Op.writeProc("proc/sys/x", "0", Op.IF_EXISTS),
                Op.pivotRoot(),
                Op.ready(),
                Op.timeOffsets("monotonic 1 0\n"),
                Op.stream(2),
                Op.setIds(new User(4294967294L, 4294967293L, List.of(5L, 4294967294L))),
                Op.setIds(User.of(0)),
                Op.capset(1L << 40, 0),
                Op.seccomp(new byte[16]),
                Op.execve(List.of("/bin/a", "./a"), List.of("a", "", "c d"), List.of()));

        PlanPart part = new PlanPart(ops);
        DecodedPart decoded = DecodedPart.of(part);

        assertThat(decoded.magic()).isEqualTo(PlanPart.MAGIC);
        assertThat(decoded.size()).isEqualTo(part.bytes().limit());
        assertThat(part.bytes().get(part.bytes().limit() - 1))
                .as("the byte that ends every string")
                .isZero();
        assertThat(decoded.ops()).hasSameSizeAs(ops);
        int fd = 0;
        for (int i = 0; i < ops.size(); i++) {
            Op op = ops.get(i);
            DecodedPart.DecodedOp back = decoded.ops().get(i);
            assertThat(back.code()).isEqualTo(op.code());
            assertThat(back.fd()).as(op.words()).isEqualTo(op.fd() == null ? DecodedPart.NO_FD : fd++);
            assertThat(back.flags()).isEqualTo(op.flags());
            assertThat(back.num0()).isEqualTo(op.num0());
            assertThat(back.num1()).isEqualTo(op.num1());
            assertThat(back.length()).isEqualTo(op.length());
            assertThat(Arrays.deepEquals(back.operands().toArray(), operands(op)))
                    .as("%s: %s", op.words(), back.operands())
                    .isTrue();
        }
        assertThat(part.fds()).containsExactly(TREE.fd(), new FdSource.Stream(2));
    }

    private static Object[] operands(Op op) {
        return new Object[] {op.first(), op.second(), op.third()};
    }

    @Test
    void aPartThatIsTooLargeForAMessageSaysThatItComesAsAMemoryFile() {
        assertThat(DecodedPart.of(new PlanPart(List.of(Op.chdir("/")))).inMemory())
                .isFalse();
        assertThat(DecodedPart.of(new PlanPart(List.of(Op.seccomp(new byte[64 * 1024]))))
                        .inMemory())
                .isTrue();
    }

    @Test
    void aListOfOpsWithFewDescriptorsIsOnePart() {
        List<Op> ops = new ArrayList<>(List.of(Op.mountPrivate(), TREE, Op.ready()));

        assertThat(PlanPart.split(ops))
                .singleElement()
                .satisfies(part -> assertThat(part.ops()).isEqualTo(ops));
    }

    @Test
    void noPartCarriesMoreDescriptorsThanOneMessageAndItsMemoryFileLeaveRoomFor() {
        List<Op> ops = new ArrayList<>();
        IntStream.range(0, 2000).forEach(i -> ops.add(TREE));
        ops.add(Op.ready());

        List<PlanPart> parts = PlanPart.split(ops);

        assertThat(parts).hasSize(8);
        assertThat(parts).allSatisfy(part -> {
            assertThat(part.fds()).hasSizeLessThan(PlanPart.MAX_FDS);
            assertThat(part.ops().get(part.ops().size() - 1)).isEqualTo(Op.ready());
            assertThat(part.ops()).filteredOn(op -> op.code() == OpCode.READY).hasSize(1);
        });
        assertThat(parts.stream().mapToInt(part -> part.fds().size()).sum()).isEqualTo(2000);
    }

    @Test
    void aPartOfMoreDescriptorsThanAMessageTakesIsRefused() {
        List<Op> ops = new ArrayList<>();
        IntStream.rangeClosed(0, PlanPart.MAX_FDS).forEach(i -> ops.add(TREE));

        assertThatThrownBy(() -> new PlanPart(ops))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("254 descriptors");
    }
}
