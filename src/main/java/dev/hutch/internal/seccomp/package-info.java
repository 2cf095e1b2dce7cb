// SPDX-License-Identifier: Apache-2.0

/**
 * From a seccomp profile to the kernel's filter: {@link dev.hutch.internal.seccomp.ProfileReader} reads the JSON,
 * {@link dev.hutch.internal.seccomp.Ruling} is what it says for one machine and one set of capabilities, and
 * {@link dev.hutch.internal.seccomp.BpfCompiler} writes that as BPF. {@link dev.hutch.internal.seccomp.SeccompFilters} is
 * the way in. Hutch's own profile is {@code default-profile.json}; {@code docs/seccomp.md} has the reasons.
 */
@NullMarked
package dev.hutch.internal.seccomp;

import org.jspecify.annotations.NullMarked;
