// SPDX-License-Identifier: Apache-2.0
package dev.hutch.bench;

import dev.hutch.Hutch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Who takes part, by the names that {@code bench/run} knows them by. */
final class Contenders implements AutoCloseable {
    /** Every namespace, as Hutch's; it has neither cgroups nor a filter of its own. */
    private static final List<String> BUBBLEWRAP = List.of(
            "bwrap --unshare-all --die-with-parent --cap-drop ALL --hostname bench".split(" "));

    private static final List<String> BUBBLEWRAP_VIEW = List.of(
            ("--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/sbin /sbin --symlink usr/lib /lib"
                            + " --symlink usr/lib64 /lib64 --ro-bind /etc /etc --proc /proc --dev /dev --tmpfs /tmp"
                            + " --tmpfs /home/user --chdir /home/user")
                    .split(" "));

    private static final int STOCK = 8;

    private final Options options;
    private final Hutch cold;

    Contenders(Options options) throws IOException {
        this.options = options;
        this.cold = Hutch.builder().stock(0).build();
    }

    /** The context that keeps nothing ready. */
    Hutch cold() {
        return cold;
    }

    @Override
    public void close() throws IOException {
        cold.close();
    }

    Contender open(String name) throws IOException {
        String floor = options.tools().resolve("floor").toString();
        switch (name) {
            case "spawn":
                return new Floor(
                        "C: posix_spawn, no isolation",
                        List.of(floor, "--no-isolation", "--program", options.program(), "-"));
            case "floor":
                return new Floor("C: the same steps", List.of(floor, "--program", options.program(), "-"));
            case "process-builder":
                return new Program("ProcessBuilder, no isolation", 1, n -> List.of(options.program()));
            case "bubblewrap":
                return new Program("bubblewrap", 1, n -> bubblewrap());
            case "runc":
                return new Program("runc", 5, n -> oci("runc", n));
            case "crun":
                return new Program("crun", 5, n -> oci("crun", n));
            case "hutch":
                return new InHutch("Hutch, cold", options.program(), cold);
            case "hutch-stock":
                return new InHutch(
                        "Hutch, with a stock of " + STOCK,
                        options.program(),
                        Hutch.builder().stock(STOCK).build());
            case "hutch-pool":
                return new HutchPool(options.program(), options.block());
            default:
                throw new IOException("no contender is called " + name);
        }
    }

    List<String> bubblewrap() {
        List<String> command = new ArrayList<>(BUBBLEWRAP);
        command.addAll(BUBBLEWRAP_VIEW);
        command.add(options.program());
        return command;
    }

    private List<String> oci(String runtime, int launch) {
        String state = options.tools().resolve("state-" + runtime).toString();
        String bundle = options.tools().resolve("bundle").toString();
        return List.of(runtime, "--root", state, "run", "--bundle", bundle, "hutch-bench-" + launch);
    }
}
