// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import com.grack.nanojson.JsonArray;
import com.grack.nanojson.JsonObject;
import com.grack.nanojson.JsonParser;
import com.grack.nanojson.JsonParserException;
import dev.hutch.spec.SandboxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A value in a profile that knows its place, so that each refusal names it. {@code null} counts as absent, as Docker's
 * files have it.
 *
 * @param source the profile's path
 * @param parent what holds it; null for the whole
 * @param name its field's; null in an array
 * @param index in an array
 */
record JsonValue(
        String source,
        @Nullable JsonValue parent,
        @Nullable String name,
        int index,
        @Nullable Object value) {
    /** The parser recurses: a deeper text would end in a StackOverflowError. */
    private static final int DEEPEST = 64;

    static JsonValue parse(String source, String text) throws SandboxException {
        if (depth(text) > DEEPEST) {
            throw refusal(source, "", "is nested deeper than any profile");
        }
        try {
            return new JsonValue(
                    source, null, null, 0, JsonParser.any().withLazyNumbers().from(text));
        } catch (JsonParserException e) {
            String place = "line " + e.getLinePosition() + ", character " + e.getCharPosition();
            throw refusal(source, place, "is not JSON: " + quote(String.valueOf(e.getMessage())));
        }
    }

    /** Refuses this value; {@code why} continues a sentence that begins with the place. */
    SandboxException refuse(String why) {
        return refusal(source, place(), why);
    }

    /** Refuses fields of other names: a misspelt {@code args} would make its rule hold for every argument. */
    JsonValue only(Set<String> names) throws SandboxException {
        for (String name : object().keySet()) {
            if (!names.contains(name)) {
                throw refuse("has " + quote(name) + ", which no profile has; it knows "
                        + String.join(", ", names.stream().sorted().toList()));
            }
        }
        return this;
    }

    Optional<JsonValue> field(String name) throws SandboxException {
        Object found = object().get(name);
        return found == null ? Optional.empty() : Optional.of(new JsonValue(source, this, name, 0, found));
    }

    JsonValue need(String name) throws SandboxException {
        Optional<JsonValue> field = field(name);
        if (field.isEmpty()) {
            throw refuse("has no " + name);
        }
        return field.get();
    }

    /** The elements of the array of that name; none where there is no such field. */
    List<JsonValue> elements(String name) throws SandboxException {
        Optional<JsonValue> field = field(name);
        return field.isEmpty() ? List.of() : field.get().elements();
    }

    private List<JsonValue> elements() throws SandboxException {
        if (!(value instanceof JsonArray array)) {
            throw refuse("is not an array");
        }
        List<JsonValue> elements = new ArrayList<>(array.size());
        for (Object element : array) {
            elements.add(new JsonValue(source, this, null, elements.size(), element));
        }
        return elements;
    }

    String text() throws SandboxException {
        if (value instanceof String text) {
            return text;
        }
        throw refuse("is not a string");
    }

    boolean flag() throws SandboxException {
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw refuse("is not true or false");
    }

    /** 0 to 2^64 - 1, as the bits of a long. */
    long unsigned() throws SandboxException {
        if (value instanceof Number number) {
            try {
                return Long.parseUnsignedLong(number.toString());
            } catch (NumberFormatException e) {
                throw refuse(quote(number.toString()) + " is not a whole number from 0 to 18446744073709551615");
            }
        }
        throw refuse("is not a number");
    }

    int upTo(int max) throws SandboxException {
        long number = unsigned();
        if (number < 0 || number > max) {
            throw refuse(Long.toUnsignedString(number) + " is not 0 to " + max);
        }
        return (int) number;
    }

    /** Text out of the file for a message: one line, not too long. */
    static String quote(String text) {
        String line = text.replaceAll("[\\p{Cc}\\p{Cf}]", "?");
        return "'" + (line.length() > 80 ? line.substring(0, 80) + "…" : line) + "'";
    }

    /** Such as {@code syscalls[3].args[0].op}; put together only when it is asked for. */
    private String place() {
        if (parent == null) {
            return "";
        }
        String before = parent.place();
        if (name == null) {
            return before + "[" + index + "]";
        }
        return before.isEmpty() ? name : before + "." + name;
    }

    private JsonObject object() throws SandboxException {
        if (value instanceof JsonObject object) {
            return object;
        }
        throw refuse("is not an object");
    }

    private static SandboxException refusal(String source, String place, String why) {
        return new SandboxException("seccomp profile", source, null, place.isEmpty() ? why : place + " " + why);
    }

    private static int depth(String text) {
        int depth = 0;
        int deepest = 0;
        for (int i = 0; i < text.length(); i++) {
            switch (text.charAt(i)) {
                case '{', '[' -> deepest = Math.max(deepest, ++depth);
                case '}', ']' -> depth--;
                default -> {}
            }
        }
        return deepest;
    }
}
