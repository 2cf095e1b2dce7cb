// SPDX-License-Identifier: Apache-2.0

/** nf_tables spoken over netlink, without the nft program: tables, chains, rules, sets, and what the kernel answers. */
@NullMarked
package dev.hutch.internal.nftables;

import org.jspecify.annotations.NullMarked;
