// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

/**
 * A system call for which the seccomp filter killed, or which it logged; as the kernel's log tells. Immutable.
 *
 * @param systemCall its name, such as {@code mkdir}; or its number where it is none of this machine's own architecture
 * @param program what made it: the first 15 bytes of its file's name, or what it calls itself; prctl(2), PR_SET_NAME
 * @param killed whether it was killed for it; else the call was made and logged
 * @param count how often
 * @since 0.1
 */
public record SeccompViolation(String systemCall, String program, boolean killed, int count) {}
