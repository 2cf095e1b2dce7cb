// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "none",
                "host",
                "bridge",
                "bridge:lab",
                "user",
                "user:slirp4netns",
                "container:web_1",
                "ns:/run/netns/red"
            })
    void whatIsReadIsWrittenAgain(String text) {
        assertThat(Network.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bridges",
                "none:x",
                "host:",
                "bridge:",
                "bridge:-a",
                "bridge:a/b",
                "bridge:..",
                "container",
                "container:",
                "ns",
                "ns:relative",
                "user:me",
                "bridge:a b"
            })
    void anythingElseIsRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Network.parse(text))
                .withMessageContaining(text);
    }

    @Test
    void theBridgeWithoutANameIsTheDefaultOne() {
        assertThat(Network.parse("bridge")).isEqualTo(Network.bridge()).isEqualTo(Network.bridge("default"));
    }

    @Test
    void onlyNewNamespacesAreTheSandboxsOwn() {
        assertThat(Network.bridge().isOwn()).isTrue();
        assertThat(Network.container("web").isOwn()).isFalse();
        assertThat(Network.namespace("/run/netns/red").isJoined()).isTrue();
        assertThat(Network.HOST.isJoined()).isFalse();
    }
}
