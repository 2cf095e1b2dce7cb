// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Sandbox;
import dev.hutch.spec.Capability;
import dev.hutch.spec.IdMapping;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Network;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.TimeOffsets;
import dev.hutch.spec.User;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The order of a launch: each step where it must stand, whatever else is asked for. */
class PlanCompilerTest {
    private static final HostView VIEW =
            new HostView(List.of(Path.of("/usr")), Map.of(Path.of("/bin"), "usr/bin"), Map.of());
    private static final Host ROOT = new Host(true, VIEW, List.of("proc/kcore", "proc/sys"));
    private static final Host PLAIN = new Host(false, VIEW, List.of("proc/kcore", "proc/sys"));

    private static Launch launch(Sandbox.Builder builder) {
        return launch(builder, true, Attached.NONE);
    }

    private static Launch launch(Sandbox.Builder builder, boolean switchesIds, Attached network) {
        return Launch.before(
                        builder.build().spec(),
                        "brave-otter",
                        List.of(new IdMapping(0, 524_288, 65_536)),
                        switchesIds,
                        CgroupView.NONE,
                        network)
                .withFilter(new byte[8])
                .withCommand(List.of("sh", "-c", "true"), Map.of("PATH", "/usr/bin::/bin"), "/home/user", false);
    }

    private static List<OpCode> codes(List<Op> ops) {
        return ops.stream().map(Op::code).toList();
    }

    private static List<OpCode> surroundings(Host host, Sandbox.Builder builder) {
        return codes(PlanCompiler.surroundings(host, launch(builder)));
    }

    private static Sandbox.Builder directory(boolean readOnly, boolean ephemeral) {
        return Sandbox.builder().rootfs(new Rootfs.Directory(Path.of("/srv/root"), readOnly, ephemeral));
    }

    @Test
    void theHostsNameAndItsMountsAreLeftBeforeAnythingIsMounted() {
        for (Host host : List.of(ROOT, PLAIN)) {
            for (Sandbox.Builder builder : List.of(Sandbox.builder(), directory(true, false), directory(false, true))) {
                assertThat(surroundings(host, builder))
                        .startsWith(OpCode.SETHOSTNAME, OpCode.MOUNT_PRIVATE, OpCode.NETLINK);
            }
        }
    }

    private static Launch attached(Sandbox.Builder builder) {
        Attached network = new Attached(List.of("10.0.0.1\tgateway"), "10.0.0.2", "nameserver 127.0.0.53\n");
        return launch(builder.network(Network.bridge()), true, network);
    }

    @Test
    void theNetworkIsSetUpWhenTheSurroundingsStandAndBeforeTheRightsToItAreGivenAway() {
        Launch launch = attached(Sandbox.builder());
        List<Op> network = List.of(Op.netlink(0, new byte[16], "eth0"), Op.socket(2, 2, 0, new byte[16], false, "dns"));

        assertThat(codes(PlanCompiler.surroundings(ROOT, launch)))
                .endsWith(OpCode.PIVOT_ROOT, OpCode.READY)
                .doesNotContain(OpCode.NETLINK, OpCode.SET_IDS);
        assertThat(codes(PlanCompiler.connected(launch, network)))
                .startsWith(OpCode.NETLINK, OpCode.NETLINK, OpCode.SOCKET)
                .contains(OpCode.SET_IDS)
                .endsWith(OpCode.READY);
    }

    @Test
    void filesOfTheNetworkAreOnesOwnInTheViewOfTheHost() {
        List<String> words = PlanCompiler.surroundings(ROOT, attached(Sandbox.builder())).stream()
                .map(Op::words)
                .toList();

        assertThat(words).contains("write /run/hutch/hosts", "write /run/hutch/resolv.conf");
    }

    @Test
    void filesOfTheNetworkAreMountedOverThoseOfAFolderAndItsLinksAreNotFollowed() {
        List<Op> ops = PlanCompiler.surroundings(ROOT, attached(directory(true, false)));

        assertThat(ops)
                .filteredOn(op -> op.words().contains("on /etc/"))
                .hasSize(2)
                .allSatisfy(op -> {
                    assertThat(op.flags()).isEqualTo(Op.SOURCE_IN_ROOT | Op.NO_SYMLINKS);
                    assertThat(op.num0() & Op.RDONLY).isEqualTo(Op.RDONLY);
                });
        assertThat(ops.stream().map(Op::words).toList())
                .as("where they are staged is covered")
                .containsSubsequence("bind tmp/resolv.conf on /etc/resolv.conf", "mount tmpfs on /tmp");
    }

    @Test
    void underALayerInMemoryTheyAreWritten() {
        List<Op> ops = PlanCompiler.surroundings(ROOT, attached(directory(false, true)));

        assertThat(ops)
                .filteredOn(op -> op.words().startsWith("write /etc/"))
                .extracting(Op::flags)
                .containsExactly(Op.REPLACE | Op.NO_SYMLINKS, Op.REPLACE | Op.NO_SYMLINKS);
    }

