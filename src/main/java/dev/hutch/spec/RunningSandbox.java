// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

/**
 * Which sandbox an event is about. Immutable.
 *
 * @param spec its walls and limits; {@link SandboxSpec#name} is the label it was given
 * @param pid the command's, as this JVM sees it; another process's after the end
 * @param setup how long its launch took, step by step
 * @since 0.1
 */
public record RunningSandbox(SandboxSpec spec, long pid, SetupTime setup) {}
