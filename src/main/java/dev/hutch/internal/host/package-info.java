// SPDX-License-Identifier: Apache-2.0

/** What kind of machine this is: its kernel, our rights on it. */
@NullMarked
package dev.hutch.internal.host;

import org.jspecify.annotations.NullMarked;
