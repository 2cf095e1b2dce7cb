// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.json.JsonValue;
import dev.hutch.spec.Allow;
import dev.hutch.spec.Capability;
import dev.hutch.spec.CgroupParent;
import dev.hutch.spec.Device;
import dev.hutch.spec.DeviceThrottle;
import dev.hutch.spec.IdMapping;
import dev.hutch.spec.Isolation;
import dev.hutch.spec.Lifetime;
import dev.hutch.spec.Limits;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Network;
import dev.hutch.spec.Rlimit;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SeccompProfile;
import dev.hutch.spec.Signal;
import dev.hutch.spec.Size;
import dev.hutch.spec.SoftStop;
import dev.hutch.spec.TimeOffsets;
import dev.hutch.spec.User;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a spec's JSON into a builder, whose setters check the values. */
final class SpecReader {
    private static final String[] KEYS = {
        "rootfs",
        "mounts",
        "workspace",
        "user",
        "uidMappings",
        "gidMappings",
        "namespaces",
        "hostname",
        "environment",
        "limits",
        "rlimits",
        "capabilities",
        "allow",
        "seccomp",
        "devices",
        "network",
        "timeOffsets",
        "wallTime",
        "cpuTime",
        "softStop",
        "outputLimit",
        "isolation",
        "init",
        "strict",
        "bestEffort",
        "lifetime",
        "cgroupParent",
        "name"
    };
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");
    private static final Map<String, Duration> UNITS = Map.of(
            "ms", Duration.ofMillis(1),
            "s", Duration.ofSeconds(1),
            "m", Duration.ofMinutes(1),
            "h", Duration.ofHours(1),
            "d", Duration.ofDays(1));

    private final JsonValue json;
    private final Sandbox.Builder builder;

    private SpecReader(JsonValue json, Sandbox.Builder builder) {
        this.json = json;
        this.builder = builder;
    }

    /** @param builder one with the defaults */
    static void read(String source, String text, Sandbox.Builder builder) throws SandboxException {
        SpecReader reader = new SpecReader(JsonValue.parse("spec", source, text).only(KEYS), builder);
        reader.view();
        reader.walls();
        reader.bounds();
        try {
            builder.build();
        } catch (IllegalArgumentException e) {
            throw reader.json.refuse(String.valueOf(e.getMessage()));
        }
    }

    /** A setter of the builder's. */
    private interface Setter {
        Object set(JsonValue value) throws SandboxException;
    }

    private void each(String key, Setter setter) throws SandboxException {
        Optional<JsonValue> found = json.field(key);
        if (found.isPresent()) {
            found.get().as(setter::set);
        }
    }

    private void view() throws SandboxException {
        each("rootfs", value -> builder.rootfs(rootfs(value)));
        each("mounts", value -> value.list(each -> builder.mount(mount(each))));
        each("workspace", value -> builder.workspace(path(value)));
        each("devices", value -> value.list(each -> builder.device(device(each))));
        each("hostname", value -> builder.hostname(value.text()));
        each("environment", value -> value.list(this::variable));
        each("name", value -> builder.name(value.text()));
    }

    private Object variable(JsonValue value) throws SandboxException {
        String text = value.text();
        int equals = text.indexOf('=');
        if (equals < 0) {
            throw value.refuse("'" + text + "' is not NAME=VALUE");
        }
        return builder.environment(text.substring(0, equals), text.substring(equals + 1));
    }

    private void walls() throws SandboxException {
        each("user", value -> builder.user(User.parse(value.text())));
        each("uidMappings", value -> builder.uidMappings(value.list(each -> IdMapping.parse(each.text()))));
        each("gidMappings", value -> builder.gidMappings(value.list(each -> IdMapping.parse(each.text()))));
        each("namespaces", this::namespaces);
        each("network", this::network);
        each("capabilities", value -> {
            EnumSet<Capability> granted = EnumSet.noneOf(Capability.class);
            granted.addAll(value.list(each -> Capability.parse(each.text())));
            return builder.capabilities(granted);
        });
        each("allow", value -> value.list(each -> builder.allow(Allow.parse(each.text()))));
        each("seccomp", value -> builder.seccomp(seccomp(value.text())));
        each(
                "timeOffsets",
                value -> builder.timeOffsets(new TimeOffsets(
                        value.only("monotonic", "boottime").orElse("monotonic", Duration.ZERO, SpecReader::duration),
                        value.orElse("boottime", Duration.ZERO, SpecReader::duration))));
        each("isolation", value -> builder.isolation(value.word(Isolation.class)));
        each("init", value -> builder.init(value.flag()));
        each("lifetime", value -> builder.lifetime(value.word(Lifetime.class)));
    }

    private void bounds() throws SandboxException {
        each("limits", value -> builder.limits(limits(value)));
        each("rlimits", value -> value.list(each -> builder.rlimit(rlimit(each))));
        each("wallTime", value -> builder.wallTime(duration(value)));
        each("cpuTime", value -> builder.cpuTime(duration(value)));
        each("softStop", value -> builder.softStop(softStop(value)));
        each("outputLimit", value -> builder.outputLimit(size(value)));
        each("strict", value -> builder.strict(value.flag()));
        each("bestEffort", value -> builder.bestEffort(value.flag()));
        each("cgroupParent", value -> builder.cgroupParent(CgroupParent.parse(value.text())));
    }

    private Object namespaces(JsonValue value) throws SandboxException {
        List<Namespace> fresh = value.list(each -> each.word(Namespace.class));
        for (Namespace kind : Namespace.values()) {
            if (!fresh.contains(kind)) {
                builder.hostNamespace(kind);
            }
        }
        return builder;
    }

