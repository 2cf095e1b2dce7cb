// SPDX-License-Identifier: Apache-2.0
/** How long a launch takes, from the call to the answer, beside other ways to start a program. */
@NullMarked
package dev.hutch.bench;

import org.jspecify.annotations.NullMarked;
