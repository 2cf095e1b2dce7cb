// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import static dev.hutch.internal.json.JsonValue.quote;

import dev.hutch.internal.json.JsonValue;
import dev.hutch.spec.Allow;
import dev.hutch.spec.Capability;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a profile in the JSON of the OCI runtime specification ({@code linux.seccomp}), of Docker and of Podman. What it
 * doesn't know it refuses, since a rule that is passed over may be the one that mattered; only calls of unknown name are
 * passed over, as libseccomp does: profiles name the calls of every architecture.
 */
final class ProfileReader {
    private static final int EPERM = 1;
    private static final int MAX_ERRNO = 4095;
    private static final String ARCH_PREFIX = "SCMP_ARCH_";

    private static final String[] PROFILE_FIELDS = {
        "defaultAction",
        "defaultErrnoRet",
        "defaultErrno",
        "architectures",
        "archMap",
        "syscalls",
        "comment",
        "flags",
        "listenerPath",
        "listenerMetadata"
    };
    private static final String[] RULE_FIELDS = {
        "name", "names", "action", "errnoRet", "errno", "args", "includes", "excludes", "comment"
    };
    private static final String[] ARG_FIELDS = {"index", "value", "valueTwo", "op"};
    private static final String[] REQUIREMENT_FIELDS = {"caps", "arches", "minKernel", "allow", "init"};

    /** Machines in the words of the OCI specification, then in Go's. */
    private static final Set<String> OCI_ARCHES = Set.of(
            "X86",
            "X86_64",
            "X32",
            "ARM",
            "AARCH64",
            "MIPS",
            "MIPS64",
            "MIPS64N32",
            "MIPSEL",
            "MIPSEL64",
            "MIPSEL64N32",
            "PPC",
            "PPC64",
            "PPC64LE",
            "S390",
            "S390X",
            "PARISC",
            "PARISC64",
            "RISCV64",
            "LOONGARCH64",
            "M68K",
            "SH",
            "SHEB");

    private static final Set<String> GO_ARCHES = Set.of(
            "386",
            "amd64",
            "arm",
            "arm64",
            "loong64",
            "mips",
            "mips64",
            "mips64le",
            "mips64n32",
            "mipsle",
            "mipsel",
            "mipsel64",
            "mipsel64n32",
            "ppc",
            "ppc64",
            "ppc64le",
            "riscv64",
            "s390",
            "s390x",
            "x32",
            "x86");

    private ProfileReader() {}

    /**
     * @param source the profile's name for messages
     * @param architecture must be among those that the profile is for
     */
    static Profile read(String source, String text, Architecture architecture) throws SandboxException {
        JsonValue json = JsonValue.parse("seccomp profile", source, text).only(PROFILE_FIELDS);
        checkArchitectures(json, architecture);
        checkFlags(json);
        Action otherwise = action(json, "defaultAction", "defaultErrnoRet", "defaultErrno");
        List<Profile.Rule> rules = new ArrayList<>();
        for (JsonValue rule : json.elements("syscalls")) {
            rules.add(rule(rule.only(RULE_FIELDS)));
        }
        return new Profile(otherwise, rules);
    }

    private static Profile.Rule rule(JsonValue json) throws SandboxException {
        List<String> names = new ArrayList<>();
        for (JsonValue name : json.elements("names")) {
            names.add(name.text());
        }
        Optional<JsonValue> single = json.field("name");
        if (single.isPresent()) {
            names.add(single.get().text());
        }
        if (names.isEmpty()) {
            throw json.refuse("names no system call");
        }
        return new Profile.Rule(
                names,
                action(json, "action", "errnoRet", "errno"),
                conditions(json),
                requirement(json.field("includes")),
                requirement(json.field("excludes")));
    }

