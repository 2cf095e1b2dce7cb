// SPDX-License-Identifier: Apache-2.0

/** The command line: arguments become a sandbox and a command, a result becomes messages, JSON and an exit status. */
@NullMarked
package dev.hutch.cli;

import org.jspecify.annotations.NullMarked;
