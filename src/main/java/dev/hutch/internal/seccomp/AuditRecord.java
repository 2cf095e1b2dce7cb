// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import dev.hutch.spec.SeccompViolation;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the kernel writes to its log when a filter kills or logs; audit_seccomp() in the kernel's kernel/auditsc.c. What a
 * program calls itself is in quotes, or in hexadecimal digits where it has a quote, a space or a control character.
 *
 * @param uid of the process, as the host has it
 * @param violation with a count of 1
 */
record AuditRecord(long uid, SeccompViolation violation) {
    private static final Pattern SECCOMP =
            Pattern.compile("audit: type=1326 audit\\([0-9.:]+\\): auid=[0-9]+ uid=([0-9]+)"
                    + " .*\\bpid=[0-9]+ comm=(\"[^\"]*\"|[0-9A-F]+) exe=.* arch=([0-9a-f]+) syscall=([0-9]+) compat=.*"
                    + " code=0x([0-9a-f]+)");
    private static final int ACTION = 0xffff_0000;

    /** Empty for any other line of the log. */
    static Optional<AuditRecord> parse(String line, Architecture architecture) {
        Matcher found = SECCOMP.matcher(line);
        if (!found.find()) {
            return Optional.empty();
        }
        int number = Integer.parseInt(found.group(4));
        boolean own = Integer.parseUnsignedInt(found.group(3), 16) == architecture.auditArch();
        String call = own
                ? SyscallTable.of(architecture).name(number).orElse(Integer.toString(number))
                : Integer.toString(number);
        int action = Integer.parseUnsignedInt(found.group(5), 16) & ACTION;
        boolean killed = action == Action.KILL_PROCESS.code() || action == Action.KILL_THREAD.code();
        return Optional.of(new AuditRecord(
                Long.parseLong(found.group(1)), new SeccompViolation(call, text(found.group(2)), killed, 1)));
    }

    private static String text(String untrusted) {
        return untrusted.startsWith("\"")
                ? untrusted.substring(1, untrusted.length() - 1)
                : new String(HexFormat.of().parseHex(untrusted), StandardCharsets.UTF_8);
    }
}
