// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.hutch.spec.Allow;
import dev.hutch.spec.Capability;
import dev.hutch.spec.SandboxException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compiled filters against the plain meaning of their profiles, and against libseccomp's filters. */
class SeccompFuzz {
    private static final int LAST_NUMBER = 600;

    /** Seeded, so that a failure comes again. */
    private static final int PROFILES = 100;

    @TempDir
    static Path dir;

    private static Circumstances plain(Architecture architecture) {
        return new Circumstances(architecture, Set.of(), Set.of(), true, 6, 1);
    }

    private static Circumstances everything(Architecture architecture) {
        return new Circumstances(
                architecture, EnumSet.allOf(Capability.class), EnumSet.allOf(Allow.class), false, 6, 1);
    }

    private static BpfInterpreter compile(Profile profile, Circumstances now) throws SandboxException {
        SyscallTable table = SyscallTable.of(now.architecture());
        return new BpfInterpreter(BpfCompiler.compile(Ruling.of(profile, now, table), "random"));
    }

    private static Profile defaultProfile(Architecture architecture) throws SandboxException {
        return ProfileReader.read("own", Resources.text("default-profile.json"), architecture);
    }

    @ParameterizedTest
    @EnumSource
    void randomProfilesMeanWhatTheySay(Architecture architecture) throws SandboxException {
        Circumstances now = plain(architecture);
        for (int seed = 0; seed < PROFILES; seed++) {
            Random random = new Random(seed);
            Profile profile = ProfileModel.random(random, false);
            assertSame(profile, now, random, meaning(profile, now), Set.of());
        }
    }

    @ParameterizedTest
    @EnumSource
    void theDefaultProfileMeansWhatItSays(Architecture architecture) throws SandboxException {
        Profile profile = defaultProfile(architecture);
        for (Circumstances now : List.of(plain(architecture), everything(architecture))) {
            assertSame(profile, now, new Random(1), meaning(profile, now), Set.of());
        }
    }

    @ParameterizedTest
    @EnumSource
    void libseccompAgreesOnTheDefaultProfile(Architecture architecture) throws IOException, InterruptedException {
        LibseccompOracle oracle = LibseccompOracle.build(dir);
        Profile profile = defaultProfile(architecture);
        for (Circumstances now : List.of(plain(architecture), everything(architecture))) {
            LibseccompOracle.Filter theirs = oracle.compile(profile, now);
            SyscallTable table = SyscallTable.of(architecture);
            assertThat(theirs.unknown()).as("calls from before 2022 are known").allMatch(name -> {
                int number = table.number(name).orElseThrow();
                return number > 450 || number == 335 || number == 336;
            });
            assertSame(profile, now, new Random(2), theirs(theirs, architecture), theirs.unknown());
        }
    }

    @ParameterizedTest
    @EnumSource
    void libseccompAgreesOnRandomProfiles(Architecture architecture) throws IOException, InterruptedException {
        LibseccompOracle oracle = LibseccompOracle.build(dir);
        Circumstances now = plain(architecture);
        for (int seed = 1000; seed < 1015; seed++) {
            Random random = new Random(seed);
            Profile profile = ProfileModel.random(random, true);
            assertSame(profile, now, random, theirs(oracle.compile(profile, now), architecture), Set.of());
        }
    }

    /** A second opinion on a call. */
    private interface Opinion {
        int verdict(String name, int number, long[] args);
    }

    private static Opinion meaning(Profile profile, Circumstances now) {
        return (name, number, args) -> ProfileModel.verdict(profile, now, name, args);
    }

    private static Opinion theirs(LibseccompOracle.Filter filter, Architecture architecture) {
        return (name, number, args) -> filter.run(architecture.auditArch(), number, args);
    }

    private static void assertSame(
            Profile profile, Circumstances now, Random random, Opinion opinion, Set<String> except)
            throws SandboxException {
        SyscallTable table = SyscallTable.of(now.architecture());
        BpfInterpreter ours = compile(profile, now);
        for (int number = 0; number <= LAST_NUMBER; number++) {
            String name = table.name(number).orElse("?");
            int vectors = except.contains(name) ? 0 : ProfileModel.looksAtArguments(profile, name) ? 40 : 1;
            for (int i = 0; i < vectors; i++) {
                long[] args = ProfileModel.arguments(random, profile, name);
                int our = ours.run(now.architecture().auditArch(), number, args);
                int their = opinion.verdict(name, number, args);
                if (our != their) {
                    fail("%s (%d) %s: %x, not %x, in %s", name, number, Arrays.toString(args), our, their, profile);
                }
            }
        }
    }

    /** Arguments are null pointers and closed descriptors, so an allowed call fails for a reason of its own. */
    @Test
    void theKernelTakesTheDefaultFilterAndJudgesAlike() throws IOException, InterruptedException {
        LibseccompOracle oracle = LibseccompOracle.build(dir);
        Architecture here = Architecture.current();
        SyscallTable table = SyscallTable.of(here);
        byte[] filter = BpfCompiler.compile(Ruling.of(defaultProfile(here), plain(here), table), "own");
        int eperm = 1;
        int efault = 14;
        int enotty = 25;
        int enosys = 38;
        int eafnosupport = 97;
        List<String> calls = List.of(
                call(table, "clone3"),
                call(table, "openat2"),
                call(table, "mbind"),
                call(table, "keyctl"),
                call(table, "fchmodat", 0, 0, 04755),
                call(table, "fchmodat", 0, 0, 0755),
                call(table, "ioctl", 0, 0x5412),
                call(table, "ioctl", 0, 0xffff_ffff_0000_5412L),
                call(table, "ioctl", 0, 0x5413),
                call(table, "socket", 40, 1),
                call(table, "socket", 2, 1),
                call(table, "unshare", 0x10000000),
                call(table, "personality", 0xffff_ffffL),
                "40000001",
                "1000");
        assertThat(oracle.tryCalls(filter, calls))
                .containsExactly(
                        enosys,
                        enosys,
                        enosys,
                        eperm,
                        eperm,
                        efault,
                        eperm,
                        eperm,
                        enotty,
                        eafnosupport,
                        0,
                        eperm,
                        0,
                        enosys,
                        enosys);
    }

    private static String call(SyscallTable table, String name, long... args) {
        StringBuilder call =
                new StringBuilder(Integer.toHexString(table.number(name).orElseThrow()));
        for (long arg : args) {
            call.append(':').append(Long.toHexString(arg));
        }
        return call.toString();
    }

    @Test
    void damagedProfilesAreReadOrRefusedAndNothingElse() {
        String text = Resources.text("default-profile.json");
        int read = 0;
        for (int seed = 0; seed < 400; seed++) {
            Random random = new Random(seed);
            StringBuilder damaged = new StringBuilder(text);
            for (int i = random.nextInt(3); i >= 0; i--) {
                int at = random.nextInt(damaged.length());
                switch (random.nextInt(4)) {
                    case 0 -> damaged.setCharAt(at, "\"{}[]:,0-e\\x\u0000\uD800".charAt(random.nextInt(14)));
                    case 1 -> damaged.delete(at, Math.min(damaged.length(), at + 1 + random.nextInt(30)));
                    case 2 -> damaged.insert(at, damaged.substring(at, Math.min(damaged.length(), at + 40)));
                    default -> damaged.setLength(Math.max(1, at));
                }
            }
            try {
                ProfileReader.read("damaged", damaged.toString(), Architecture.X86_64);
                read++;
            } catch (SandboxException e) {
                assertThat(e.getMessage()).as("seed %d", seed).hasLineCount(1);
            }
        }
        assertThat(read).isBetween(1, 399);
    }
}
