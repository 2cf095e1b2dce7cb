// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CVE-2026-30892: what was written is the user that runs, or an error. */
class UserTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "1000:",
                ":5",
                "abc",
                "-1",
                "4294967295",
                "4294967296",
                "99999999999",
                "0x0",
                "1000:abc",
                "+5",
                " 5",
                "5 ",
                "1:2:3",
                "1.0",
                "1:2,",
                "1:,2",
                "1:2,,3",
                "٣",
                "1e3",
                "root"
            })
    void cve_2026_30892_aTextThatIsNotExactlyIdsIsAnError(String text) {
        assertThatThrownBy(() -> User.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("user '" + text + "'");
    }

    @Test
    void cve_2026_30892_idsAreTheOnesThatWereWritten() {
        assertThat(User.parse("0")).isEqualTo(new User(0, 0, List.of()));
        assertThat(User.parse("1000")).isEqualTo(new User(1000, 1000, List.of()));
        assertThat(User.parse("010:7")).isEqualTo(new User(10, 7, List.of()));
        assertThat(User.parse("4294967294:0,5,6")).isEqualTo(new User(4_294_967_294L, 0, List.of(5L, 6L)));
    }

    @Test
    void whatIsPrintedIsReadAgain() {
        for (User user : List.of(User.DEFAULT, new User(0, 5, List.of(1L, 2L)), User.of(User.MAX_ID))) {
            assertThat(User.parse(user.toString())).isEqualTo(user);
        }
    }

    @Test
    void theIdThatMeansNoChangeIsNoUser() {
        assertThatThrownBy(() -> User.of(4_294_967_295L)).hasMessageContaining("uid is 4294967295");
        assertThatThrownBy(() -> User.of(-1)).hasMessageContaining("uid is -1");
        assertThatThrownBy(() -> new User(1, 1, List.of(-1L))).hasMessageContaining("group is -1");
    }
}
