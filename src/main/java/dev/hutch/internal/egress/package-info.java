// SPDX-License-Identifier: Apache-2.0

/**
 * Names and what may be reached by them: the resolver that a container with a network has, and the walls of one with an
 * egress list. What comes from inside is hostile, and so may be what servers answer.
 */
@NullMarked
package dev.hutch.internal.egress;

import org.jspecify.annotations.NullMarked;
