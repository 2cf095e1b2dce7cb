// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import dev.hutch.support.AsPlainUser;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import org.junit.jupiter.api.Nested;

/** The same tests again, as a user without rights. */
@KernelTest({Need.BOTH_USERS, Need.PLAIN_USER})
class PlainUserKernelTest {
    @Nested
    @AsPlainUser
    class Capability extends CapabilityKernelTest {}

    @Nested
    @AsPlainUser
    class Init extends InitKernelTest {}

    @Nested
    @AsPlainUser
    class Landlock extends LandlockKernelTest {}

    @Nested
    @AsPlainUser
    class Namespace extends NamespaceKernelTest {}

    @Nested
    @AsPlainUser
    class Network extends NetworkKernelTest {}

    @Nested
    @AsPlainUser
    class Rlimit extends RlimitKernelTest {}

    @Nested
    @AsPlainUser
    class Seccomp extends SeccompKernelTest {}

    @Nested
    @AsPlainUser
    class Streams extends StreamsKernelTest {}

    @Nested
    @AsPlainUser
    class Terminal extends TerminalKernelTest {}

    @Nested
    @AsPlainUser
    class Cgroup extends CgroupKernelTest {}

    @Nested
    @AsPlainUser
    class Mount extends MountKernelTest {}

    @Nested
    @AsPlainUser
    class Programs extends ProgramsKernelTest {}

    @Nested
    @AsPlainUser
    class LiveControl extends LiveControlKernelTest {}

    @Nested
    @AsPlainUser
    class BestEffort extends BestEffortKernelTest {}

    @Nested
    @AsPlainUser
    class Java extends JavaKernelTest {}
}
