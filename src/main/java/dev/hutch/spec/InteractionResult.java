// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

/**
 * How two sandboxes that spoke to each other ended. Immutable.
 *
 * @param first the account of the first; of its standard output only how much it was, and that only where it was counted
 * @param second the same of the second
 * @param transcript what was said; empty where none was asked for
 * @param counted whether it is known how much each said: a transcript or an output limit had it counted. Else the kernel's
 *     pipes joined them, which count nothing, and the totals are 0
 * @since 0.1
 */
public record InteractionResult(SandboxResult first, SandboxResult second, Transcript transcript, boolean counted) {}
