// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.TimeOffsets;
import dev.hutch.support.Inside;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class NamespaceKernelTest extends SandboxCase {
    @ParameterizedTest
    @EnumSource
    void eachNamespaceIsNew(Namespace kind) throws Exception {
        assertThat(report(probed().build()).namespace(kind.procName())).isNotEqualTo(ownNamespace(kind.procName()));
    }

    @Test
    void twoSandboxesShareNone() throws Exception {
        Sandbox box = probed().build();
        try (SandboxProcess first = box.start(PROBE, "wait")) {
            awaitLine(first, "waiting=yes");
            Inside second = report(box);
            for (Namespace kind : Namespace.values()) {
                assertThat(second.namespace(kind.procName()))
                        .as(kind.procName())
                        .isNotEqualTo(namespace(first.pid(), kind.procName()));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"UTS", "IPC", "CGROUP", "TIME"})
    void aNamespaceOfTheHostsIsTheHosts(Namespace kind) throws Exception {
        Inside seen = report(probed().hostNamespace(kind).build());

        assertThat(seen.namespace(kind.procName())).isEqualTo(ownNamespace(kind.procName()));
        assertThat(seen.namespace("mnt")).isNotEqualTo(ownNamespace("mnt"));
    }

    @Test
    @KernelTest(Need.CGROUP_ANY)
    void thePidNamespaceOfTheHostsIsTheHosts() throws Exception {
        aNamespaceOfTheHostsIsTheHosts(Namespace.PID);
    }

    @Test
    void theHostNameIsRandomAndADnsLabel() throws Exception {
        String first = report(probed().build()).text("hostname");
        String second = report(probed().build()).text("hostname");

        assertThat(first).matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?").isNotEqualTo(second);
    }

    @Test
    void theHostNameIsTheOneAskedFor() throws Exception {
        assertThat(report(probed().hostname("builder-7").build()).text("hostname"))
                .isEqualTo("builder-7");
    }

    @Test
    void onlyInitAndTheCommandAreSeen() throws Exception {
        Inside seen = report(probed().build());

        assertThat(seen.text("process.1.0")).isEqualTo("hutch-init");
        assertThat(seen.values().keySet())
                .filteredOn(key -> key.startsWith("process."))
                .containsExactlyInAnyOrder("process.1.0", "process." + seen.text("pid") + ".0");
    }

    @Test
    void theCommandLeadsItsOwnSession() throws Exception {
        Inside seen = report(probed().build());

        assertThat(seen.text("sid")).isEqualTo(seen.text("pid")).isEqualTo(seen.text("pgid"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @KernelTest(Need.TIME_NAMESPACES)
    void theClocksInsideAreAheadByTheOffsets(boolean init) throws Exception {
        Duration monotonic = Duration.ofDays(100);
        Duration boottime = Duration.ofDays(200);
        Inside plain = report(probed().init(init).build());
        Inside ahead = report(probed().init(init)
                .timeOffsets(new TimeOffsets(monotonic, boottime))
                .build());

        assertThat(ahead.number("clock.monotonic") - plain.number("clock.monotonic"))
                .isBetween(monotonic.toSeconds(), monotonic.toSeconds() + 60);
        assertThat(ahead.number("clock.boottime") - plain.number("clock.boottime"))
                .isBetween(boottime.toSeconds(), boottime.toSeconds() + 60);
        assertThat(Double.parseDouble(ahead.text("uptime.0").split(" ")[0])).isGreaterThan(boottime.toSeconds());
    }
}
