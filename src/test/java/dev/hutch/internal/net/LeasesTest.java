// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.internal.kernel.JniKernel;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.spec.SandboxException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the locks of the real kernel, which tell one holder from another within a process too. */
class LeasesTest {
    private static final NetworkConfig SMALL = new NetworkConfig(
            "small", Subnet.parse("10.9.9.0/28"), Subnet.parse("fd00:9::/64"), 1500, false, false, false);

    private final Kernel kernel = JniKernel.load();
    private final List<String> forgotten = new ArrayList<>();

    @TempDir
    private Path folder;

    private Leases leases() {
        return new Leases(kernel, SMALL, folder.toString(), forgotten::add);
    }

    private long files() throws Exception {
        try (Stream<Path> all = Files.list(folder)) {
            return all.count();
        }
    }

    @Test
    void eachAddressIsGivenOnceAmongAllUntilNoneIsLeft() throws Exception {
        Leases one = leases();
        Leases other = leases();
        Set<InetAddress> given = new HashSet<>();
        List<Lease> all = new ArrayList<>();
        for (int i = 0; i < 13; i++) {
            Lease lease = (i % 2 == 0 ? one : other).take(List.of("c" + i));
            all.add(lease);
            given.add(lease.ipv4());
            assertThat(SMALL.ipv4().number(lease.ipv4())).isBetween(2L, 14L);
        }

        assertThat(given).hasSize(13);
        assertThatThrownBy(() -> one.take(List.of("c")))
                .isInstanceOf(SandboxException.class)
                .hasMessageContainingAll("small", "13", "larger subnet");
        for (Lease lease : all) {
            lease.close();
        }
        assertThat(files()).isZero();
    }

    @Test
    void anAddressThatWasGivenBackIsGivenAgain() throws Exception {
        Leases leases = leases();
        for (int i = 0; i < 40; i++) {
            leases.take(List.of("c")).close();
        }
        assertThat(files()).isZero();
    }

    @Test
    void bothFamiliesHaveTheSameNumber() throws Exception {
        try (Lease lease = leases().take(List.of("c"))) {
            assertThat(lease.ipv6()).isEqualTo(SMALL.ipv6().address(SMALL.ipv4().number(lease.ipv4())));
            assertThat(lease.addresses()).containsExactly(lease.ipv4(), lease.ipv6());
        }
    }

    @Test
    void othersFindItByItsNamesWhileItIsHeld() throws Exception {
        try (Lease web = leases().take(List.of("brave-otter", "web"));
                Lease db = leases().take(List.of("calm-crane", "db"))) {
            assertThat(leases().lookup("web")).isEqualTo(web.addresses());
            assertThat(leases().lookup("calm-crane")).isEqualTo(db.addresses());
            assertThat(leases().lookup("cache")).isEmpty();
        }
        assertThat(leases().lookup("web")).isEmpty();
    }

    @Test
    void whatADeadJvmHeldIsFreeAndFoundByNobody() throws Exception {
        for (int i = 2; i <= 14; i++) {
            Files.writeString(folder.resolve("10.9.9." + i), "dead web\n");
        }

        assertThat(leases().lookup("web")).isEmpty();
        try (Lease lease = leases().take(List.of("alive"))) {
            assertThat(Files.readString(folder.resolve(lease.ipv4().getHostAddress())))
                    .isEqualTo("alive\n");
            assertThat(forgotten).as("told before").containsExactly(lease.ipv4().getHostAddress());
        }
    }
}
