// SPDX-License-Identifier: Apache-2.0

/** A launch from the Java side: the zygote, the conversation with a container's first processes, its life and verdict. */
@NullMarked
package dev.hutch.internal.launch;

import org.jspecify.annotations.NullMarked;
