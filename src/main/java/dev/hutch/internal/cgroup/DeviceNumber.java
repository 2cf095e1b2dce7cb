// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.spec.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/** A device node's kind and numbers, as the cgroup files want them. */
record DeviceNumber(char kind, long major, long minor) {
    private static final int TYPE = 0xF000;
    private static final int BLOCK = 0x6000;
    private static final int CHARACTER = 0x2000;

    /** A disk's: a character device of the same numbers is another device. */
    static DeviceNumber ofBlock(Path node) throws SandboxException {
        DeviceNumber number = of(node);
        if (number.kind() != 'b') {
            throw new SandboxException("limit", node.toString(), null, "it is not a block device: name a whole disk");
        }
        return number;
    }

    private static Number number(Map<String, Object> stat, String name) {
        return (Number) Objects.requireNonNull(stat.get(name), name);
    }

    static DeviceNumber of(Path node) throws SandboxException {
        try {
            Map<String, Object> stat = Files.readAttributes(node, "unix:mode,rdev");
            int type = number(stat, "mode").intValue() & TYPE;
            if (type != BLOCK && type != CHARACTER) {
                throw new SandboxException("stat", node.toString(), null, "it is not a device");
            }
            return of(type == BLOCK ? 'b' : 'c', number(stat, "rdev").longValue());
        } catch (SandboxException known) {
            throw known;
        } catch (IOException failure) {
            throw new SandboxException("stat", node.toString(), "name a device that exists", failure);
        }
    }

    /** dev_t as user space has it; makedev(3). */
    static DeviceNumber of(char kind, long rdev) {
        long major = ((rdev >>> 8) & 0xFFF) | ((rdev >>> 32) & 0xFFFFF000L);
        long minor = (rdev & 0xFF) | ((rdev >>> 12) & 0xFFFFFF00L);
        return new DeviceNumber(kind, major, minor);
    }

    @Override
    public String toString() {
        return major + ":" + minor;
    }
}
