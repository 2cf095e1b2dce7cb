// SPDX-License-Identifier: Apache-2.0

/** Standard streams: pipes as Java streams, bounded capture, and the loop that serves a whole run in one thread. */
@NullMarked
package dev.hutch.internal.stdio;

import org.jspecify.annotations.NullMarked;
