// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.cli.Main;
import dev.hutch.support.KernelTest;
import dev.hutch.support.LeavesNothing;
import dev.hutch.support.Need;
import dev.hutch.support.StagedJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A plain user's ids: with a range of /etc/subuid, without one, and where the range is no good. */
@KernelTest({Need.ROOT, Need.USER_NAMESPACES, Need.PLAIN_USER, Need.NEWUIDMAP})
class SubordinateIdsKernelTest extends LeavesNothing {
    private static final String IDS = "tr -s ' ' </proc/self/uid_map; id -u; id -g; grep Groups /proc/self/status";

    private static StagedJvm jvm;
    private static Path etc;

    private record Answer(int status, String out, String err) {}

    /** A user needs a name for newuidmap(1): in a mount namespace of the test's own, the host's files stay as they are. */
    @BeforeAll
    static void giveThatUserANameAndIds() throws IOException {
        jvm = StagedJvm.make();
        etc = Files.createDirectory(jvm.folder().resolve("etc"));
        Files.writeString(
                etc.resolve("passwd"),
                Files.readString(Path.of("/etc/passwd")) + "ada:x:" + StagedJvm.UID + ":" + StagedJvm.UID
                        + "::/tmp:/bin/sh\n");
        Files.writeString(etc.resolve("subids"), "ada:700000:65536\n");
        Files.writeString(etc.resolve("none"), "");
    }

    @AfterAll
    static void remove() throws IOException {
        jvm.close();
    }

    /** @param around words before Hutch's, run as that user */
    private static Answer hutch(String subids, List<String> around, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount --bind $1/passwd /etc/passwd && mount --bind $1/$2 /etc/subuid"
                        + " && mount --bind $1/$2 /etc/subgid && shift 2 && exec \"$@\"",
                "sh",
                etc.toString(),
                subids));
        List<String> asUser = new ArrayList<>(around);
        asUser.addAll(jvm.java(Main.class, words));
        command.addAll(asUser);
        Process process = jvm.builder(command).start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Answer(process.waitFor(), out, err);
    }

    /** As newuidmap(1) needs it: its file makes it root's, which an empty bounding set would take away. */
    private static List<String> user(String groups) {
        return List.of("setpriv", "--reuid=" + StagedJvm.UID, "--regid=" + StagedJvm.UID, groups);
    }

    @Test
    void theRangeIsAroundTheOwnIdAndGroupsAreDropped() throws Exception {
        Answer answer = hutch("subids", user("--groups=4,27"), "run", "--", "sh", "-c", IDS);

        assertThat(answer.out().lines().map(String::strip))
                .as(answer.err())
                .containsExactly("0 700000 1000", "1000 54321 1", "1001 701000 64536", "1000", "1000", "Groups:");
    }

    @Test
    void otherIdsOwnFilesInside() throws Exception {
        Answer answer = hutch(
                "subids",
                user("--clear-groups"),
                "run",
                "-u",
                "0",
                "--cap-add",
                "CHOWN",
                "--",
                "sh",
                "-c",
                "touch /tmp/x && chown 33:44 /tmp/x && stat -c %u:%g /tmp/x");

        assertThat(answer.out()).as(answer.err()).isEqualTo("33:44\n");
    }

    @Test
    void withoutARangeTheGroupsThatStayAreListed() throws Exception {
        Path json = jvm.folder().resolve("tmp/result.json");
        Answer answer = hutch("none", user("--groups=4,27"), "run", "--json", json.toString(), "--", "sh", "-c", IDS);

        assertThat(answer.out().lines().map(String::strip))
                .as(answer.err())
                .containsExactly("1000 54321 1", "1000", "1000", "Groups:\t65534 65534");
        assertThat(answer.err()).contains("groups");
        assertThat(Files.readString(json)).contains("[4, 27]").contains("supplementary groups");
    }

    @Test
    void withoutGroupsThereIsNoneToList() throws Exception {
        assertThat(hutch("none", user("--clear-groups"), "run", "--", "true").err())
                .doesNotContain("groups");
    }

    @Test
    void aRangeThatANestedCallerDoesNotHaveIsNotTried() throws Exception {
        List<String> nested = new ArrayList<>(user("--clear-groups"));
        nested.addAll(List.of("unshare", "--user", "--map-current-user"));
        Answer answer = hutch("subids", nested, "run", "--", "sh", "-c", IDS);

        assertThat(answer.out().lines().map(String::strip))
                .as(answer.err())
                .containsExactly("1000 54321 1", "1000", "1000", "Groups:");
        assertThat(hutch("subids", nested, "doctor").out()).contains("/proc/self/uid_map");
    }

    @Test
    void aProcessThatGetsNoNewRightsDoesNotCallNewuidmap() throws Exception {
        List<String> bound = new ArrayList<>(user("--clear-groups"));
        bound.add("--no-new-privs");
        Answer answer = hutch("subids", bound, "run", "--", "sh", "-c", IDS);

        assertThat(answer.out().lines().map(String::strip))
                .as(answer.err())
                .containsExactly("1000 54321 1", "1000", "1000", "Groups:");
        assertThat(hutch("subids", bound, "doctor").out()).contains("no_new_privs");
    }
}
