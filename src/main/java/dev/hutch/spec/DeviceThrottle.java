// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.nio.file.Path;

/**
 * An upper bound on the traffic with one block device. Immutable.
 *
 * @param device the device's node on the host
 * @param kind what is bounded
 * @param rate bytes or operations a second, 1 or more; v1 blkio.throttle.*, v2 io.max
 * @since 0.1
 */
public record DeviceThrottle(Path device, Kind kind, long rate) {
    public DeviceThrottle {
        Range.check("rate", rate, 1, Long.MAX_VALUE);
    }

    /** The four throttles, with the files' words of cgroup v1 and v2. */
    public enum Kind {
        /** Bytes read a second. */
        READ_BPS("blkio.throttle.read_bps_device", "rbps"),
        /** Bytes written a second. */
        WRITE_BPS("blkio.throttle.write_bps_device", "wbps"),
        /** Reads a second. */
        READ_IOPS("blkio.throttle.read_iops_device", "riops"),
        /** Writes a second. */
        WRITE_IOPS("blkio.throttle.write_iops_device", "wiops");

        private final String v1File;
        private final String v2Key;

        Kind(String v1File, String v2Key) {
            this.v1File = v1File;
            this.v2Key = v2Key;
        }

        /** The file of cgroup v1. */
        public String v1File() {
            return v1File;
        }

        /** The key in io.max of cgroup v2. */
        public String v2Key() {
            return v2Key;
        }
    }
}
