// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.nio.file.Path;

/**
 * A device of the host's that the sandbox may use. Immutable.
 *
 * @param host the device's node on the host, absolute
 * @param container where it appears inside, absolute, below /dev
 * @param readOnly whether it is bound read-only
 * @since 0.1
 */
public record Device(Path host, Path container, boolean readOnly) {
    public Device {
        host = Paths.absolute("device", host);
        container = Paths.destination(container);
        if (!container.startsWith("/dev") || container.getNameCount() < 2) {
            throw new IllegalArgumentException("device '" + container + "' is not below /dev");
        }
    }

    /** Reads {@code HOST[:CONTAINER[:r|rw]]}. */
    public static Device parse(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length > 3 || (parts.length == 3 && !parts[2].matches("r|rw|rwm"))) {
            throw new IllegalArgumentException("device '" + text + "' is not HOST[:CONTAINER[:r|rw]]");
        }
        Path host = Path.of(parts[0]);
        return new Device(host, parts.length > 1 ? Path.of(parts[1]) : host, parts.length == 3 && parts[2].equals("r"));
    }
}
