// SPDX-License-Identifier: Apache-2.0
/**
 * Networks of containers: what a container's network namespace is attached to, for as long as it lives.
 */
@NullMarked
package dev.hutch.internal.net;

import org.jspecify.annotations.NullMarked;
