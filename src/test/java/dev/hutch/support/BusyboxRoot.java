// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * A small real root: Debian's busybox-static with its applets, the probe as {@code /bin/inside}, and the files and
 * folders that programs expect.
 */
public final class BusyboxRoot {
    private static final List<String> FOLDERS =
            List.of("bin", "dev", "etc", "home", "proc", "root", "run", "sys", "tmp", "usr", "var");

    private BusyboxRoot() {}

    /** The shared one: tests don't change it. */
    public static Path path() {
        return Fixtures.once("busybox-root-with-" + Inside.program().getFileName(), BusyboxRoot::make);
    }

    /** One of the test's own, to be changed at will. */
    public static Path copyTo(Path folder) throws IOException {
        Path root = folder.resolve("root");
        make(root);
        return root;
    }

    private static void make(Path root) throws IOException {
        Path busybox = Tool.find("busybox").orElseThrow(() -> new IOException("busybox-static is not installed"));
        for (String folder : FOLDERS) {
            Files.createDirectories(root.resolve(folder));
        }
        // Not left to the umask: the container's ids are "others" to these folders.
        for (Path folder : List.of(root, root.resolve("bin"), root.resolve("etc"))) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Files.setPosixFilePermissions(root.resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.copy(busybox, root.resolve("bin/busybox"), StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(root.resolve("bin/busybox"), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.copy(Inside.program(), root.resolve("bin/inside"));
        Files.setPosixFilePermissions(root.resolve("bin/inside"), PosixFilePermissions.fromString("rwxr-xr-x"));
        for (String applet : Tool.run(busybox.toString(), "--list").lines().toList()) {
            if (!applet.equals("busybox")) {
                Files.createSymbolicLink(root.resolve("bin").resolve(applet), Path.of("busybox"));
            }
        }
        Files.writeString(
                root.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home:/bin/sh\n");
        Files.writeString(root.resolve("etc/group"), "root:x:0:\nuser:x:1000:\n");
        Files.writeString(root.resolve("etc/hostname-of-the-image"), "busybox\n");
        Files.createSymbolicLink(root.resolve("var/run"), Path.of("../run"));
    }
}
