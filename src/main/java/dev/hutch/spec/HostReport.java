// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.util.List;

/**
 * What a machine offers to sandboxes. Immutable.
 *
 * @param findings one a mechanism
 * @param runs whether a sandbox with the defaults was started, and ended well
 * @since 0.1
 */
public record HostReport(List<Finding> findings, boolean runs) {
    public HostReport {
        findings = List.copyOf(findings);
    }

    /**
     * One mechanism.
     *
     * @param name what it is
     * @param works whether it is to be had
     * @param detail what was found, or why it is not to be had
     * @param cure what to do about it; empty where nothing need or can be done
     */
    public record Finding(String name, boolean works, String detail, String cure) {
        /** One that works. */
        public static Finding good(String name, String detail) {
            return new Finding(name, true, detail, "");
        }

        /** One that is not to be had. */
        public static Finding bad(String name, String detail, String cure) {
            return new Finding(name, false, detail, cure);
        }
    }
}
