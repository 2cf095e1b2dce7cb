// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.spec.Allow;
import dev.hutch.spec.Capability;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.User;
import dev.hutch.support.Inside;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.io.FileInputStream;
import java.io.InputStream;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class CapabilityKernelTest extends SandboxCase {
    private static final List<String> SETS = List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb");
    // SECBIT_NOROOT, NO_SETUID_FIXUP and NO_CAP_AMBIENT_RAISE are bits 0, 2 and 6; each one's lock is the bit above.
    private static final long LOCKS = 0b10101010;
    private static final long KEEP_CAPS_LOCK = 0b100000;

    @ParameterizedTest
    @ValueSource(longs = {1000, 0})
    void noSetHoldsAnyCapability(long uid) throws Exception {
        Inside seen = report(probed().user(User.of(uid)).build());

        for (String set : SETS) {
            assertThat(seen.mask(set)).as(set).isZero();
        }
    }

    @Test
    void noNewPrivilegesCanBeGained() throws Exception {
        Inside seen = report(probed().build());

        assertThat(seen.text("status.NoNewPrivs")).isEqualTo("1");
        assertThat(answer(probed().build(), "new_privs")).isEqualTo("EINVAL");
        assertThat(answer(probed().build(), "capset_all")).isEqualTo("EPERM");
    }

    @Test
    void theSecureBitsAreLocked() throws Exception {
        long bits = Long.decode(report(probed().build()).text("securebits"));

        assertThat(bits & LOCKS)
                .as("locks of %#x: keeping no capabilities harms nobody", bits)
                .isEqualTo(LOCKS & ~KEEP_CAPS_LOCK);
    }

    @Test
    void allOfThemAreWhereThereAreCapabilities() throws Exception {
        long bits = Long.decode(
                report(probed().capabilities(Set.of(Capability.CHOWN)).build()).text("securebits"));

        assertThat(bits & LOCKS).as("locks of %#x", bits).isEqualTo(LOCKS);
    }

    @Test
    void theOnesAskedForAreUsableByAProgramWithoutFileCapabilities() throws Exception {
        Inside seen = report(probed().capabilities(Set.of(Capability.NET_RAW, Capability.CHOWN))
                .build());
        long asked = Capability.bits(Set.of(Capability.NET_RAW, Capability.CHOWN));

        for (String set : List.of("CapPrm", "CapEff", "CapBnd", "CapAmb")) {
            assertThat(seen.mask(set)).as(set).isEqualTo(asked);
        }
    }

    @Test
    void classicIsAllButTheTwentyThatTheShortContainerDrops() throws Exception {
        assertThat(report(probed().capabilities(Capability.CLASSIC).build()).mask("CapEff"))
                .isEqualTo(Capability.bits(Capability.CLASSIC) & kernelsCapabilities());
    }

    @Test
    void administrationWithoutLeaveToRemountIsRefused() {
        assertThatThrownBy(() -> probed().capabilities(Set.of(Capability.SYS_ADMIN))
                        .build()
                        .run(PROBE, "report"))
                .hasMessageContaining("REMOUNT");
    }

    @Test
    void administrationWithLeaveToRemountLiftsReadOnlyAndTheResultSaysSo() throws Exception {
        SandboxResult result = probed().capabilities(Set.of(Capability.SYS_ADMIN))
                .allow(Allow.REMOUNT)
                .build()
                .run(PROBE, "try", "mount_remount");

        assertThat(result.out()).isEqualTo("mount_remount=ok\n");
        assertThat(result.enforced()).anySatisfy(wall -> {
            assertThat(wall.name()).contains("read-only");
            assertThat(wall.enforced()).isFalse();
        });
    }

    private static long kernelsCapabilities() throws Exception {
        // Not Files.readString: it reads one byte first, and such a file gives its number to the first read only.
        try (InputStream file = new FileInputStream("/proc/sys/kernel/cap_last_cap")) {
            return (2L << Integer.parseInt(new String(file.readAllBytes()).strip())) - 1;
        }
    }
}
