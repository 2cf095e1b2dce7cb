// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.doReturn;
import static org.mockito.Mockito.reset;

import dev.hutch.spec.SandboxException;
import dev.hutch.support.TestKernelFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LockFileTest {
    @TempDir
    private Path root;

    private final TestKernelFiles files = new TestKernelFiles();
    private final Kernel kernel = files.asKernel();

    @Test
    void aLockHeldElsewhereIsNotTakenAndLeavesNoDescriptor() throws Exception {
        String path = root.resolve("a").toString();
        files.lockedByAnother(path);
        assertThat(LockFile.tryMake(kernel, path)).isEmpty();
        assertThat(files.opened()).isEmpty();
    }

    @Test
    void aFileThatIsNotThereIsNotMadeByOneWhoOnlyLooks() throws Exception {
        assertThat(LockFile.tryTake(kernel, root.resolve("a").toString())).isEmpty();
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void aFileUnlinkedByASweepBetweenOpenAndFlockIsNoLock() throws Exception {
        Path path = root.resolve("a");
        doAnswer(call -> Files.deleteIfExists(path)).when(kernel).tryLock(anyInt());
        assertThat(LockFile.tryMake(kernel, path.toString())).isEmpty();
        assertThat(files.opened()).isEmpty();
    }

    @Test
    void linesAreAddedAndGoWithTheFile() throws Exception {
        Path path = root.resolve("a");
        LockFile lock = LockFile.tryMake(kernel, path.toString()).orElseThrow();
        lock.append("one");
        lock.append("two");
        assertThat(path).hasContent("one\ntwo\n");
        lock.delete();
        lock.close();
        assertThat(path).doesNotExist();
        assertThat(files.opened()).isEmpty();
    }

    @Test
    void aLineThatADiskHadNoRoomForIsAnErrorAndSpoilsNoOther() throws Exception {
        Path path = root.resolve("a");
        LockFile lock = LockFile.tryMake(kernel, path.toString()).orElseThrow();
        doReturn(2).when(kernel).write(anyInt(), any(), anyInt(), anyInt());
        assertThatThrownBy(() -> lock.append("one"))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining(path.toString())
                .hasMessageContaining("ENOSPC");
        reset(kernel);
        lock.append("two");

        assertThat(path).content().isEqualTo("\ntwo\n");
        lock.delete();
    }

    @Test
    void theRuntimeFolderIsBelowXdgRuntimeDirForAPlainUser() throws Exception {
        RuntimeDirectory found = RuntimeDirectory.open(kernel, Map.of("XDG_RUNTIME_DIR", root.toString()));
        assertThat(found.folder("x")).isEqualTo(root + "/hutch/x");
        assertThat(root.resolve("hutch/x")).isDirectory();
        assertThat(files.opened()).isEmpty();
    }

    @Test
    void aRuntimeFolderOfAnotherUserIsRefused() throws Exception {
        doReturn(new Kernel.Stat(0x41C0, 4321, 0, 0, 0, 1, 0)).when(kernel).fstat(anyInt());
        assertThatThrownBy(() -> RuntimeDirectory.open(kernel, Map.of("XDG_RUNTIME_DIR", root.toString())))
                .hasMessageContaining(root + "/hutch")
                .hasMessageContaining("only its owner may write");
    }

    @Test
    void aRuntimeFolderThatOthersMayWriteIsRefused() throws Exception {
        doReturn(new Kernel.Stat(0x41FF, kernel.effectiveUid(), 0, 0, 0, 1, 0))
                .when(kernel)
                .fstat(anyInt());
        assertThatThrownBy(() -> RuntimeDirectory.open(kernel, Map.of("XDG_RUNTIME_DIR", root.toString())))
                .hasMessageContaining("only its owner may write");
    }
}
