// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.plan.Host;
import dev.hutch.internal.plan.Launch;
import dev.hutch.internal.plan.Op;
import dev.hutch.internal.plan.PlanCompiler;
import java.util.List;

/** Where plans come from; a test puts an op that must fail into one. */
interface PlanSource {
    /** The usual one. */
    PlanSource COMPILER = new PlanSource() {
        @Override
        public List<Op> zygote(Host host) {
            return PlanCompiler.zygote(host);
        }

        @Override
        public List<Op> surroundings(Host host, Launch launch) {
            return PlanCompiler.surroundings(host, launch);
        }

        @Override
        public List<Op> connected(Launch launch, List<Op> network) {
            return PlanCompiler.connected(launch, network);
        }

        @Override
        public List<Op> joined(Launch launch, boolean now) {
            return PlanCompiler.joined(launch, now);
        }

        @Override
        public List<Op> command(Launch launch) {
            return PlanCompiler.command(launch);
        }
    };

    List<Op> zygote(Host host);

    List<Op> surroundings(Host host, Launch launch);

    List<Op> connected(Launch launch, List<Op> network);

    List<Op> joined(Launch launch, boolean now);

    List<Op> command(Launch launch);
}
