// SPDX-License-Identifier: Apache-2.0

/** The native boundary: one interface, one JNI implementation, and the loading of the library. */
@NullMarked
package dev.hutch.internal.kernel;

import org.jspecify.annotations.NullMarked;