    @Test
    void everyMountStandsBeforeThePivotAndNoneAfter() {
        for (Host host : List.of(ROOT, PLAIN)) {
            for (Sandbox.Builder builder : List.of(Sandbox.builder(), directory(true, false), directory(false, true))) {
                List<OpCode> codes = surroundings(host, builder);
                int pivot = codes.indexOf(OpCode.PIVOT_ROOT);

                assertThat(pivot).isPositive();
                assertThat(codes.subList(pivot, codes.size()))
                        .doesNotContain(OpCode.MOUNT_FS, OpCode.MOUNT_TREE, OpCode.MASK, OpCode.MOUNT_SETATTR);
                assertThat(codes).endsWith(OpCode.READY).containsOnlyOnce(OpCode.READY, OpCode.PIVOT_ROOT);
            }
        }
    }

    @Test
    void theIdsAreTakenAfterThePivotAndOnlyThenAreCapabilitiesGivenUp() {
        List<OpCode> codes = surroundings(ROOT, Sandbox.builder());

        assertThat(codes.subList(codes.indexOf(OpCode.PIVOT_ROOT), codes.size()))
                .containsSubsequence(
                        OpCode.PIVOT_ROOT,
                        OpCode.BOUNDING,
                        OpCode.PRCTL,
                        OpCode.SET_IDS,
                        OpCode.CAPSET,
                        OpCode.PRCTL,
                        OpCode.READY);
    }

    @Test
    void aSingleIdMapHasNoOtherIdsToTake() {
        Launch single = launch(Sandbox.builder(), false, Attached.NONE);

        assertThat(codes(PlanCompiler.surroundings(PLAIN, single)))
                .doesNotContain(OpCode.SET_IDS)
                .contains(OpCode.CAPSET);
    }

    @Test
    void withoutAUserNamespaceTheCommandTakesItsIdsWhenItsRlimitsAreSet() {
        Launch launch = launch(Sandbox.builder().hostNamespace(Namespace.USER));

        assertThat(codes(PlanCompiler.surroundings(ROOT, launch))).doesNotContain(OpCode.SET_IDS, OpCode.CAPSET);
        assertThat(codes(PlanCompiler.command(launch)))
                .containsSubsequence(OpCode.SET_IDS, OpCode.CAPSET, OpCode.DUP2, OpCode.SECCOMP, OpCode.EXECVE);
    }

    @Test
    void whoJoinsMountsNothingAndBecomesTheUserInsideAsTheFirstCommandDid() {
        Sandbox.Builder builder = Sandbox.builder()
                .capabilities(Set.of(Capability.CHOWN))
                .timeOffsets(new TimeOffsets(Duration.ofHours(1), Duration.ZERO));
        List<Op> all = PlanCompiler.surroundings(ROOT, launch(builder));
        List<Op> joined = PlanCompiler.joined(launch(builder), false);

        assertThat(new PlanPart(joined).bytes())
                .isEqualTo(new PlanPart(all.subList(all.size() - joined.size(), all.size())).bytes());
        assertThat(codes(joined))
                .startsWith(OpCode.BOUNDING)
                .endsWith(OpCode.READY)
                .doesNotContain(OpCode.TIME_OFFSETS);
    }

    @Test
    void withoutAUserNamespaceWhoJoinsBecomesTheUserInsideAtOnceOnlyWhereNoCommandFollows() {
        Launch launch = launch(Sandbox.builder().hostNamespace(Namespace.USER));

        assertThat(codes(PlanCompiler.joined(launch, false))).containsExactly(OpCode.READY);
        assertThat(codes(PlanCompiler.joined(launch, true))).contains(OpCode.SET_IDS, OpCode.CAPSET);
    }

    @Test
    void theHelpersDescriptorIsTakenWhenNoOtherIsNeededAndIsClosedByExecve() {
        List<Op> command = PlanCompiler.ofHelper(PlanCompiler.command(launch(Sandbox.builder())));

        assertThat(codes(command))
                .containsSubsequence(OpCode.CHDIR, OpCode.DUP2, OpCode.CLOSE_ON_EXEC, OpCode.SECCOMP, OpCode.EXECVE);
        assertThat(command.get(command.size() - 1).first()).isEqualTo(List.of("/proc/self/fd/3"));
    }

    @Test
    void theCommandGetsItsStreamsAndItsFolderAndTheFilterIsTheLastBeforeExecve() {
        assertThat(codes(PlanCompiler.command(launch(Sandbox.builder()))))
                .containsExactly(
                        OpCode.DUP2,
                        OpCode.DUP2,
                        OpCode.DUP2,
                        OpCode.SETSID,
                        OpCode.CHDIR,
                        OpCode.UNBLOCK_SIGNALS,
                        OpCode.CLOSE_ON_EXEC,
                        OpCode.SECCOMP,
                        OpCode.EXECVE);
    }

