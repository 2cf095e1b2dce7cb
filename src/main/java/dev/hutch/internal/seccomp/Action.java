// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

/**
 * What the kernel does with a call; seccomp(2), SECCOMP_RET_*.
 *
 * @param code a filter's return value: the action in the upper 16 bits, an error number in the lower ones
 */
record Action(int code) {
    static final Action KILL_PROCESS = new Action(0x8000_0000);
    static final Action KILL_THREAD = new Action(0);
    static final Action TRAP = new Action(0x0003_0000);
    static final Action LOG = new Action(0x7ffc_0000);
    static final Action ALLOW = new Action(0x7fff_0000);

    /** The call isn't made and fails; with 0 it isn't made and seems to succeed. */
    static Action errno(int number) {
        return new Action(0x0005_0000 | number);
    }
}
