// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Sends the test to a JVM in a network namespace of its own: one for each class, gone with the class. */
final class OwnNetworkExtension extends ElsewhereExtension {
    private static final ExtensionContext.Namespace STORE =
            ExtensionContext.Namespace.create(OwnNetworkExtension.class);
    private static final String MARK = "dev.hutch.support.own-network";
    private static final String PREPARE = "ip link set lo up && mkdir -p /run/hutch/networks"
            + " && mount -t tmpfs -o mode=700 tmpfs /run/hutch/networks && exec \"$@\"";

    @Override
    boolean isHere() {
        return Boolean.getBoolean(MARK);
    }

    @Override
    String words() {
        return "in a network of its own";
    }

    @Override
    WorkerJvm.Answer run(ExtensionContext context) throws IOException {
        ExtensionContext ofClass = context;
        while (ofClass.getTestMethod().isPresent()) {
            ofClass = ofClass.getParent().orElseThrow();
        }
        return ofClass.getStore(STORE)
                .getOrComputeIfAbsent(WorkerJvm.class, key -> start(), WorkerJvm.class)
                .run(context.getUniqueId());
    }

    private static WorkerJvm start() {
        List<String> command = new ArrayList<>(List.of("unshare", "--net", "--mount", "sh", "-c", PREPARE, "sh"));
        try {
            command.addAll(OtherJvm.command(List.of("-D" + MARK + "=true", "-Dhutch.stock=0"), Worker.class));
            return new WorkerJvm(new ProcessBuilder(command));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
