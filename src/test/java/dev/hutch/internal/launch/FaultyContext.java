// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.cgroup.Cgroups;
import dev.hutch.internal.host.HostNames;
import dev.hutch.internal.host.KernelVersion;
import dev.hutch.internal.host.Privilege;
import dev.hutch.internal.kernel.JniKernel;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.net.Networks;
import dev.hutch.internal.plan.Host;
import dev.hutch.internal.plan.Launch;
import dev.hutch.internal.plan.Op;
import dev.hutch.spec.SandboxSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A launcher whose plans have, in place of one op, another that must fail, or whose kernel fails one call. */
public final class FaultyContext implements AutoCloseable {
    /** Lists of ops, in the order in which they are walked. */
    public enum Plan {
        ZYGOTE,
        SURROUNDINGS,
        CONNECTED,
        JOINED,
        COMMAND
    }

    /** No root has it. */
    public static final String MISSING = "/missing/on/purpose";

    private final Kernel kernel;
    private final Launcher launcher;
    private final Faults faults;

    public FaultyContext() throws IOException {
        this(new Faults(), JniKernel.load());
    }

    public FaultyContext(FaultyKernel kernel) throws IOException {
        this(new Faults(), kernel.kernel());
    }

    private FaultyContext(Faults faults, Kernel kernel) throws IOException {
        this.faults = faults;
        this.kernel = kernel;
        boolean privileged = Privilege.ofThisProcess(kernel);
        Cgroups cgroups = Cgroups.open(kernel, System.getenv(), Optional.empty(), false);
        UserNamespaces ids = new UserNamespaces(kernel, System.getenv(), privileged, privileged);
        Host host = Host.scan(privileged);
        launcher = new Launcher(
                kernel,
                KernelVersion.running(),
                host,
                new Zygotes(kernel, host, faults),
                cgroups,
                ids,
                new Networks(kernel, System.getenv(), privileged),
                HostNames.seeded()::next,
                0,
                faults);
    }

    /** Its first launch fails: op {@code index} of the zygote's own plan does. */
    public static FaultyContext withZygoteFailingAt(int index) throws IOException {
        Faults faults = new Faults();
        faults.failAt(Plan.ZYGOTE, index);
        return new FaultyContext(faults, JniKernel.load());
    }

    /** Launches with op {@code index} failing; -1 for none. */
    public LiveChild launch(SandboxSpec spec, Plan plan, int index, String... command) throws IOException {
        faults.failAt(plan, index);
        return launch(spec, command);
    }

    public LiveChild launch(SandboxSpec spec, String... command) throws IOException {
        return withStreams(streams -> launcher.launch(request(spec, streams, command)));
    }

    private interface Start {
        LiveChild with(int[] streams) throws IOException;
    }

    private static LaunchRequest request(SandboxSpec spec, int[] streams, String... command) {
        return new LaunchRequest(
                spec, List.of(command), Map.of("PATH", "/usr/bin:/bin"), "/", streams, new boolean[3], false, false);
    }

    private LiveChild withStreams(Start start) throws IOException {
        int[] streams = new int[3];
        Arrays.fill(streams, -1);
        try {
            for (int i = 0; i < 3; i++) {
                streams[i] = JniKernel.load().open("/dev/null", 2, 0);
            }
            LiveChild child = start.with(streams);
            kernel.close(child.takeWatch());
            return child;
        } finally {
            Arrays.stream(streams).filter(fd -> fd >= 0).forEach(kernel::close);
        }
    }

    /** Joins with op {@code index} failing; -1 for none. */
    public LiveChild join(LiveChild host, Plan plan, int index, String... command) throws IOException {
        faults.failAt(plan, index);
        return withStreams(streams -> launcher.join(host, request(host.spec(), streams, command)));
    }

    /** How many ops the last launch's plan had; of the zygote's, the last start's. */
    public int size(Plan plan) {
        return faults.sizes[plan.ordinal()];
    }

    @Override
    public void close() throws IOException {
        launcher.close();
    }

    private static final class Faults implements PlanSource {
        private final int[] sizes = new int[Plan.values().length];
        private Plan plan = Plan.COMMAND;
        private int index = -1;

        void failAt(Plan in, int at) {
            plan = in;
            index = at;
        }

        @Override
        public List<Op> zygote(Host host) {
            return faulty(Plan.ZYGOTE, COMPILER.zygote(host));
        }

        @Override
        public List<Op> surroundings(Host host, Launch launch) {
            return faulty(Plan.SURROUNDINGS, COMPILER.surroundings(host, launch));
        }

        @Override
        public List<Op> connected(Launch launch, List<Op> network) {
            return faulty(Plan.CONNECTED, COMPILER.connected(launch, network));
        }

        @Override
        public List<Op> joined(Launch launch, boolean now) {
            return faulty(Plan.JOINED, COMPILER.joined(launch, now));
        }

        @Override
        public List<Op> command(Launch launch) {
            return faulty(Plan.COMMAND, COMPILER.command(launch));
        }

        private List<Op> faulty(Plan which, List<Op> ops) {
            sizes[which.ordinal()] = ops.size();
            List<Op> changed = new ArrayList<>(ops);
            if (plan == which && index >= 0 && index < ops.size()) {
                changed.set(index, Op.chdir(MISSING));
            }
            return changed;
        }
    }
}
