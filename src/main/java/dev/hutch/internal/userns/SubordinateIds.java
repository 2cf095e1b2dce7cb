// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.userns;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.spec.Errno;
import java.util.ArrayList;
import java.util.List;

/** The ids that the administrator has given to a user: lines {@code NAME-OR-UID:FIRST:COUNT}; subuid(5). */
public final class SubordinateIds {
    public static final String SUBUID = "/etc/subuid";
    public static final String SUBGID = "/etc/subgid";

    private SubordinateIds() {}

    /** Those of one user; none where the file is missing. */
    public static List<IdSpan> of(KernelFiles files, String file, String name, long uid) throws KernelException {
        try {
            return parse(files.read(file), name, uid);
        } catch (KernelException refusal) {
            if (refusal.is(Errno.ENOENT)) {
                return List.of();
            }
            throw refusal;
        }
    }

    /** A line that is not understood gives no ids, as newuidmap(1) has it. The host's root is never among them. */
    static List<IdSpan> parse(String text, String name, long uid) {
        List<IdSpan> spans = new ArrayList<>();
        for (String line : text.split("\n")) {
            String[] parts = line.trim().split(":", -1);
            if (parts.length == 3
                    && (parts[0].equals(name) || parts[0].equals(Long.toString(uid)))
                    && parts[1].matches("[0-9]{1,10}")
                    && parts[2].matches("[0-9]{1,10}")) {
                long first = Long.parseLong(parts[1]);
                long count = Long.parseLong(parts[2]);
                if (first > 0 && count > 0 && first + count <= 1L << 32) {
                    spans.add(new IdSpan(first, count));
                }
            }
        }
        return spans;
    }
}
