// SPDX-License-Identifier: Apache-2.0

/**
 * Runs programs that are not trusted in Linux containers, as easily as {@link ProcessBuilder} runs them without.
 *
 * <p>No method takes or returns null unless it says so.
 */
@NullMarked
package dev.hutch;

import org.jspecify.annotations.NullMarked;