    private static Action action(JsonValue json, String actionName, String numberName, String wordName)
            throws SandboxException {
        JsonValue action = json.need(actionName);
        Optional<Integer> number = errno(json, numberName, wordName);
        String word = action.text();
        if (word.equals("SCMP_ACT_ERRNO")) {
            return Action.errno(number.orElse(EPERM));
        }
        if (number.isPresent()) {
            throw json.refuse("has an error number, which " + quote(word) + " does not take");
        }
        return switch (word) {
            case "SCMP_ACT_ALLOW" -> Action.ALLOW;
            case "SCMP_ACT_LOG" -> Action.LOG;
            case "SCMP_ACT_TRAP" -> Action.TRAP;
            case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD" -> Action.KILL_THREAD;
            case "SCMP_ACT_KILL_PROCESS" -> Action.KILL_PROCESS;
            case "SCMP_ACT_NOTIFY", "SCMP_ACT_TRACE" ->
                throw action.refuse(
                        quote(word) + " is not supported yet: it needs a supervisor or tracer beside the sandbox");
            default ->
                throw action.refuse(quote(word) + " is not one of SCMP_ACT_ALLOW, _ERRNO, _KILL, _KILL_THREAD,"
                        + " _KILL_PROCESS, _TRAP, _LOG");
        };
    }

    /** Docker has the number, Podman a name as well. */
    private static Optional<Integer> errno(JsonValue json, String numberName, String wordName) throws SandboxException {
        Optional<JsonValue> number = json.field(numberName);
        Optional<JsonValue> word = json.field(wordName);
        if (word.isEmpty()) {
            return number.isEmpty()
                    ? Optional.empty()
                    : Optional.of((int) number.get().number(0, MAX_ERRNO));
        }
        String name = word.get().text();
        for (int candidate = 1; candidate <= 133; candidate++) {
            if (new Errno(candidate).name().equals(name)) {
                if (number.isPresent() && number.get().number(0, MAX_ERRNO) != candidate) {
                    throw word.get().refuse(quote(name) + " is not the number in " + numberName);
                }
                return Optional.of(candidate);
            }
        }
        throw word.get().refuse(quote(name) + " is no error's name; give its number in " + numberName);
    }

    private static List<Condition> conditions(JsonValue rule) throws SandboxException {
        List<Condition> conditions = new ArrayList<>();
        Set<Integer> seen = new HashSet<>();
        for (JsonValue json : rule.elements("args")) {
            json.only(ARG_FIELDS);
            int index = (int) json.need("index").number(0, 5);
            // runc takes two conditions on one argument for alternatives, crun refuses them: neither reading is safe.
            if (!seen.add(index)) {
                throw json.refuse("is a second condition on argument " + index + ": write a rule for each");
            }
            Optional<JsonValue> valueTwo = json.field("valueTwo");
            conditions.add(new Condition(
                    index,
                    operator(json.need("op")),
                    json.need("value").unsigned(),
                    valueTwo.isEmpty() ? 0 : valueTwo.get().unsigned()));
        }
        return conditions;
    }

    private static Condition.Operator operator(JsonValue json) throws SandboxException {
        String word = json.text();
        for (Condition.Operator operator : Condition.Operator.values()) {
            if (word.equals("SCMP_CMP_".concat(operator.name()))) {
                return operator;
            }
        }
        throw json.refuse(quote(word) + " is not one of SCMP_CMP_NE, _LT, _LE, _EQ, _GE, _GT, _MASKED_EQ");
    }

    private static Requirement requirement(Optional<JsonValue> field) throws SandboxException {
        if (field.isEmpty()) {
            return Requirement.NONE;
        }
        JsonValue json = field.get().only(REQUIREMENT_FIELDS);
        Set<Capability> caps = EnumSet.noneOf(Capability.class);
        for (JsonValue cap : json.elements("caps")) {
            caps.add(capability(cap));
        }
        Set<Allow> allow = EnumSet.noneOf(Allow.class);
        for (JsonValue option : json.elements("allow")) {
            allow.add(allow(option));
        }
        Optional<JsonValue> init = json.field("init");
        return new Requirement(
                caps,
                goArches(json),
                minKernel(json.field("minKernel")),
                allow,
                init.isEmpty() ? Optional.empty() : Optional.of(init.get().flag()));
    }

