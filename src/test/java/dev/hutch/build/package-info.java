// SPDX-License-Identifier: Apache-2.0
@NullMarked
package dev.hutch.build;

import org.jspecify.annotations.NullMarked;
