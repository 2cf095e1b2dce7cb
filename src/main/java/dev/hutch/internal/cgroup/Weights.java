// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

/** Version 1's weights in version 2's measure, as the OCI runtimes convert them. */
final class Weights {
    private Weights() {}

    /** A quadratic through the least (2 → 1), the default (1024 → 100) and the most (262,144 → 10,000). */
    static long cpuWeight(int shares) {
        double log = Math.log(shares) / Math.log(2);
        double exponent = (log * log + 125 * log) / 612 - 7.0 / 34;
        return Math.min(10_000, Math.max(1, Math.round(Math.pow(10, exponent))));
    }

    /** 10 to 1000 stretched to 1 to 10,000. */
    static long ioWeight(int weight) {
        return 1 + (weight - 10) * 9999L / 990;
    }
}
