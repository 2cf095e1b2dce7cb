// SPDX-License-Identifier: Apache-2.0

/** Faults: what is left when a step fails, or when one of the processes is killed or stopped. */
@NullMarked
package dev.hutch.fault;

import org.jspecify.annotations.NullMarked;
