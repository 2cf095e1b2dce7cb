// SPDX-License-Identifier: Apache-2.0

/**
 * For tests of code that takes a {@link dev.hutch.Sandbox}: a fake that runs nothing, on any operating system and without
 * native code.
 */
@NullMarked
package dev.hutch.testing;

import org.jspecify.annotations.NullMarked;
