// SPDX-License-Identifier: Apache-2.0

/** Files into a workspace and out of it, beneath its folder, through no symbolic link. */
@NullMarked
package dev.hutch.internal.files;

import org.jspecify.annotations.NullMarked;
