// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.util.Objects;

/**
 * How much a sandbox may send and receive in a second, on all connections together, tc-tbf(8). Short bursts, of 16 KiB or what
 * 10 ms carry, may be faster. Immutable.
 *
 * @param up bytes a second from the sandbox, 1 KiB to 1 TiB; 0 for no limit
 * @param down bytes a second to the sandbox, in the same range
 * @since 0.1
 */
public record NetworkRate(Size up, Size down) {
    /** As fast as the machine is. The default. */
    public static final NetworkRate UNLIMITED = new NetworkRate(Size.bytes(0), Size.bytes(0));

    private static final long LEAST = 1024;
    private static final long MOST = 1L << 40;

    /** @throws IllegalArgumentException if one is neither 0 nor 1 KiB to 1 TiB */
    public NetworkRate {
        check("up", up);
        check("down", down);
    }

    private static void check(String name, Size rate) {
        if (Objects.requireNonNull(rate, name).bytes() != 0) {
            Range.check("network rate " + name, rate.bytes(), LEAST, MOST);
        }
    }

    /**
     * Reads {@code up=SIZE,down=SIZE}, either of them alone too, with sizes as {@link Size#parse} reads them.
     *
     * @throws IllegalArgumentException if it is anything else, or a rate is out of range
     */
    public static NetworkRate parse(String text) {
        Size up = UNLIMITED.up;
        Size down = UNLIMITED.down;
        for (String part : text.split(",", -1)) {
            if (part.startsWith("up=")) {
                up = Size.parse(part.substring("up=".length()));
            } else if (part.startsWith("down=")) {
                down = Size.parse(part.substring("down=".length()));
            } else {
                throw new IllegalArgumentException("network rate '" + part
                        + "' is neither up=SIZE nor down=SIZE, in bytes a second, such as up=1m");
            }
        }
        return new NetworkRate(up, down);
    }

    /** Whether there is any limit. */
    public boolean isLimited() {
        return up.bytes() != 0 || down.bytes() != 0;
    }

    /** As {@link #parse} reads it; {@code up=0,down=0} for no limit. */
    @Override
    public String toString() {
        return "up=" + up + ",down=" + down;
    }
}
