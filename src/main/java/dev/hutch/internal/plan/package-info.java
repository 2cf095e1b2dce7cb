// SPDX-License-Identifier: Apache-2.0

/** Turns a sandbox's spec into a launch plan: ops for the child to walk, in parts, and their bytes. */
@NullMarked
package dev.hutch.internal.plan;

import org.jspecify.annotations.NullMarked;
