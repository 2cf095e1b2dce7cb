// SPDX-License-Identifier: Apache-2.0
package dev.hutch.bench;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code bench/run} asks for, as {@code name=value} arguments.
 *
 * @param setting words for this JVM's surroundings, in the table's heading and the CSV
 * @param tools the folder with the built {@code floor} and the OCI bundle
 * @param program what is started, static and tiny; under /usr
 * @param contenders which, in the table's order
 * @param rounds how often all contenders take their turn
 * @param block launches of one turn, back to back
 * @param idleBlock launches of one turn at one per {@link #idleMillis}
 * @param warmUp launches of each before anything is measured
 * @param heapGibibytes heap to fill and keep
 * @param threads that wait in this JVM meanwhile
 * @param descriptors that this JVM holds meanwhile
 * @param live sandboxes that wait in the same context meanwhile
 * @param hutch the command line's script
 * @param csv the file that gets the figures appended
 */
record Options(
        String setting,
        Path tools,
        String program,
        List<String> contenders,
        int rounds,
        int block,
        int idleBlock,
        long idleMillis,
        int warmUp,
        int heapGibibytes,
        int threads,
        int descriptors,
        int live,
        Path hutch,
        Path csv) {
    static Options parse(String... arguments) {
        Map<String, String> given = new HashMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            given.put(argument.substring(0, equals), argument.substring(equals + 1));
        }
        return new Options(
                given.get("setting"),
                Path.of(given.get("tools")),
                given.get("program"),
                List.of(given.get("contenders").split(",")),
                Integer.parseInt(given.get("rounds")),
                Integer.parseInt(given.get("block")),
                Integer.parseInt(given.get("idle-block")),
                Long.parseLong(given.get("idle-ms")),
                Integer.parseInt(given.get("warm-up")),
                Integer.parseInt(given.get("heap")),
                Integer.parseInt(given.get("threads")),
                Integer.parseInt(given.get("descriptors")),
                Integer.parseInt(given.get("live")),
                Path.of(given.get("hutch")),
                Path.of(given.get("csv")));
    }

    /** Arguments for another JVM. */
    List<String> again(String otherSetting, String contender) {
        return List.of(
                "setting=" + otherSetting,
                "tools=" + tools,
                "program=" + program,
                "contenders=" + contender,
                "rounds=1",
                "block=1",
                "idle-block=0",
                "idle-ms=0",
                "warm-up=0",
                "heap=0",
                "threads=0",
                "descriptors=0",
                "live=0",
                "hutch=" + hutch,
                "csv=" + csv);
    }
}
