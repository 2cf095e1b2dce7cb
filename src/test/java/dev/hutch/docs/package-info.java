// SPDX-License-Identifier: Apache-2.0

/** Holds the documents against the program. */
@NullMarked
package dev.hutch.docs;

import org.jspecify.annotations.NullMarked;
