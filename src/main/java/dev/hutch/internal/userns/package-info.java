// SPDX-License-Identifier: Apache-2.0

/**
 * User namespaces: which ids of the host a sandbox's ids are, where unused ones come from, and how the maps get to the
 * kernel; user_namespaces(7), subuid(5), newuidmap(1).
 */
@NullMarked
package dev.hutch.internal.userns;

import org.jspecify.annotations.NullMarked;
