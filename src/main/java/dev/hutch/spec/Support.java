// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

/**
 * Whether Hutch can run on a machine at all, as far as its kernel's name, version and processor tell.
 *
 * @param supported whether it can
 * @param reason why not, as a sentence's end that may be shown; empty where it can
 * @since 0.1
 */
public record Support(boolean supported, String reason) {
    /** It can. */
    public static Support yes() {
        return new Support(true, "");
    }

    /** It can not. */
    public static Support no(String reason) {
        return new Support(false, reason);
    }
}
