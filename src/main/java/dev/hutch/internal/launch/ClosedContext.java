// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.spec.SandboxException;

/** What those are told who come after a context's end, whichever part of it they meet first. */
final class ClosedContext {
    private ClosedContext() {}

    static SandboxException refusal() {
        return new SandboxException("launch", "", null, "this context is closed: make another");
    }
}
