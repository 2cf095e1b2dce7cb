// SPDX-License-Identifier: Apache-2.0

/** Real sandboxes, observed from the kernel's side: one class for each mechanism. */
@NullMarked
package dev.hutch.kernel;

import org.jspecify.annotations.NullMarked;
