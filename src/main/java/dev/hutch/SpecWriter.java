// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import com.grack.nanojson.JsonStringWriter;
import com.grack.nanojson.JsonWriter;
import dev.hutch.internal.json.JsonValue;
import dev.hutch.spec.Allow;
import dev.hutch.spec.CgroupParent;
import dev.hutch.spec.Device;
import dev.hutch.spec.DeviceThrottle;
import dev.hutch.spec.Isolation;
import dev.hutch.spec.Limit;
import dev.hutch.spec.Limits;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Rlimit;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.SeccompProfile;
import dev.hutch.spec.Size;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes a spec as the JSON that {@link SpecReader} reads as the same. Limits that nobody asked for stay the machine's. */
final class SpecWriter {
    private final JsonStringWriter json = JsonWriter.indent("  ").string();

    private SpecWriter() {}

    static String json(SandboxSpec spec) {
        SpecWriter writer = new SpecWriter();
        writer.json.object();
        writer.view(spec);
        writer.walls(spec);
        writer.bounds(spec);
        return writer.json.end().done() + "\n";
    }

    private void view(SandboxSpec spec) {
        if (spec.rootfs() instanceof Rootfs.Directory root) {
            json.object("rootfs")
                    .value("path", root.path().toString())
                    .value("readOnly", root.readOnly())
                    .value("ephemeral", root.ephemeral())
                    .end();
        } else {
            json.value("rootfs", "host-view");
        }
        json.array("mounts");
        spec.mounts().forEach(this::mount);
        json.end();
        optional("workspace", spec.workspace());
        json.array("devices");
        for (Device device : spec.devices()) {
            json.object()
                    .value("host", device.host().toString())
                    .value("container", device.container().toString())
                    .value("readOnly", device.readOnly())
                    .end();
        }
        json.end();
        optional("hostname", spec.hostname());
        if (!spec.environment().isEmpty()) {
            strings(
                    "environment",
                    spec.environment().entrySet().stream()
                            .map(each -> each.getKey() + "=" + each.getValue())
                            .toList());
        }
        optional("name", spec.name());
    }

    private void walls(SandboxSpec spec) {
        json.value("user", spec.user().toString());
        strings("uidMappings", spec.uidMappings());
        strings("gidMappings", spec.gidMappings());
        json.value("isolation", JsonValue.word(spec.isolation()));
        if (spec.isolation() == Isolation.CONTAINER) {
            strings(
                    "namespaces",
                    spec.namespaces().stream().map(JsonValue::word).toList());
        }
        NetworkJson.write(json, spec.network());
        strings(
                "capabilities",
                spec.capabilities().stream().map(each -> "CAP_" + each).toList());
        strings("allow", spec.allow().stream().map(Allow::option).toList());
        json.value("seccomp", seccomp(spec.seccomp()));
        json.object("timeOffsets")
                .value("monotonic", spec.timeOffsets().monotonic().toString())
                .value("boottime", spec.timeOffsets().boottime().toString())
                .end();
        json.value("init", spec.init()).value("lifetime", JsonValue.word(spec.lifetime()));
    }

    private void bounds(SandboxSpec spec) {
        limits(spec.limits());
        json.array("rlimits");
        for (Rlimit limit : spec.rlimits()) {
            json.object().value("resource", JsonValue.word(limit.resource()));
            bound("soft", limit.soft());
            bound("hard", limit.hard());
            json.end();
        }
        json.end();
        optional("wallTime", spec.wallTime());
        optional("cpuTime", spec.cpuTime());
        if (spec.softStop() != null) {
            json.object("softStop")
                    .value("signal", spec.softStop().signal().toString())
                    .value("grace", spec.softStop().grace().toString())
                    .end();
        }
        if (spec.outputLimit() != null) {
            size("outputLimit", spec.outputLimit());
        }
        json.value("strict", spec.strict()).value("bestEffort", spec.bestEffort());
        if (spec.cgroupParent() != null) {
            json.value(
                    "cgroupParent",
                    spec.cgroupParent() instanceof CgroupParent.Below below
                            ? below.path().toString()
                            : "self");
        }
    }

    private void mount(Mount mount) {
        json.object();
        if (mount instanceof Mount.Bind bind) {
            json.value("type", "bind").value("source", bind.source().toString()).value("readOnly", bind.readOnly());
        } else if (mount instanceof Mount.Tmpfs tmpfs) {
            json.value("type", "tmpfs").value("mode", Integer.toOctalString(tmpfs.mode()));
            size("size", tmpfs.size());
        } else if (mount instanceof Mount.Overlay overlay) {
            json.value("type", "overlay");
            strings("lower", overlay.lower());
        }
        json.value("destination", mount.destination().toString()).end();
    }

    private void limits(Limits limits) {
        Limits usual = Limits.defaults();
        Set<Limit> asked = limits.asked();
        json.object("limits");
        if (asked.contains(Limit.MEMORY) || !limits.memory().equals(usual.memory())) {
            size("memory", limits.memory());
        }
        if (asked.contains(Limit.MEMORY_SWAP) || !limits.memorySwap().equals(limits.memory())) {
            size("memorySwap", limits.memorySwap());
        }
        if (limits.cpus() != 0) {
            json.value("cpus", limits.cpus());
        }
        number("cpuShares", limits.cpuShares(), asked.contains(Limit.CPU_SHARES), usual.cpuShares());
        if (!limits.cpusetCpus().isEmpty()) {
            json.value("cpusetCpus", limits.cpusetCpus());
        }
        number("pids", limits.pids(), asked.contains(Limit.PIDS), usual.pids());
        number("ioWeight", limits.ioWeight(), asked.contains(Limit.IO_WEIGHT), usual.ioWeight());
        json.array("throttles");
        for (DeviceThrottle throttle : limits.throttles()) {
            json.object()
                    .value("device", throttle.device().toString())
                    .value("kind", JsonValue.word(throttle.kind()))
                    .value("rate", throttle.rate())
                    .end();
        }
        json.end().end();
    }

    private void number(String key, int value, boolean asked, int usual) {
        if (asked || value != usual) {
            json.value(key, value);
        }
    }

    private static String seccomp(SeccompProfile profile) {
        if (profile instanceof SeccompProfile.File file) {
            return file.path().toString();
        }
        return profile instanceof SeccompProfile.Unconfined ? "unconfined" : "default";
    }

    private void bound(String key, long value) {
        if (value == Rlimit.INFINITY) {
            json.value(key, "unlimited");
        } else {
            json.value(key, value);
        }
    }

    /** As text where {@link Size#parse} takes all its digits. */
    private void size(String key, Size size) {
        if (size.toString().length() <= 18) {
            json.value(key, size.toString());
        } else {
            json.value(key, size.bytes());
        }
    }

    private void optional(String key, @Nullable Object value) {
        if (value != null) {
            json.value(key, value.toString());
        }
    }

    private void strings(String key, List<?> values) {
        json.array(key);
        values.forEach(value -> json.value(value.toString()));
        json.end();
    }
}