    private Object network(JsonValue value) throws SandboxException {
        Network reach = value.as(NetworkJson::read);
        Optional<JsonValue> namespaces = json.field("namespaces");
        if (namespaces.isPresent()
                && namespaces.get().list(each -> each.word(Namespace.class)).contains(Namespace.NETWORK)
                        != reach.isOwn()) {
            throw value.refuse("is '" + reach + "', and namespaces says otherwise");
        }
        return builder.network(reach);
    }

    private static Rootfs rootfs(JsonValue value) throws SandboxException {
        if (value.value() instanceof String text && text.equals("host-view")) {
            return new Rootfs.HostView();
        }
        value.only("path", "readOnly", "ephemeral");
        return new Rootfs.Directory(
                path(value.need("path")),
                value.orElse("readOnly", false, JsonValue::flag),
                value.orElse("ephemeral", false, JsonValue::flag));
    }

    private static Mount mount(JsonValue value) throws SandboxException {
        String type = value.need("type").text();
        switch (type) {
            case "bind" -> {
                value.only("type", "source", "destination", "readOnly");
                return new Mount.Bind(
                        path(value.need("source")),
                        path(value.need("destination")),
                        value.orElse("readOnly", false, JsonValue::flag));
            }
            case "tmpfs" -> {
                value.only("type", "destination", "size", "mode");
                return new Mount.Tmpfs(
                        path(value.need("destination")),
                        value.orElse("size", Size.bytes(0), SpecReader::size),
                        value.orElse("mode", 01777, SpecReader::mode));
            }
            case "overlay" -> {
                value.only("type", "lower", "destination");
                return new Mount.Overlay(value.need("lower").list(SpecReader::path), path(value.need("destination")));
            }
            default -> throw value.need("type").mustBe("one of bind, tmpfs, overlay");
        }
    }

    private static int mode(JsonValue value) throws SandboxException {
        String text = value.text();
        if (!text.matches("[0-7]{1,4}")) {
            throw value.mustBe("octal digits, \"0\" to \"1777\"");
        }
        return Integer.parseInt(text, 8);
    }

    private static Device device(JsonValue value) throws SandboxException {
        value.only("host", "container", "readOnly");
        Path host = path(value.need("host"));
        return new Device(
                host,
                value.orElse("container", host, SpecReader::path),
                value.orElse("readOnly", false, JsonValue::flag));
    }

    private static SeccompProfile seccomp(String text) {
        return switch (text) {
            case "default" -> new SeccompProfile.Default();
            case "unconfined" -> new SeccompProfile.Unconfined();
            default -> new SeccompProfile.File(Path.of(text));
        };
    }

    private static Limits limits(JsonValue value) throws SandboxException {
        value.only("memory", "memorySwap", "cpus", "cpuShares", "cpusetCpus", "pids", "ioWeight", "throttles");
        Limits.Builder limits = Limits.builder();
        value.orElse("memory", limits, each -> limits.memory(size(each)));
        value.orElse("memorySwap", limits, each -> limits.memorySwap(size(each)));
        value.orElse("cpus", limits, each -> limits.cpus(each.decimal()));
        value.orElse("cpuShares", limits, each -> limits.cpuShares((int) each.number(2, 262_144)));
        value.orElse("cpusetCpus", limits, each -> limits.cpusetCpus(each.text()));
        value.orElse("pids", limits, each -> limits.pids((int) each.number(1, 4_194_304)));
        value.orElse("ioWeight", limits, each -> limits.ioWeight((int) each.number(10, 1000)));
        value.orElse("throttles", List.of(), all -> all.list(each -> limits.throttle(throttle(each))));
        return limits.build();
    }

    private static DeviceThrottle throttle(JsonValue value) throws SandboxException {
        value.only("device", "kind", "rate");
        return new DeviceThrottle(
                path(value.need("device")),
                value.need("kind").word(DeviceThrottle.Kind.class),
                value.need("rate").number(1, Long.MAX_VALUE));
    }

    private static Rlimit rlimit(JsonValue value) throws SandboxException {
        value.only("resource", "soft", "hard");
        long soft = value.need("soft").as(SpecReader::bound);
        return new Rlimit(
                value.need("resource").word(Rlimit.Resource.class),
                soft,
                value.orElse("hard", soft, SpecReader::bound));
    }

    private static SoftStop softStop(JsonValue value) throws SandboxException {
        value.only("signal", "grace");
        return new SoftStop(
                value.orElse("signal", Signal.SIGTERM, each -> each.as(name -> Signal.parse(name.text()))),
                duration(value.need("grace")));
    }

    private static long bound(JsonValue value) throws SandboxException {
        return "unlimited".equals(value.value()) ? Rlimit.INFINITY : value.number(0, Long.MAX_VALUE);
    }

    private static Path path(JsonValue value) throws SandboxException {
        Path path = Path.of(value.text());
        if (!path.isAbsolute()) {
            throw value.mustBe("an absolute path");
        }
        return path;
    }

    private static Size size(JsonValue value) throws SandboxException {
        return value.isNumber() ? Size.bytes(value.number(0, Long.MAX_VALUE)) : Size.parse(value.text());
    }

    private static Duration duration(JsonValue value) throws SandboxException {
        String text = value.text();
        Matcher simple = DURATION.matcher(text);
        try {
            if (simple.matches()) {
                return UNITS.getOrDefault(simple.group(2), Duration.ZERO).multipliedBy(Long.parseLong(simple.group(1)));
            }
            return Duration.parse(text);
        } catch (DateTimeParseException e) {
            throw value.mustBe("a time such as 10s, 500ms or PT1M30S");
        }
    }
}
