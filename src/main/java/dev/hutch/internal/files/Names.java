// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.files;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;

/** The names in a folder that is open, by its descriptor: whatever has become of its path. */
final class Names implements Iterable<Path>, AutoCloseable {
    private final DirectoryStream<Path> stream;

    private Names(DirectoryStream<Path> stream) {
        this.stream = stream;
    }

    static Names of(int folder) throws IOException {
        return new Names(Files.newDirectoryStream(Path.of("/proc/self/fd/" + folder)));
    }

    /**
     * The last name of a path as the UTF-8 that it is on disk; empty where it is none. The path's own text is decoded by
     * the locale's charset, which loses letters in the POSIX locale; its URI has the bytes.
     */
    static String text(Path path) {
        String uri = path.getFileName().toUri().getRawPath();
        int end = uri.endsWith("/") ? uri.length() - 1 : uri.length();
        String name = uri.substring(uri.lastIndexOf('/', end - 1) + 1, end);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(name.length());
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) == '%') {
                bytes.write(Integer.parseInt(name.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                bytes.write(name.charAt(i));
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            return "";
        }
    }

    @Override
    public Iterator<Path> iterator() {
        return stream.iterator();
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
