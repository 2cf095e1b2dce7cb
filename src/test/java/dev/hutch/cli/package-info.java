// SPDX-License-Identifier: Apache-2.0
@NullMarked
package dev.hutch.cli;

import org.jspecify.annotations.NullMarked;
