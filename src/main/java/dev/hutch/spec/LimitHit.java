// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

/**
 * A limit that a sandbox ran into; {@link SandboxResult#limitHits}. Immutable.
 *
 * @param option the command line's word for it, without dashes, such as {@code pids-limit}; empty where it was not the
 *     sandbox's own: the host's memory
 * @param words for people, such as {@code killed at the memory limit (256m)}
 * @since 0.1
 */
public record LimitHit(String option, String words) {}
