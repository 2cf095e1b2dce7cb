// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.dns;

/** These bytes are no DNS message that a resolver has to understand. Without a trace: whoever sends garbage sends much. */
public final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedException(String what) {
        super(what, null, false, false);
    }
}
