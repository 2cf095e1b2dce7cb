// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.spec.Mount;
import dev.hutch.spec.Size;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MountsTest {
    private static final Path ETC = Path.of("/etc");

    @Test
    void bindInDockersThreeWays() {
        Mount readOnly = new Mount.Bind(ETC, Path.of("/x"), true);
        assertThat(Mounts.volume("/etc:/x:ro")).isEqualTo(readOnly);
        assertThat(Mounts.mount("type=bind,src=/etc,dst=/x,ro")).isEqualTo(readOnly);
        assertThat(Mounts.mount("source=/etc,destination=/x,readonly=true")).isEqualTo(readOnly);
        assertThat(Mounts.volume("/etc:/x")).isEqualTo(new Mount.Bind(ETC, Path.of("/x"), false));
    }

    @Test
    void relativeSourceBeginsWithADot() {
        assertThat(((Mount.Bind) Mounts.volume("./src:/x")).source())
                .isEqualTo(Path.of("src").toAbsolutePath());
        assertThatThrownBy(() -> Mounts.volume("src:/x")).hasMessageContaining("'src' is neither absolute");
    }

    @Test
    void tmpfsWithSizeAndMode() {
        Mount small = new Mount.Tmpfs(Path.of("/x"), Size.mebibytes(4), 0700);
        assertThat(Mounts.tmpfs("/x:size=4m,mode=700")).isEqualTo(small);
        assertThat(Mounts.mount("type=tmpfs,target=/x,tmpfs-size=4m,tmpfs-mode=0700"))
                .isEqualTo(small);
        assertThat(Mounts.tmpfs("/x")).isEqualTo(new Mount.Tmpfs(Path.of("/x"), Size.bytes(0), 01777));
    }

    @Test
    void overlayOfSeveralFolders() {
        assertThat(Mounts.mount("type=overlay,lower=/etc:/usr,target=/x"))
                .isEqualTo(new Mount.Overlay(List.of(ETC, Path.of("/usr")), Path.of("/x")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "type=nfs,target=/x",
                "type=bind,target=/x",
                "type=bind,source=/etc",
                "type=bind,source=/etc,target=/x,bind-propagation=shared",
                "type=bind,source=/nowhere,target=/x",
                "type=bind,source=/etc,target=x",
                "type=bind,source=/etc,target=/a/../b",
                "type=bind,source=/etc,target=/",
                "type=bind,source=/etc,target=/x,tmpfs-size=1m",
                "type=tmpfs,source=/etc,target=/x",
                "type=tmpfs,target=/x,tmpfs-mode=9",
                "type=bind,source=/etc,target=/x,readonly=perhaps",
                ""
            })
    void wrongMountsAreRefused(String text) {
        assertThatThrownBy(() -> Mounts.mount(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc", "/etc:/x:rw:z", "/etc:/x:shared", ":/x", "/etc:", "/nowhere:/x"})
    void wrongVolumesAreRefused(String text) {
        assertThatThrownBy(() -> Mounts.volume(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
