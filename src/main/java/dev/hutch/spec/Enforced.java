// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

/**
 * One limit or wall of a sandbox, as it really was.
 *
 * @param name the option's word, such as {@code memory} or {@code user-namespace}
 * @param value what was written and accepted, in the kernel's words: sizes in bytes; of Hutch's own deadlines the {@link
 *     java.time.Duration}'s text
 * @param enforced whether the kernel holds it
 * @param reason why not; empty where enforced
 * @since 0.1
 */
public record Enforced(String name, String value, boolean enforced, String reason) {
    /** One that the kernel holds. */
    public static Enforced yes(String name, String value) {
        return new Enforced(name, value, true, "");
    }

    /** One that nothing holds, with the reason. */
    public static Enforced no(String name, String value, String reason) {
        return new Enforced(name, value, false, reason);
    }
}
