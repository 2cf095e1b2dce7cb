// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.IdMapping;
import dev.hutch.spec.User;
import dev.hutch.support.BusyboxRoot;
import dev.hutch.support.Inside;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@KernelTest({Need.ROOT, Need.USER_NAMESPACES, Need.GCC})
class IdMappingKernelTest extends SandboxCase {
    @Test
    void theCommandIsUid1000InsideAndAnUnusedHighIdOutside() throws Exception {
        try (SandboxProcess process = probed().build().start(PROBE, "wait")) {
            awaitLine(process, "waiting=yes");
            assertThat(statusIds(process.pid(), "Uid"))
                    .allSatisfy(id -> assertThat(id).isBetween(524_288L, 1_879_048_191L));
            assertThat(statusIds(process.pid(), "Gid"))
                    .allSatisfy(id -> assertThat(id).isBetween(524_288L, 1_879_048_191L));
            assertThat(statusIds(process.pid(), "Groups")).isEmpty();
        }
        Inside seen = report(probed().build());
        assertThat(seen.numbers("status.Uid")).containsExactly(1000L, 1000L, 1000L, 1000L);
        assertThat(seen.numbers("status.Gid")).containsExactly(1000L, 1000L, 1000L, 1000L);
    }

    @Test
    void rootInsideIsNobodyOfTheHosts() throws Exception {
        Sandbox box = probed().user(User.of(0)).build();
        try (SandboxProcess process = box.start(PROBE, "wait")) {
            awaitLine(process, "waiting=yes");
            assertThat(statusIds(process.pid(), "Uid"))
                    .allSatisfy(id -> assertThat(id).isGreaterThan(65_535));
        }
        Inside seen = report(box);
        assertThat(seen.numbers("status.Uid")).containsExactly(0L, 0L, 0L, 0L);
        for (String map : List.of("uid_map", "gid_map")) {
            assertThat(seen.lines(map))
                    .allSatisfy(
                            line -> assertThat(line.strip().split("\\s+")[1]).isNotEqualTo("0"));
        }
    }

    @Test
    void twoSandboxesHaveRangesThatDoNotMeet() throws Exception {
        Sandbox box = probed().build();
        try (SandboxProcess first = box.start(PROBE, "wait");
                SandboxProcess second = box.start(PROBE, "wait")) {
            awaitLine(first, "waiting=yes");
            awaitLine(second, "waiting=yes");
            long one = statusIds(first.pid(), "Uid").get(0);
            long other = statusIds(second.pid(), "Uid").get(0);
            assertThat(Math.abs(one - other)).isGreaterThanOrEqualTo(65_536);
        }
    }

    @Test
    void supplementaryGroupsAreTheOnesAskedFor() throws Exception {
        Inside seen =
                report(probed().user(new User(1234, 2345, List.of(10L, 20L))).build());

        assertThat(seen.numbers("status.Uid")).containsOnly(1234L);
        assertThat(seen.numbers("status.Gid")).containsOnly(2345L);
        assertThat(seen.numbers("status.Groups")).containsExactly(10L, 20L);
    }

    @Test
    void severalRangesAreMappedAsGiven() throws Exception {
        List<IdMapping> map = List.of(new IdMapping(0, 700_000, 1000), new IdMapping(1000, 800_000, 10));
        Inside seen = report(
                probed().uidMappings(map).gidMappings(map).user(User.of(1009)).build());

        assertThat(seen.lines("uid_map"))
                .extracting(line -> line.strip().replaceAll("\\s+", " "))
                .containsExactly("0 700000 1000", "1000 800000 10");
        assertThat(seen.numbers("status.Uid")).containsOnly(1009L);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @KernelTest(Need.IDMAP_HERE)
    void aWorkspaceBelongsToTheIdInsideAndItsFilesToTheFoldersOwner(boolean owned, @TempDir Path folder)
            throws Exception {
        int owner = owned ? 4321 : 0;
        Files.setAttribute(folder, "unix:uid", owner);
        Files.setAttribute(folder, "unix:gid", owner);
        Sandbox box = probed().workspace(folder).build();

        assertThat(output(box, "/bin/sh", "-c", "stat -c %u:%g . && touch made && stat -c %u:%g made"))
                .isEqualTo("1000:1000\n1000:1000\n");
        assertThat(Files.getAttribute(folder.resolve("made"), "unix:uid")).isEqualTo(owner);
        assertThat(Files.getAttribute(folder.resolve("made"), "unix:gid")).isEqualTo(owner);
    }

    @Test
    @KernelTest({Need.IDMAP_HERE, Need.BUSYBOX})
    void aRootOfTheHostsRootShowsItsOwnersAsRootInside() throws Exception {
        Sandbox box = in(BusyboxRoot.path()).build();

        assertThat(output(box, "/bin/stat", "-c", "%u:%g", "/bin/busybox")).isEqualTo("0:0\n");
    }

    @Test
    void idsCannotBeChangedBackInside() throws Exception {
        Inside answers = attempt(probed().build(), "setuid_0", "setgid_0", "setgroups");

        assertThat(answers.values().values()).containsOnly("EPERM");
    }
}