    @Test
    void aProgramWithoutASlashIsTriedAlongThePathInsideAndAnEmptyEntryIsTheCurrentFolder() {
        List<Op> command = PlanCompiler.command(launch(Sandbox.builder()));

        assertThat(command.get(command.size() - 1).first()).isEqualTo(List.of("/usr/bin/sh", "./sh", "/bin/sh"));
    }

    @Test
    void withoutAnInitOfItsOwnTheCommandDiesWithItsGuardOnceItsIdsCannotClearThat() {
        for (Sandbox.Builder builder :
                List.of(Sandbox.builder().init(false), Sandbox.builder().hostNamespace(Namespace.PID))) {
            List<Op> ops = PlanCompiler.surroundings(ROOT, launch(builder));
            int death = indexOf(ops, "prctl PR_SET_PDEATHSIG");

            assertThat(death).isGreaterThan(codes(ops).indexOf(OpCode.CAPSET));
        }
        assertThat(indexOf(PlanCompiler.surroundings(ROOT, launch(Sandbox.builder())), "prctl PR_SET_PDEATHSIG"))
                .isEqualTo(-1);
    }

    private static int indexOf(List<Op> ops, String words) {
        return ops.stream().map(Op::words).toList().indexOf(words);
    }

    @Test
    void grantedCapabilitiesAreRaisedForAnIdThatExecveWouldTakeThemFrom() {
        Set<Capability> two = Set.of(Capability.NET_RAW, Capability.CHOWN);
        List<Op> user = PlanCompiler.surroundings(ROOT, launch(Sandbox.builder().capabilities(two)));
        List<Op> root = PlanCompiler.surroundings(
                ROOT, launch(Sandbox.builder().capabilities(two).user(User.of(0))));

        assertThat(user.stream().filter(op -> op.words().contains("AMBIENT_RAISE")))
                .hasSize(2);
        assertThat(root.stream().filter(op -> op.words().contains("AMBIENT_RAISE")))
                .isEmpty();
    }

    @Test
    void clocksThatAreOffsetAreEnteredWhileTheRightToIsThere() {
        List<OpCode> codes = surroundings(
                ROOT, Sandbox.builder().timeOffsets(new TimeOffsets(Duration.ofHours(1), Duration.ofHours(2))));

        assertThat(codes).containsSubsequence(OpCode.PIVOT_ROOT, OpCode.TIME_OFFSETS, OpCode.SET_IDS);
        assertThat(surroundings(ROOT, Sandbox.builder())).doesNotContain(OpCode.TIME_OFFSETS);
    }

    @Test
    void hostNamespacesHaveNothingSetInThem() {
        assertThat(surroundings(ROOT, Sandbox.builder().hostNamespace(Namespace.UTS)))
                .doesNotContain(OpCode.SETHOSTNAME);
        assertThat(surroundings(ROOT, Sandbox.builder().hostNamespace(Namespace.NETWORK)))
                .doesNotContain(OpCode.NETLINK, OpCode.WRITE_PROC);
    }

    @Test
    void anEphemeralRootIsALayerInMemoryOverTheFolder() {
        List<Op> ops = PlanCompiler.surroundings(ROOT, launch(directory(false, true)));
        List<Op> roots =
                ops.stream().filter(op -> (op.flags() & Op.AS_ROOT) != 0).toList();

        assertThat(roots).extracting(Op::first).containsExactly("tmpfs", "overlay");
    }

    @Test
    void aRootsTreesComeAsDescriptorsAndAPlainUsersAreOpenedInside() {
        Sandbox.Builder bound = Sandbox.builder().bindReadOnly(Path.of("/srv"), Path.of("/data"));

        assertThat(PlanCompiler.surroundings(ROOT, launch(bound)).stream()
                        .filter(op -> op.fd() != null)
                        .map(Op::words))
                .containsExactly("bind /srv on /data");
        assertThat(PlanCompiler.surroundings(PLAIN, launch(bound)).stream().filter(op -> op.fd() != null))
                .isEmpty();
    }

    @Test
    void opsAndPartsGrowByTheMountAndNotFaster() {
        int none = PlanCompiler.surroundings(ROOT, launch(Sandbox.builder())).size();
        List<Op> some = PlanCompiler.surroundings(ROOT, launch(mounts(500)));
        List<Op> many = PlanCompiler.surroundings(ROOT, launch(mounts(2000)));

        assertThat(many.size() - none).isLessThanOrEqualTo(4 * (some.size() - none));
        assertThat(PlanPart.split(some)).hasSize(2);
        assertThat(PlanPart.split(many)).hasSize(8);
        assertThat(bytes(many)).isLessThan(5 * bytes(some));
    }

    private static Sandbox.Builder mounts(int count) {
        Sandbox.Builder builder = Sandbox.builder();
        for (int i = 0; i < count; i++) {
            builder.bindReadOnly(Path.of("/srv"), Path.of("/many/" + i));
        }
        return builder;
    }

    private static int bytes(List<Op> ops) {
        return PlanPart.split(ops).stream()
                .mapToInt(part -> part.bytes().limit())
                .sum();
    }
}
