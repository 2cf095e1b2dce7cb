// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Device;
import dev.hutch.spec.DeviceThrottle;
import dev.hutch.spec.DeviceThrottle.Kind;
import dev.hutch.spec.Limits;
import dev.hutch.spec.SandboxResult;
import dev.hutch.support.CgroupMachine;
import dev.hutch.support.KernelTest;
import dev.hutch.support.LoopDisk;
import dev.hutch.support.Need;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Weights and throttles of block devices, as the kernel's own files have them. */
@KernelTest({Need.CGROUP_ANY, Need.USER_NAMESPACES, Need.GCC})
class IoKernelTest extends SandboxCase {
    private static final CgroupMachine MACHINE = CgroupMachine.here();
    private static final String CONTROLLER = MACHINE.isV1() ? "blkio" : "io";
    private static final List<String> WEIGHT_FILES =
            MACHINE.isV1() ? List.of("blkio.bfq.weight", "blkio.weight") : List.of("io.bfq.weight", "io.weight");
    private static Optional<String> weightFile = Optional.empty();

    /** The first that a container's cgroup could have: as the folder of its JVM, since on v1 it may have none itself. */
    @BeforeAll
    static void lookForTheWeightsFile() throws Exception {
        try (SandboxProcess process = waiting(Limits.defaults())) {
            Path ofPids = MACHINE.directory("pids", process.pid()).getParent();
            Path folder = MACHINE.isV1()
                    ? MACHINE.v1().get("blkio").resolve(MACHINE.v1().get("pids").relativize(ofPids))
                    : ofPids;
            weightFile = WEIGHT_FILES.stream()
                    .filter(file -> Files.exists(folder.resolve(file)))
                    .findFirst();
        }
    }

    /** 50 of v1's 10 to 1000 is 405 of v2's 1 to 10,000; BFQ has v1's measure in both. */
    @Test
    void theDefaultWeightIsInTheKernelsFileOrToldAsNotEnforced() throws Exception {
        try (SandboxProcess process = waiting(Limits.defaults())) {
            if (weightFile.isPresent()) {
                weighs(process, 50, 405);
            }
            process.destroyForcibly();

            assertThat(process.result().enforced())
                    .filteredOn(each -> each.name().equals("io-weight"))
                    .singleElement()
                    .satisfies(told ->
                            assertThat(told.enforced()).as(told.reason()).isEqualTo(weightFile.isPresent()));
        }
    }

    @Test
    void anAskedWeightIsInTheKernelsFile() throws Exception {
        Limits asked = Limits.builder().ioWeight(700).build();
        if (weightFile.isEmpty()) {
            assertThatThrownBy(() -> waiting(asked)).hasMessageContaining("io-weight");
            return;
        }
        try (SandboxProcess process = waiting(asked)) {
            weighs(process, 700, 6970);
        }
    }

    @Test
    void aRunningOnesWeightIsChangedThere() throws Exception {
        Limits asked = Limits.builder().ioWeight(10).build();
        try (SandboxProcess process = waiting(Limits.defaults())) {
            if (weightFile.isEmpty()) {
                assertThatThrownBy(() -> process.updateLimits(asked)).hasMessageContaining("io-weight");
                return;
            }
            process.updateLimits(asked);
            weighs(process, 10, 1);
        }
    }

    @Test
    @KernelTest({Need.ROOT, Need.LOOP})
    void throttlesAreInTheKernelsFiles() throws Exception {
        try (LoopDisk disk = LoopDisk.make();
                SandboxProcess process = waiting(throttled(disk.node()))) {
            assertThat(throttles(process, disk))
                    .isEqualTo(Map.of("rbps", "1048576", "wbps", "2097152", "riops", "300", "wiops", "400"));

            process.updateLimits(Limits.builder()
                    .throttle(new DeviceThrottle(disk.node(), Kind.READ_IOPS, 20))
                    .build());

            assertThat(throttles(process, disk)).isEqualTo(Map.of("riops", "20"));
        }
    }

    @Test
    @KernelTest({Need.ROOT, Need.LOOP})
    void whatAThrottledDeviceCarriedIsCounted() throws Exception {
        try (LoopDisk disk = LoopDisk.make()) {
            Sandbox box = probed().device(new Device(disk.node(), Path.of("/dev/disk"), false))
                    .limits(Limits.builder()
                            .throttle(new DeviceThrottle(disk.node(), Kind.READ_BPS, 1L << 40))
                            .build())
                    .build();

            SandboxResult result = box.run(
                    "sh",
                    "-ec",
                    "dd if=/dev/disk of=/dev/null bs=64k count=16 iflag=direct;"
                            + "dd if=/dev/zero of=/dev/disk bs=64k count=8 oflag=direct");

            assertThat(result.exitStatus()).as(result.err()).isZero();
            // Some kernels count what it read of other disks, its own program's pages, too.
            assertThat(result.account().bytesRead().orElseThrow()).isBetween(16L << 16, 4L << 20);
            // Where a kernel counts only what is throttled it is unknown, and no wrong number.
            assertThat(result.account().bytesWritten().orElse(8L << 16)).isBetween(8L << 16, 1L << 20);
        }
    }

    private static Limits throttled(Path node) {
        return Limits.builder()
                .throttle(new DeviceThrottle(node, Kind.READ_BPS, 1 << 20))
                .throttle(new DeviceThrottle(node, Kind.WRITE_BPS, 2 << 20))
                .throttle(new DeviceThrottle(node, Kind.READ_IOPS, 300))
                .throttle(new DeviceThrottle(node, Kind.WRITE_IOPS, 400))
                .build();
    }

    private static SandboxProcess waiting(Limits limits) throws Exception {
        SandboxProcess process = probed().limits(limits).build().start(PROBE, "wait");
        awaitLine(process, "waiting=yes");
        return process;
    }

    private static void weighs(SandboxProcess process, int v1, int v2) throws IOException {
        String file = weightFile.orElseThrow();
        String weight = Integer.toString(file.equals("io.weight") ? v2 : v1);
        assertThat(MACHINE.value(CONTROLLER, process.pid(), file))
                .as(file)
                .isEqualTo(MACHINE.isV1() ? weight : "default " + weight);
    }

    /** Those in force, by v2's names. */
    private static Map<String, String> throttles(SandboxProcess process, LoopDisk disk) throws IOException {
        Map<String, String> inForce = new LinkedHashMap<>();
        if (!MACHINE.isV1()) {
            for (String each : line(process, disk, "io.max").split(" ")) {
                String[] keyAndValue = each.split("=");
                if (keyAndValue.length == 2 && !keyAndValue[1].equals("max")) {
                    inForce.put(keyAndValue[0], keyAndValue[1]);
                }
            }
            return inForce;
        }
        for (Kind kind : Kind.values()) {
            String rate = line(process, disk, kind.v1File());
            if (!rate.isEmpty()) {
                inForce.put(kind.v2Key(), rate);
            }
        }
        return inForce;
    }

    /** What the file says of the disk. */
    private static String line(SandboxProcess process, LoopDisk disk, String file) throws IOException {
        String start = disk.number() + " ";
        return MACHINE.value(CONTROLLER, process.pid(), file)
                .lines()
                .filter(line -> line.startsWith(start))
                .map(line -> line.substring(start.length()))
                .findFirst()
                .orElse("");
    }
}
