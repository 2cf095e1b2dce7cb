// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.spec.SandboxSpec;
import java.util.List;
import java.util.Map;

/**
 * What is to be run in a sandbox of which spec.
 *
 * @param arguments the command and its arguments
 * @param environment the whole of it
 * @param directory absolute, inside
 * @param streams descriptors for 0, 1 and 2; they stay the caller's
 * @param made which of the streams are pipes or files that we made for this sandbox: they become the user inside's
 * @param terminal whether stream 0 is a terminal to be the controlling one
 */
public record LaunchRequest(
        SandboxSpec spec,
        List<String> arguments,
        Map<String, String> environment,
        String directory,
        int[] streams,
        boolean[] made,
        boolean terminal) {}
