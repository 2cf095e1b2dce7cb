// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

/** Who a sandbox ends with. @since 0.1 */
public enum Lifetime {
    /** Dies with the JVM that started it, whatever ends that. */
    ATTACHED,
    /** Outlives the JVM. Not offered yet: a start with it is refused. */
    DETACHED
}
