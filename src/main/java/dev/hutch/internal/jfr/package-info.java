// SPDX-License-Identifier: Apache-2.0

/** What the flight recorder is told; the JDK may lack it. */
@NullMarked
package dev.hutch.internal.jfr;

import org.jspecify.annotations.NullMarked;
