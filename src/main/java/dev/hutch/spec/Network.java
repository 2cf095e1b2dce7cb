// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

/** What the sandbox can reach. @since 0.1 */
public enum Network {
    /** A network namespace of its own in which only loopback exists. The default. */
    NONE,
    /** The host's network namespace. */
    HOST
}