    private static Capability capability(JsonValue json) throws SandboxException {
        for (Capability capability : Capability.values()) {
            if (json.text().equals("CAP_".concat(capability.name()))) {
                return capability;
            }
        }
        throw json.refuse(quote(json.text()) + " is no capability; capabilities(7) lists them");
    }

    private static Allow allow(JsonValue json) throws SandboxException {
        for (Allow allow : Allow.values()) {
            if (json.text().equals(allow.option())) {
                return allow;
            }
        }
        throw json.refuse(quote(json.text()) + " is no word of --allow");
    }

    private static Set<String> goArches(JsonValue json) throws SandboxException {
        Set<String> arches = new HashSet<>();
        for (JsonValue arch : json.elements("arches")) {
            if (!GO_ARCHES.contains(arch.text())) {
                throw arch.refuse(quote(arch.text()) + " is no architecture in Go's words, such as amd64 and arm64");
            }
            arches.add(arch.text());
        }
        return arches;
    }

    private static Optional<Requirement.MinKernel> minKernel(Optional<JsonValue> json) throws SandboxException {
        if (json.isEmpty()) {
            return Optional.empty();
        }
        Matcher version =
                Pattern.compile("(\\d{1,4})\\.(\\d{1,4})").matcher(json.get().text());
        if (!version.matches()) {
            throw json.get().refuse(quote(json.get().text()) + " is not a kernel version such as 4.8");
        }
        return Optional.of(
                new Requirement.MinKernel(Integer.parseInt(version.group(1)), Integer.parseInt(version.group(2))));
    }

    /** Other architectures that the profile opens stay closed here; one that it isn't for at all is refused. */
    private static void checkArchitectures(JsonValue json, Architecture architecture) throws SandboxException {
        List<JsonValue> plain = json.elements("architectures");
        List<JsonValue> map = json.elements("archMap");
        if (!plain.isEmpty() && !map.isEmpty()) {
            throw json.refuse("has architectures and archMap: only one of them can hold");
        }
        for (JsonValue entry : map) {
            entry.only("architecture", "subArchitectures");
            ociArch(entry.need("architecture"));
            for (JsonValue sub : entry.elements("subArchitectures")) {
                ociArch(sub);
            }
        }
        boolean ours = plain.isEmpty();
        for (JsonValue entry : plain) {
            ours |= ociArch(entry).equals(architecture.ociName());
        }
        if (!ours) {
            throw json.need("architectures").refuse("does not have " + architecture.ociName() + ", this machine's");
        }
    }

    private static String ociArch(JsonValue json) throws SandboxException {
        String word = json.text();
        if (!word.startsWith(ARCH_PREFIX) || !OCI_ARCHES.contains(word.substring(ARCH_PREFIX.length()))) {
            throw json.refuse(quote(word) + " is no architecture, such as SCMP_ARCH_X86_64 and SCMP_ARCH_AARCH64");
        }
        return word;
    }

    private static void checkFlags(JsonValue json) throws SandboxException {
        for (JsonValue flag : json.elements("flags")) {
            // The filter is installed while the process has one thread: there is nothing to synchronize.
            if (!flag.text().equals("SECCOMP_FILTER_FLAG_TSYNC")) {
                throw flag.refuse(quote(flag.text()) + " is not supported yet");
            }
        }
        for (String listener : List.of("listenerPath", "listenerMetadata")) {
            Optional<JsonValue> value = json.field(listener);
            if (value.isPresent() && !value.get().text().isEmpty()) {
                throw value.get().refuse("is not supported yet: SCMP_ACT_NOTIFY comes later");
            }
        }
    }
}
