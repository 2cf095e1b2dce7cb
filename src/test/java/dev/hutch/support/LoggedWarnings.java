// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Keeps what is logged as a warning: failures that no caller is told of. */
public final class LoggedWarnings extends Handler implements AutoCloseable {
    // Held here, since loggers are forgotten with their handlers where nobody holds them.
    private static final Logger LOGGER = Logger.getLogger("dev.hutch");

    private final List<String> all = new CopyOnWriteArrayList<>();

    public LoggedWarnings() {
        LOGGER.addHandler(this);
    }

    public List<String> all() {
        return List.copyOf(all);
    }

    @Override
    public void publish(LogRecord entry) {
        if (entry.getLevel().intValue() >= Level.WARNING.intValue()) {
            all.add(entry.getMessage() + ": " + entry.getThrown());
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        LOGGER.removeHandler(this);
    }
}
