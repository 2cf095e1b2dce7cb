// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A Java program that runs inside; needs nothing but the JDK. */
public final class JavaPayload {
    private static final int MEBIBYTE = 1 << 20;

    private JavaPayload() {}

    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "look" -> look(arguments);
            case "resource" -> resources(arguments);
            case "write" -> Files.writeString(Path.of(arguments[1]), "planted");
            case "connect" -> connect(arguments);
            case "heap" -> fill(Integer.MAX_VALUE);
            case "direct-and-heap" -> {
                List<ByteBuffer> direct = direct(Integer.parseInt(arguments[1]));
                fill(Integer.parseInt(arguments[2]));
                System.out.println(direct.size());
            }
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    /** What the first words of a server are, or the exception. */
    private static void connect(String[] arguments) {
        for (String place : List.of(arguments).subList(1, arguments.length)) {
            String[] parts = place.split(":");
            try (Socket socket = new Socket(parts[0], Integer.parseInt(parts[1]))) {
                System.out.println(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                System.out.println(e.getClass().getSimpleName());
            }
        }
    }

    private static void look(String[] arguments) {
        System.out.println(Runtime.version().feature());
        System.out.println(System.getProperty("java.home"));
        System.out.println(Runtime.getRuntime().maxMemory() / MEBIBYTE);
        System.out.println(Runtime.getRuntime().availableProcessors());
        System.out.println(Arrays.asList(arguments).subList(1, arguments.length));
    }

    private static void resources(String[] names) throws Exception {
        for (String name : List.of(names).subList(1, names.length)) {
            try (InputStream in = ClassLoader.getSystemResourceAsStream(name)) {
                System.out.println(in == null ? "none" : new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
    }

    private static List<ByteBuffer> direct(int mebibytes) {
        List<ByteBuffer> held = new ArrayList<>();
        for (int i = 0; i < mebibytes; i++) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(MEBIBYTE);
            for (int at = 0; at < MEBIBYTE; at += 4096) {
                buffer.put(at, (byte) 1);
            }
            held.add(buffer);
        }
        return held;
    }

    private static void fill(int mebibytes) {
        List<byte[]> held = new ArrayList<>();
        for (int i = 0; i < mebibytes; i++) {
            held.add(new byte[MEBIBYTE]);
        }
        System.out.println(held.size());
    }
}
