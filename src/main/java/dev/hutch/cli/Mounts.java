// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import dev.hutch.spec.DeviceThrottle;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Size;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads docker's ways of writing mounts and devices. Sources must exist: a typing error makes no folder. */
final class Mounts {
    private static final int OPEN_TO_ALL = 01777;

    private Mounts() {}

    /** {@code SRC:DST[:ro|rw]}. */
    static Mount volume(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length < 2 || parts.length > 3 || (parts.length == 3 && !parts[2].matches("ro|rw"))) {
            throw new IllegalArgumentException("volume '" + text + "' is not SRC:DST[:ro]");
        }
        return new Mount.Bind(source(parts[0]), Texts.path(parts[1]), parts.length == 3 && parts[2].equals("ro"));
    }

    /** {@code DST[:size=SIZE,mode=MODE]}. */
    static Mount tmpfs(String text) {
        int colon = text.indexOf(':');
        Map<String, String> keys = colon < 0 ? Map.of() : keys(text.substring(colon + 1), Set.of("size", "mode"));
        Path destination = Texts.path(colon < 0 ? text : text.substring(0, colon));
        return new Mount.Tmpfs(destination, size(keys.get("size")), mode(keys.get("mode")));
    }

    /** {@code type=bind,source=…,target=…} and so on. */
    static Mount mount(String text) {
        Map<String, String> keys =
                keys(text, Set.of("type", "source", "target", "readonly", "tmpfs-size", "tmpfs-mode", "lower"));
        String type = keys.getOrDefault("type", "bind");
        Path target = Texts.path(required(text, keys, "target"));
        return switch (type) {
            case "bind" -> {
                only(text, keys, Set.of("type", "source", "target", "readonly"));
                yield new Mount.Bind(source(required(text, keys, "source")), target, isTrue(keys.get("readonly")));
            }
            case "tmpfs" -> {
                only(text, keys, Set.of("type", "target", "tmpfs-size", "tmpfs-mode"));
                yield new Mount.Tmpfs(target, size(keys.get("tmpfs-size")), mode(keys.get("tmpfs-mode")));
            }
            case "overlay" -> {
                only(text, keys, Set.of("type", "target", "lower"));
                List<Path> lower = Arrays.stream(required(text, keys, "lower").split(":", -1))
                        .map(Mounts::source)
                        .toList();
                yield new Mount.Overlay(lower, target);
            }
            default ->
                throw new IllegalArgumentException("mount type '" + type + "' is not one of bind, tmpfs, overlay");
        };
    }

    static Path workspace(String text) {
        Path folder = Texts.path(text).toAbsolutePath();
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException("workspace '" + folder + "' is not a directory");
        }
        return folder;
    }

    /** {@code DEVICE:RATE}. */
    static DeviceThrottle throttle(DeviceThrottle.Kind kind, String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0) {
            throw new IllegalArgumentException("'" + text + "' is not DEVICE:RATE");
        }
        Path device = source(text.substring(0, colon));
        return new DeviceThrottle(
                device, kind, Size.parse(text.substring(colon + 1)).bytes());
    }

    private static Path source(String text) {
        Path source = Texts.path(text);
        if (text.startsWith("./") || text.startsWith("../") || text.equals(".") || text.equals("..")) {
            source = source.toAbsolutePath().normalize();
        }
        if (!source.isAbsolute()) {
            throw new IllegalArgumentException("source '" + text + "' is neither absolute nor begins with ./");
        }
        if (!Files.exists(source)) {
            throw new IllegalArgumentException("source '" + source + "' does not exist");
        }
        return source;
    }

    private static Map<String, String> keys(String text, Set<String> known) {
        Map<String, String> keys = new LinkedHashMap<>();
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            String key = canonical(equals < 0 ? part : part.substring(0, equals));
            if (!known.contains(key)) {
                throw new IllegalArgumentException("'" + part + "' in '" + text + "' is unknown");
            }
            keys.put(key, equals < 0 ? "true" : part.substring(equals + 1));
        }
        return keys;
    }

    private static String canonical(String key) {
        return switch (key) {
            case "src" -> "source";
            case "dst", "destination" -> "target";
            case "ro" -> "readonly";
            case "lowerdir" -> "lower";
            default -> key;
        };
    }

    private static void only(String text, Map<String, String> keys, Set<String> allowed) {
        for (String key : keys.keySet()) {
            if (!allowed.contains(key)) {
                throw new IllegalArgumentException("mount '" + text + "': " + key + " does not go with this type");
            }
        }
    }

    private static String required(String text, Map<String, String> keys, String key) {
        String value = keys.get(key);
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException("mount '" + text + "' has no " + key + "=");
        }
        return value;
    }

    private static Size size(@Nullable String text) {
        return text == null ? Size.bytes(0) : Size.parse(text);
    }

    private static int mode(@Nullable String text) {
        if (text == null) {
            return OPEN_TO_ALL;
        }
        if (!text.matches("[0-7]{1,5}")) {
            throw new IllegalArgumentException("mode '" + text + "' is not octal, such as 1777");
        }
        return Integer.parseInt(text, 8);
    }

    private static boolean isTrue(@Nullable String text) {
        if (text != null && !text.matches("true|false|1|0")) {
            throw new IllegalArgumentException("readonly is '" + text + "', neither true nor false");
        }
        return text != null && text.matches("true|1");
    }
}
