// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

/**
 * Which files are fetched from the workspace after the end; {@link Command.Builder#collect}. Immutable.
 *
 * @param glob relative to the workspace
 * @param limit of all its files together, up to 512 MiB
 * @since 0.1
 */
public record CollectRule(String glob, Size limit) {
    public CollectRule {
        Paths.beneath("collect", glob);
        Range.check("collect limit", limit.bytes(), 0, 512L << 20);
    }
}
