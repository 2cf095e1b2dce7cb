// SPDX-License-Identifier: Apache-2.0

/**
 * Messages to and from the kernel's netlink families, and the sockets that carry them; netlink(7).
 */
@NullMarked
package dev.hutch.internal.netlink;

import org.jspecify.annotations.NullMarked;
