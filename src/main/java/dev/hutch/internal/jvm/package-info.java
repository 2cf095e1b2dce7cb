// SPDX-License-Identifier: Apache-2.0

/** Java programs as commands: which files of the host's they need, where these stand inside, and the JVM's options. */
@NullMarked
package dev.hutch.internal.jvm;

import org.jspecify.annotations.NullMarked;
