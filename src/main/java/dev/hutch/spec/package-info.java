// SPDX-License-Identifier: Apache-2.0

/**
 * The nouns of Hutch: immutable values that say what a sandbox is and what became of it. They import only the JDK and
 * touch neither files nor the kernel. Their words are those of the OCI runtime specification and of the man pages.
 *
 * <p>No method takes or returns null unless it says so.
 */
@NullMarked
package dev.hutch.spec;

import org.jspecify.annotations.NullMarked;
