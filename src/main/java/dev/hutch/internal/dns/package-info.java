// SPDX-License-Identifier: Apache-2.0

/**
 * DNS messages (RFC 1035) as far as a forwarding resolver needs them, and the way to the host's own servers. What comes from
 * inside a sandbox, and from a server that may work with it, is hostile: every read is bounded.
 */
@NullMarked
package dev.hutch.internal.dns;

import org.jspecify.annotations.NullMarked;
