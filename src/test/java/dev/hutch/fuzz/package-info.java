// SPDX-License-Identifier: Apache-2.0
/** Random input for whatever reads bytes that it must not trust blindly. */
@NullMarked
package dev.hutch.fuzz;

import org.jspecify.annotations.NullMarked;
