// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be said wrongly is refused where it is said, with what was said in the message. */
class ValuesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"", "m", "1.5m", "1.5X", "-1", "1mb", "1 m", "0x10", "9223372036854775808", "8388608t", "1kk"})
    void aTextThatIsNoSizeIsRefused(String text) {
        assertThatThrownBy(() -> Size.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "7b, 7", "1k, 1024", "1K, 1024", "512m, 536870912", "2G, 2147483648", "1t, 1099511627776"})
    void sizesAreDockersInPowersOf1024(String text, long bytes) {
        assertThat(Size.parse(text).bytes()).isEqualTo(bytes);
        assertThat(Size.parse(Size.parse(text).toString()).bytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nofile",
                "=1",
                "nofile=",
                "nofile=1:2:3",
                "nofile=x",
                "nofile=-1",
                "files=1",
                "nofile=2:1",
                "nofile=unlimited:5",
                "nofile=1:"
            })
    void aTextThatIsNoRlimitIsRefused(String text) {
        assertThatThrownBy(() -> Rlimit.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void rlimitsAreSoftAndHard() {
        assertThat(Rlimit.parse("nofile=5")).isEqualTo(new Rlimit(Rlimit.Resource.NOFILE, 5, 5));
        assertThat(Rlimit.parse("RLIMIT_CPU=5:unlimited"))
                .isEqualTo(new Rlimit(Rlimit.Resource.CPU, 5, Rlimit.INFINITY));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0:0:10", "0:1", "0:1:0", "a:1:1", "0:1:4294967296", "4294967294:1:2", "-1:1:1", "0:1:1:1"})
    void anIdMappingThatIsNoneOrMapsTheHostsRootIsRefused(String text) {
        assertThatThrownBy(() -> IdMapping.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anIdMappingHoldsItsSizeFromItsFirst() {
        IdMapping line = IdMapping.parse("10:100000:5");

        assertThat(line.contains(9)).isFalse();
        assertThat(line.contains(10)).isTrue();
        assertThat(line.contains(14)).isTrue();
        assertThat(line.contains(15)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"TERM, 15", "sigterm, 15", "SIGKILL, 9", "64, 64", "1, 1"})
    void signalsAreNamesOrNumbers(String text, int number) {
        assertThat(Signal.parse(text).number()).isEqualTo(number);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "SIG", "0", "65", "SIGNOPE", "-9", "9x"})
    void aTextThatIsNoSignalIsRefused(String text) {
        assertThatThrownBy(() -> Signal.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "CAP_", "ALL", "SYS_ADMIN ", "sysadmin"})
    void anUnknownCapabilityIsRefused(String text) {
        assertThatThrownBy(() -> Capability.parse(text)).hasMessageContaining("'" + text + "'");
    }

    @Test
    void capabilitiesHaveTheKernelsNumbers() {
        assertThat(Capability.parse("cap_sys_admin").bit()).isEqualTo(1L << 21);
        assertThat(Capability.CHECKPOINT_RESTORE.ordinal()).isEqualTo(40);
        assertThat(Capability.CLASSIC).hasSize(21).doesNotContain(Capability.SYS_ADMIN, Capability.MKNOD);
    }

    @ParameterizedTest
    @ValueSource(strings = {"relative", "/a/../b", "/a/./b", "/", "/proc", "/proc/sys"})
    void aMountGoesToNoPlaceThatIsNotPlainlyBelowTheRoot(String destination) {
        assertThatThrownBy(() -> new Mount.Bind(Path.of("/srv"), Path.of(destination), true))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anOverlayNeedsALayer() {
        assertThatThrownBy(() -> new Mount.Overlay(List.of(), Path.of("/x"))).hasMessageContaining("/x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"relative", "/proc/self/fd/3", "/proc"})
    void aWorkingDirectoryIsAbsoluteAndNoMagicLink(String directory) {
        assertThatThrownBy(() -> Command.builder("x").directory(Path.of(directory)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aCommandIsWholeAndHasNoNul() {
        assertThatThrownBy(() -> Command.of()).hasMessageContaining("empty");
        assertThatThrownBy(() -> Command.of("")).hasMessageContaining("empty");
        assertThatThrownBy(() -> Command.of("x", "a\0b")).hasMessageContaining("NUL");
        assertThatThrownBy(() -> Command.builder("x").environment("A=B", "c")).hasMessageContaining("A=B");
        assertThatThrownBy(() -> Command.builder("x").environment("A", "\0")).hasMessageContaining("NUL");
        assertThatThrownBy(() -> Command.builder("x").capture(Size.bytes(1))).hasMessageContaining("capture");
    }

    @Test
    void aTerminalHasASizeAndLeavesNothingToSayOfInputAndError() {
        assertThatThrownBy(() -> Command.builder("x").terminal(0, 24)).hasMessageContaining("columns");
        assertThatThrownBy(() -> Command.builder("x").terminal(80, 32_768)).hasMessageContaining("32767");
        assertThatThrownBy(() -> Command.builder("x")
                        .terminal(80, 24)
                        .stderr(Stdio.DISCARD)
                        .build())
                .hasMessageContaining("terminal");
    }

    @Test
    void limitsHaveRanges() {
        assertThatThrownBy(() -> Limits.builder().pids(0)).hasMessageContaining("pids");
        assertThatThrownBy(() -> Limits.builder().memory(Size.kibibytes(1))).hasMessageContaining("memory");
        assertThatThrownBy(() -> Limits.builder().cpus(-1)).hasMessageContaining("cpus");
        assertThatThrownBy(() -> Limits.builder().cpus(Double.NaN)).hasMessageContaining("cpus");
    }
}
