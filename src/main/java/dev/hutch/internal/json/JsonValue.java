// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.json;

import com.grack.nanojson.JsonArray;
import com.grack.nanojson.JsonObject;
import com.grack.nanojson.JsonParser;
import com.grack.nanojson.JsonParserException;
import dev.hutch.spec.SandboxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A value in a file that knows its place, so that each refusal names it. {@code null} counts as absent.
 *
 * @param file what it stands in
 * @param parent what holds it; null for the whole
 * @param name its field's; null in an array
 * @param index in an array
 * @param value a nanojson object or array, a string, number or boolean; null in an array only
 */
public record JsonValue(
        File file,
        @Nullable JsonValue parent,
        @Nullable String name,
        int index,
        @Nullable Object value) {
    /** The parser recurses: a deeper text would end in a StackOverflowError. */
    private static final int DEEPEST = 64;

    private static final String UNSIGNED = "a whole number from 0 to 18446744073709551615";

    /**
     * A file.
     *
     * @param kind what it is, such as {@code spec}
     * @param path where it is
     */
    public record File(String kind, String path) {
        private SandboxException refuse(String why) {
            return new SandboxException(kind, path, null, why);
        }
    }

    /** Makes something of a value; an IllegalArgumentException says what is wrong with it. */
    public interface Reader<T> {
        T read(JsonValue json) throws SandboxException;
    }

    /**
     * The whole of a file.
     *
     * @param kind what it is, such as {@code spec}
     */
    public static JsonValue parse(String kind, String path, String text) throws SandboxException {
        File file = new File(kind, path);
        if (depth(text) > DEEPEST) {
            throw file.refuse("is nested deeper than any " + kind);
        }
        try {
            return new JsonValue(
                    file, null, null, 0, JsonParser.any().withLazyNumbers().from(text));
        } catch (JsonParserException e) {
            throw file.refuse("line " + e.getLinePosition() + ", character " + e.getCharPosition() + " is not JSON: "
                    + quote(String.valueOf(e.getMessage())));
        }
    }

    /** Refuses this value; the words come after its place. */
    public SandboxException refuse(String why) {
        String place = place();
        return file.refuse(place.isEmpty() ? why : place + ": " + why);
    }

    /** Refuses fields of other names: a misspelt limit would be none, a misspelt condition would hold for all. */
    public JsonValue only(String... names) throws SandboxException {
        for (String found : object().keySet()) {
            if (!List.of(names).contains(found)) {
                throw refuse("has " + quote(found) + ", which is unknown; it knows "
                        + Arrays.stream(names).sorted().collect(Collectors.joining(", ")));
            }
        }
        return this;
    }

    public Optional<JsonValue> field(String field) throws SandboxException {
        Object found = object().get(field);
        return found == null ? Optional.empty() : Optional.of(new JsonValue(file, this, field, 0, found));
    }

    public JsonValue need(String field) throws SandboxException {
        Optional<JsonValue> found = field(field);
        if (found.isEmpty()) {
            throw refuse("has no " + field);
        }
        return found.get();
    }

    /** What the reader makes of a field. */
    public <T> T orElse(String field, T otherwise, Reader<T> reader) throws SandboxException {
        Optional<JsonValue> found = field(field);
        return found.isEmpty() ? otherwise : found.get().as(reader);
    }

    /** What the reader makes of this; what it finds wrong is told with the place. */
    public <T> T as(Reader<T> reader) throws SandboxException {
        try {
            return reader.read(this);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw refuse(String.valueOf(e.getMessage()));
        }
    }

    /** What the reader makes of each element of this array. */
    public <T> List<T> list(Reader<T> reader) throws SandboxException {
        List<T> all = new ArrayList<>();
        for (JsonValue element : elements()) {
            all.add(element.as(reader));
        }
        return all;
    }

    /** The elements of the array of that name; none where there is no such field. */
    public List<JsonValue> elements(String field) throws SandboxException {
        Optional<JsonValue> found = field(field);
        return found.isEmpty() ? List.of() : found.get().elements();
    }

    private List<JsonValue> elements() throws SandboxException {
        if (!(value instanceof JsonArray array)) {
            throw mustBe("an array");
        }
        List<JsonValue> elements = new ArrayList<>(array.size());
        for (Object element : array) {
            elements.add(new JsonValue(file, this, null, elements.size(), element));
        }
        return elements;
    }

    public String text() throws SandboxException {
        if (value instanceof String text) {
            return text;
        }
        throw mustBe("a string");
    }

    public boolean flag() throws SandboxException {
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw mustBe("true or false");
    }

    public boolean isNumber() {
        return value instanceof Number;
    }

    public long number(long least, long most) throws SandboxException {
        String words = "a whole number from " + least + " to " + most;
        if (!isNumber()) {
            throw mustBe(words);
        }
        try {
            long number = Long.parseLong(String.valueOf(value));
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw mustBe(words);
        }
        throw mustBe(words);
    }

    /** 0 to 2^64 - 1, as the bits of a long. */
    public long unsigned() throws SandboxException {
        if (!isNumber()) {
            throw mustBe(UNSIGNED);
        }
        try {
            return Long.parseUnsignedLong(String.valueOf(value));
        } catch (NumberFormatException e) {
            throw mustBe(UNSIGNED);
        }
    }

    public double decimal() throws SandboxException {
        if (isNumber()) {
            return Double.parseDouble(String.valueOf(value));
        }
        throw mustBe("a number");
    }

    /** A constant by its {@link #word(Enum)}. */
    public <E extends Enum<E>> E word(Class<E> type) throws SandboxException {
        String text = text();
        for (E constant : type.getEnumConstants()) {
            if (word(constant).equals(text)) {
                return constant;
            }
        }
        throw mustBe("one of "
                + Arrays.stream(type.getEnumConstants()).map(JsonValue::word).collect(Collectors.joining(", ")));
    }

    /** The name in lower case with dashes. */
    public static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Text out of a file for a message: one line, not too long. */
    public static String quote(String text) {
        String line = text.replaceAll("[\\p{Cc}\\p{Cf}]", "?");
        return "'" + (line.length() > 80 ? line.substring(0, 80) + "…" : line) + "'";
    }

    /** Refuses a value that is something else. */
    public SandboxException mustBe(String what) {
        return refuse("is " + shown() + ", must be " + what);
    }

    private String shown() {
        if (value instanceof JsonObject) {
            return "an object";
        }
        if (value instanceof JsonArray) {
            return "an array";
        }
        return value instanceof String text ? quote(text) : String.valueOf(value);
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
        throw mustBe("an object");
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
