// SPDX-License-Identifier: Apache-2.0

/**
 * Networks of plain users: the programs that carry a network namespace's traffic over ordinary sockets of the host's,
 * pasta(1) and slirp4netns(1), and how each is told what to do.
 */
@NullMarked
package dev.hutch.internal.usernet;

import org.jspecify.annotations.NullMarked;
