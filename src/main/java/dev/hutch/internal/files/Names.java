// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.files;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Names on disk, which are bytes. */
final class Names {
    private Names() {}

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
}
