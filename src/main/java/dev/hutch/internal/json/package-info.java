// SPDX-License-Identifier: Apache-2.0

/** JSON of people's own hand, read so that each mistake is named with its place. */
@NullMarked
package dev.hutch.internal.json;

import org.jspecify.annotations.NullMarked;
