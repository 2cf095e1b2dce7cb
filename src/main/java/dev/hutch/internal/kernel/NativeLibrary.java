// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;

/**
 * The two native artifacts in the jar. The library is loaded from the path in the property {@code hutch.library}, without
 * a fall-back, or else extracted to a private file that is compared with the jar's bytes and deleted right after.
 */
public final class NativeLibrary {
    /** An explicit path of libhutch.so. */
    public static final String LIBRARY_PROPERTY = "hutch.library";

    /** Where the library is extracted to; default {@code java.io.tmpdir}. */
    public static final String FOLDER_PROPERTY = "hutch.tmpdir";

    private static final int ATTEMPTS = 100;

    private NativeLibrary() {}

    /** Loads the JNI library; a second call finds it loaded. */
    static void load() {
        String explicit = System.getProperty(LIBRARY_PROPERTY);
        if (explicit != null) {
            System.load(Path.of(explicit).toAbsolutePath().toString());
            return;
        }
        Loaded.ensure();
    }

    /** The zygote's executable, as a direct buffer. */
    public static ByteBuffer zygote() throws IOException {
        byte[] bytes = resource("hutch-zygote");
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    /** Loads once, however many threads ask: class initialisation is the lock. */
    private static final class Loaded {
        static {
            extractAndLoad();
        }

        static void ensure() {}
    }

    private static void extractAndLoad() {
        String folder = System.getProperty(FOLDER_PROPERTY, System.getProperty("java.io.tmpdir"));
        try {
            byte[] expected = resource("libhutch.so");
            Path file = create(Path.of(folder));
            try {
                Files.write(file, expected);
                if (!Arrays.equals(expected, Files.readAllBytes(file))) {
                    throw new IOException("what was written to " + file + " is not what is read from it");
                }
                System.load(file.toString());
            } finally {
                Files.delete(file);
            }
        } catch (IOException | UnsatisfiedLinkError e) {
            UnsatisfiedLinkError told =
                    new UnsatisfiedLinkError("can't load Hutch's native library from folder " + folder
                            + " (" + e.getMessage() + "): name a folder that is writable and not mounted noexec with -D"
                            + FOLDER_PROPERTY + "=FOLDER, or the library itself with -D" + LIBRARY_PROPERTY + "=FILE");
            told.initCause(e);
            throw told;
        }
    }

    /** Files.createTempFile would start the JDK's cryptography for its name, 30 ms of a first launch; O_EXCL is what keeps it ours. */
    private static Path create(Path folder) throws IOException {
        var ours = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        for (int attempt = 1; ; attempt++) {
            try {
                return Files.createFile(folder.resolve("hutch" + Long.toHexString(System.nanoTime()) + ".so"), ours);
            } catch (FileAlreadyExistsException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static byte[] resource(String name) throws IOException {
        String path = "/META-INF/native/" + platform() + "/" + name;
        try (InputStream in = NativeLibrary.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IOException("this jar has no " + path + ": Hutch runs on Linux, x86-64 and aarch64");
            }
            return in.readAllBytes();
        }
    }

    /** Whether this jar has the code for Linux on such a processor. */
    public static boolean isInJar(String arch) {
        return NativeLibrary.class.getResource("/META-INF/native/" + platform("Linux", arch) + "/libhutch.so") != null;
    }

    /** The folder's name in the jar, such as {@code linux-x86_64}. */
    static String platform() {
        return platform(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
    }

    private static String platform(String os, String arch) {
        return os.toLowerCase(java.util.Locale.ROOT) + "-" + (arch.equals("amd64") ? "x86_64" : arch);
    }
}
