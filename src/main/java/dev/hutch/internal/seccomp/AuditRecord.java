// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the kernel writes to its log when a filter kills or logs; audit_seccomp() in the kernel's kernel/auditsc.c.
 *
 * @param millis when, since 1970
 * @param uid of the process, as the host has it
 * @param pid of the process, as the host has it
 * @param program what it calls itself
 * @param architecture AUDIT_ARCH_* of linux/audit.h
 * @param systemCall its number there
 * @param action SECCOMP_RET_*
 */
record AuditRecord(long millis, long uid, int pid, String program, int architecture, long systemCall, int action) {
    /**
     * All of a record of /dev/kmsg, by the kernel itself (facility 0): its log has other lines too with what a program
     * inside has chosen, such as the name of a file that crashes. What a program calls itself is in quotes here, or in
     * hexadecimal digits where it has a quote, a space or a control character; so is its file's name.
     */
    private static final Pattern SECCOMP = Pattern.compile(
            "[0-7],[0-9]+,[0-9]+,[^;]*;audit: type=1326 audit\\(([0-9]{1,12})\\.([0-9]{3}):[0-9]+\\):"
                    + " auid=[0-9]+ uid=([0-9]{1,10}) gid=[0-9]+ ses=[0-9]+(?: subj=[^\"=]*)? pid=([0-9]{1,9})"
                    + " comm=(\"[^\"]*\"|(?:[0-9A-F]{2})+) exe=(?:\"[^\"]*\"|[0-9A-F]+|\\(null\\)) sig=[0-9]+"
                    + " arch=([0-9a-f]{1,8}) syscall=(-?[0-9]{1,10}) compat=[01] ip=0x[0-9a-f]+ code=0x([0-9a-f]{1,8})");

    private static final int ACTION = 0xffff_0000;

    /** Empty for any other record, and for one that the kernel has cut short for the length of a path. */
    static Optional<AuditRecord> parse(String record) {
        int end = record.indexOf('\n');
        Matcher found = SECCOMP.matcher(end < 0 ? record : record.substring(0, end));
        if (!found.matches()) {
            return Optional.empty();
        }
        return Optional.of(new AuditRecord(
                Long.parseLong(found.group(1)) * 1000 + Long.parseLong(found.group(2)),
                Long.parseLong(found.group(3)),
                Integer.parseInt(found.group(4)),
                text(found.group(5)),
                Integer.parseUnsignedInt(found.group(6), 16),
                Long.parseLong(found.group(7)),
                Integer.parseUnsignedInt(found.group(8), 16) & ACTION));
    }

    /** The log writes a backslash as its number. */
    private static String text(String untrusted) {
        return untrusted.startsWith("\"")
                ? untrusted.substring(1, untrusted.length() - 1).replace("\\x5c", "\\")
                : new String(HexFormat.of().parseHex(untrusted), StandardCharsets.UTF_8);
    }

    boolean killed() {
        return action == Action.KILL_PROCESS.code() || action == Action.KILL_THREAD.code();
    }
}
