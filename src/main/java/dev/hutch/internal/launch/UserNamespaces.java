// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.spec.IdMapping;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.SandboxSpec;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** The usual source of ids. */
public final class UserNamespaces implements IdSource {
    private final Kernel kernel;
    private final AtomicLong next = new AtomicLong();

    private UserNamespaces(Kernel kernel) {
        this.kernel = kernel;
    }

    public static UserNamespaces open(Kernel kernel, boolean privileged) {
        return new UserNamespaces(kernel);
    }

    @Override
    public Ids take(SandboxSpec spec) {
        if (!spec.isNew(Namespace.USER)) {
            return new Ids(List.of(), List.of(), true);
        }
        long base = 524288 + 65536 * (next.getAndIncrement() % 1000);
        List<IdMapping> map = List.of(new IdMapping(0, base, 65536));
        return new Ids(map, map, true);
    }

    @Override
    public void giveBack(Ids ids) {}

    @Override
    public void write(int pid, Ids ids) throws IOException {
        kernel.write("/proc/" + pid + "/uid_map", lines(ids.uids()));
        kernel.write("/proc/" + pid + "/gid_map", lines(ids.gids()));
    }

    private static String lines(List<IdMapping> map) {
        StringBuilder text = new StringBuilder();
        map.forEach(line -> text.append(line.containerId())
                .append(' ')
                .append(line.hostId())
                .append(' ')
                .append(line.size())
                .append('\n'));
        return text.toString();
    }
}
