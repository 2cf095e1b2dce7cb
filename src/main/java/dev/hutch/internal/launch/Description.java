// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.plan.Op;
import dev.hutch.spec.DeviceThrottle;
import dev.hutch.spec.IdMapping;
import dev.hutch.spec.Limits;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.SoftStop;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A launch in words, in its order: what this side does, and what the child does. */
final class Description {
    private Description() {}

    static List<String> of(SandboxSpec spec, Ids ids, List<Op> surroundings, List<Op> command) {
        List<String> words = new ArrayList<>(cgroup(spec.limits()));
        words.add("clone3 with new "
                + spec.namespaces().stream().map(Namespace::procName).collect(joining()));
        if (ids.mapped()) {
            words.add("write uid_map " + lines(ids.maps().uids(), IdMapping::toString));
            words.add("write gid_map " + lines(ids.maps().gids(), IdMapping::toString));
        }
        surroundings.forEach(op -> words.add(op.words()));
        Rlimits.of(spec)
                .forEach(limit -> words.add("prlimit " + limit.resource().name().toLowerCase(Locale.ROOT) + " "
                        + limit.soft() + ":" + limit.hard()));
        command.forEach(op -> words.add(op.words()));
        if (spec.wallTime() != null) {
            words.add("after " + spec.wallTime().toMillis() + " ms of wall time " + end(spec));
        }
        if (spec.cpuTime() != null) {
            words.add("after " + spec.cpuTime().toMillis() + " ms of processor time " + end(spec));
        }
        if (spec.outputLimit() != null) {
            words.add("after " + spec.outputLimit() + " bytes of output kill everything");
        }
        return words;
    }

    private static String end(SandboxSpec spec) {
        SoftStop first = spec.softStop();
        return first == null
                ? "kill everything"
                : "send " + first.signal() + ", and " + first.grace().toMillis() + " ms later kill everything";
    }

    private static List<String> cgroup(Limits limits) {
        List<String> words = new ArrayList<>();
        words.add("cgroup memory " + limits.memory());
        words.add("cgroup memory and swap " + limits.memorySwap());
        words.add("cgroup pids " + limits.pids());
        words.add("cgroup cpu shares " + limits.cpuShares());
        if (limits.cpus() > 0) {
            words.add("cgroup cpus " + limits.cpus());
        }
        if (!limits.cpusetCpus().isEmpty()) {
            words.add("cgroup cpuset " + limits.cpusetCpus());
        }
        words.add("cgroup io weight " + limits.ioWeight());
        for (DeviceThrottle throttle : limits.throttles()) {
            words.add("cgroup " + throttle.kind().v2Key() + " of " + throttle.device() + " " + throttle.rate());
        }
        return words;
    }

    private static <T> String lines(List<T> all, Function<T, String> words) {
        return all.stream().map(words).collect(joining());
    }

    private static java.util.stream.Collector<CharSequence, ?, String> joining() {
        return Collectors.joining(", ");
    }
}
