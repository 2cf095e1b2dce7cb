// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import com.grack.nanojson.JsonArray;
import com.grack.nanojson.JsonObject;
import com.grack.nanojson.JsonParser;
import com.grack.nanojson.JsonParserException;
import dev.hutch.spec.SandboxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A value in a spec's file that knows its place, so that each refusal names it. {@code null} counts as absent.
 *
 * @param source the file
 * @param place such as {@code mounts[0].source}; empty for the whole
 */
record Json(String source, String place, Object value) {
    /** The parser recurses: a deeper text would end in a StackOverflowError. */
    private static final int DEEPEST = 64;

    /** Reads one value with a method that checks it by an IllegalArgumentException. */
    interface Reader<T> {
        T read(Json json) throws SandboxException;
    }

    static Json parse(String source, String text) throws SandboxException {
        Json nothing = new Json(source, "", "");
        int depth = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
            if (depth > DEEPEST) {
                throw nothing.refuse("is nested deeper than any spec");
            }
        }
        try {
            return new Json(source, "", JsonParser.any().withLazyNumbers().from(text));
        } catch (JsonParserException e) {
            throw nothing.refuse("line " + e.getLinePosition() + ", character " + e.getCharPosition() + " is not JSON: "
                    + e.getMessage());
        }
    }

    SandboxException refuse(String why) {
        return new SandboxException("spec", source, null, place.isEmpty() ? why : place + ": " + why);
    }

    /** Refuses other keys: a misspelt limit would be none. */
    Json only(String... keys) throws SandboxException {
        for (String key : object().keySet()) {
            if (!List.of(keys).contains(key)) {
                throw refuse("has '" + key + "', which is unknown; it knows " + String.join(", ", keys));
            }
        }
        return this;
    }

    @Nullable
    Json get(String key) throws SandboxException {
        Object found = object().get(key);
        return found == null ? null : new Json(source, place.isEmpty() ? key : place + "." + key, found);
    }

    Json need(String key) throws SandboxException {
        Json found = get(key);
        if (found == null) {
            throw refuse("has no " + key);
        }
        return found;
    }

    <T> T orElse(String key, T otherwise, Reader<T> reader) throws SandboxException {
        Json found = get(key);
        return found == null ? otherwise : found.as(reader);
    }

    /** What the reader makes of it; what it finds wrong with the value is told with the place. */
    <T> T as(Reader<T> reader) throws SandboxException {
        try {
            return reader.read(this);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw refuse(String.valueOf(e.getMessage()));
        }
    }

    <T> List<T> list(Reader<T> reader) throws SandboxException {
        if (!(value instanceof JsonArray array)) {
            throw mustBe("an array");
        }
        List<T> all = new ArrayList<>();
        for (Object element : array) {
            all.add(new Json(source, place + "[" + all.size() + "]", element == null ? "null" : element).as(reader));
        }
        return all;
    }

    String text() throws SandboxException {
        if (value instanceof String text) {
            return text;
        }
        throw mustBe("a string");
    }

    boolean flag() throws SandboxException {
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw mustBe("true or false");
    }

    boolean isNumber() {
        return value instanceof Number;
    }

    long number(long least, long most) throws SandboxException {
        if (isNumber() && value.toString().matches("-?[0-9]{1,19}")) {
            try {
                long number = Long.parseLong(value.toString());
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException e) {
                throw mustBe("a whole number from " + least + " to " + most);
            }
        }
        throw mustBe("a whole number from " + least + " to " + most);
    }

    double decimal() throws SandboxException {
        if (isNumber()) {
            return Double.parseDouble(value.toString());
        }
        throw mustBe("a number");
    }

    /** A constant by its name in lower case with dashes. */
    <E extends Enum<E>> E word(Class<E> type) throws SandboxException {
        String text = text();
        for (E constant : type.getEnumConstants()) {
            if (word(constant).equals(text)) {
                return constant;
            }
        }
        throw mustBe("one of "
                + Arrays.stream(type.getEnumConstants()).map(Json::word).collect(Collectors.joining(", ")));
    }

    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private SandboxException mustBe(String what) {
        return refuse("is " + shown() + ", must be " + what);
    }

    private String shown() {
        if (value instanceof JsonObject) {
            return "an object";
        }
        if (value instanceof JsonArray) {
            return "an array";
        }
        return isNumber() || value instanceof Boolean ? value.toString() : "'" + value + "'";
    }

    private JsonObject object() throws SandboxException {
        if (value instanceof JsonObject object) {
            return object;
        }
        throw mustBe("an object");
    }
}
