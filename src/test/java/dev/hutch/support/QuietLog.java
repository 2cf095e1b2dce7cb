// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** For tests that make happen what is logged: the failures are theirs, and nobody must look into them. */
public final class QuietLog implements BeforeAllCallback, AfterAllCallback {
    // Held here, since loggers are forgotten with their settings where nobody holds them.
    private static final Logger LOGGER = Logger.getLogger("dev.hutch");

    @Override
    public void beforeAll(ExtensionContext context) {
        LOGGER.setLevel(Level.OFF);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        LOGGER.setLevel(null);
    }
}
