// SPDX-License-Identifier: Apache-2.0
package dev.hutch.bench;

import dev.hutch.Hutch;
import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Command;
import dev.hutch.spec.Stdio;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** What a big application holds while it launches: heap, threads, descriptors, other sandboxes. Not thread-safe. */
final class Load implements AutoCloseable {
    private static final int CHUNK = 64 << 20;

    private final List<byte[]> heap = new ArrayList<>();
    private final List<FileInputStream> descriptors = new ArrayList<>();
    private final List<SandboxProcess> live = new ArrayList<>();

    Load(Options options, Hutch context) throws IOException {
        fillHeap(options.heapGibibytes());
        for (int i = 0; i < options.threads(); i++) {
            Thread thread = new Thread(LockSupport::park, "bench-" + i);
            thread.setDaemon(true);
            thread.start();
        }
        for (int i = 0; i < options.descriptors(); i++) {
            descriptors.add(new FileInputStream("/dev/null"));
        }
        for (int i = 0; i < options.live(); i++) {
            live.add(start(context));
        }
    }

    static SandboxProcess start(Hutch context) throws IOException {
        Command sleep = Command.builder("/usr/bin/sleep", "100000")
                .stdin(Stdio.DISCARD)
                .stdout(Stdio.DISCARD)
                .stderr(Stdio.DISCARD)
                .build();
        return Sandbox.builder().context(context).build().start(sleep);
    }

    /** Random bytes: pages that nothing can merge or leave untouched. */
    private void fillHeap(int gibibytes) {
        Random random = new Random(1);
        byte[] page = new byte[4096];
        for (int i = 0; i < gibibytes * ((1 << 30) / CHUNK); i++) {
            byte[] chunk = new byte[CHUNK];
            for (int at = 0; at < CHUNK; at += page.length) {
                random.nextBytes(page);
                System.arraycopy(page, 0, chunk, at, page.length);
            }
            heap.add(chunk);
        }
    }

    @Override
    public void close() throws IOException {
        for (SandboxProcess each : live) {
            each.destroyForcibly();
        }
        for (SandboxProcess each : live) {
            each.close();
        }
        for (FileInputStream each : descriptors) {
            each.close();
        }
        heap.clear();
    }
}
