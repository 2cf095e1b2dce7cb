// SPDX-License-Identifier: Apache-2.0

/** What this host is: its kernel, and names on it. */
@NullMarked
package dev.hutch.internal.host;

import org.jspecify.annotations.NullMarked;
