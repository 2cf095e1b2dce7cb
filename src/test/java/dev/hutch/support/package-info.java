// SPDX-License-Identifier: Apache-2.0

/** What tests against the real kernel share: a probe program, root file systems, conditions, the state of the host. */
@NullMarked
package dev.hutch.support;

import org.jspecify.annotations.NullMarked;
