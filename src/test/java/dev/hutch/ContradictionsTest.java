// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.spec.Allow;
import dev.hutch.spec.Capability;
import dev.hutch.spec.Device;
import dev.hutch.spec.Isolation;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Network;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.TimeOffsets;
import dev.hutch.spec.User;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ContradictionsTest {
    private static Arguments with(String words, UnaryOperator<Sandbox.Builder> option) {
        return Arguments.of(words, option);
    }

    static Stream<Arguments> withoutEqualBehindLandlock() {
        Path etc = Path.of("/etc");
        return Stream.of(
                with("root file system", box -> box.rootfs(new Rootfs.Directory(etc, true, false))),
                with("mounts nothing", box -> box.tmpfs(Path.of("/scratch"))),
                with("mounts nothing", box -> box.mount(new Mount.Bind(etc, Path.of("/other"), true))),
                with("devices", box -> box.device(new Device(Path.of("/dev/kvm"), Path.of("/dev/kvm"), false))),
                with("no ids", box -> box.user(User.of(5))),
                with("no capabilities", box -> box.capabilities(Set.of(Capability.NET_RAW))),
                with("no network but", box -> box.network(Network.bridge("lab"))),
                with("no PID 1", box -> box.init(false)),
                with("session bus", box -> box.allow(Allow.UNIX_SOCKETS)),
                with("keyctl", box -> box.allow(Allow.KEYRING)),
                with("io_uring", box -> box.allow(Allow.IO_URING)),
                with("UTS namespace", box -> box.hostname("box")),
                with("time namespace", box -> box.timeOffsets(new TimeOffsets(Duration.ofSeconds(1), Duration.ZERO))));
    }

    @ParameterizedTest
    @MethodSource("withoutEqualBehindLandlock")
    void whatHasNoEqualBehindLandlockIsRefused(String words, UnaryOperator<Sandbox.Builder> option) {
        option.apply(Sandbox.builder()).build();
        Sandbox.Builder fenced = option.apply(Sandbox.builder().isolation(Isolation.LANDLOCK));

        assertThatThrownBy(fenced::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(words);
    }

    @Test
    void behindLandlockNoNamespaceIsNewAndBackInAContainerAllAre() {
        Sandbox fenced = Sandbox.builder().isolation(Isolation.LANDLOCK).build();

        assertThat(fenced.spec().namespaces()).isEmpty();
        assertThat(fenced.toBuilder().isolation(Isolation.CONTAINER).build().spec())
                .isEqualTo(Sandbox.builder().build().spec());
    }
}
