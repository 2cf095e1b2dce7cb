// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import java.util.concurrent.ThreadFactory;

/** Makes threads that don't keep the JVM from ending. */
public record Daemon(String name) implements ThreadFactory {
    @Override
    public Thread newThread(Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }
}
