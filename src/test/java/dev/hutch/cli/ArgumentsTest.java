// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import static dev.hutch.cli.CommandLineCase.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.spec.Mount;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.User;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArgumentsTest {
    @Test
    void everythingBehindTheCommandOptionIsTheCommands(@TempDir Path root) throws Exception {
        RunRequest request =
                read("-m", root.toString(), "-u", "7", "-c", "/bin/sh", "-c", "id", "--memory", "1m", "--");
        assertThat(request.arguments).containsExactly("/bin/sh", "-c", "id", "--memory", "1m", "--");
        assertThat(request.sandbox().spec().user()).isEqualTo(User.of(7));
        assertThat(request.sandbox().spec().rootfs()).isEqualTo(new Rootfs.Directory(root, false, false));
    }

    @Test
    void twoDashesEndTheOptions() throws Exception {
        assertThat(read("-i", "--", "-c", "--", "x").arguments).containsExactly("-c", "--", "x");
    }

    @Test
    void firstWordThatIsNoOptionBeginsTheCommand() throws Exception {
        assertThat(read("-i", "ls", "-t", "--memory=x", "@file").arguments)
                .containsExactly("ls", "-t", "--memory=x", "@file");
    }

    @Test
    void fileNameBehindAnAtSignIsNotExpanded() throws Exception {
        assertThat(read("@/etc/passwd").arguments).containsExactly("@/etc/passwd");
    }

    @Test
    void valuesMayBeAttachedAndFlagsJoined() throws Exception {
        RunRequest request = read("--memory=64m", "-u5:6", "-it", "true");
        assertThat(request.limits.build().memory().bytes()).isEqualTo(64 << 20);
        assertThat(request.sandbox().spec().user()).isEqualTo(User.of(5, 6));
        assertThat(request.interactive).isTrue();
        assertThat(request.terminal).isTrue();
    }

    @Test
    void mountsKeepTheOrderOfTheCommandLineAcrossOptions(@TempDir Path folder) throws Exception {
        RunRequest request = read(
                "--tmpfs",
                "/a",
                "-v",
                folder + ":/a/b:ro",
                "--mount",
                "type=tmpfs,target=/a/b/c",
                "--tmpfs=/d",
                "true");
        assertThat(request.sandbox().spec().mounts())
                .extracting(Mount::destination)
                .containsExactly(Path.of("/a"), Path.of("/a/b"), Path.of("/a/b/c"), Path.of("/d"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            -m 512m true            | did you mean --memory 512m?
            -c 512 true             | did you mean --cpu-shares 512?
            --memry 1m true         | did you mean --memory
            --read-only=maybe true  | --read-only
            --memory                | --memory needs a value: SIZE
            --pid shared true       | 'shared' is neither private nor host
            --network bridgo true   | 'bridgo' is not one of none, host
            -m relative true        | 'relative' is not an absolute path
            --cap-add nonsense true | is unknown
            --memory 1.5X true      | size '1.5X' is not
            """)
    void wrongWordsAreNamed(String line, String words) {
        assertThatThrownBy(() -> read(line.split(" +")))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(words)
                .hasMessageNotContaining("\n");
    }

    @Test
    void argumentWithNulIsRefused() {
        assertThatThrownBy(() -> read("echo", "a\0b").command()).hasMessageContaining("NUL");
        assertThatThrownBy(() -> read("-w", "/a\0b", "true")).hasMessageContaining("/a\\0b");
    }

    @Test
    void emptyCommandIsRefused() {
        assertThatThrownBy(() -> read("-i").command()).hasMessageContaining("the command is empty");
        assertThatThrownBy(() -> read("-c", "").command()).hasMessageContaining("the command is empty");
    }
}
