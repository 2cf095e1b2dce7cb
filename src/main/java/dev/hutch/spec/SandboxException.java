// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A sandbox could not be started or handled. It names the operation that failed, what it was applied to, the kernel's
 * error number where the kernel refused, and what to do next.
 *
 * @since 0.1
 */
public class SandboxException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String operation;
    private final String target;
    private final transient @Nullable Errno errno;
    private final String cure;

    /**
     * @param operation the system call or step, in the man pages' words, such as {@code mount}
     * @param target what it was applied to: a path, a value; may be empty
     * @param errno the kernel's answer, or null where the kernel was not asked
     * @param cure what the reader can do; may be empty
     */
    public SandboxException(String operation, String target, @Nullable Errno errno, String cure) {
        super(message(operation, target, errno, cure));
        this.operation = operation;
        this.target = target;
        this.errno = errno;
        this.cure = cure;
    }

    /** As the other constructor, with the exception that led here. */
    public SandboxException(String operation, String target, String cure, Throwable cause) {
        this(operation, target, null, cure);
        initCause(cause);
    }

    /** What failed: a system call or a step, in the man pages' words. */
    public String operation() {
        return operation;
    }

    /** What it was applied to; may be empty. */
    public String target() {
        return target;
    }

    /** The kernel's error number; empty where the kernel was not asked. */
    public Optional<Errno> errno() {
        return Optional.ofNullable(errno);
    }

    /** What to do next; may be empty. */
    public String cure() {
        return cure;
    }

    private static String message(String operation, String target, @Nullable Errno errno, String cure) {
        StringBuilder text = new StringBuilder(operation);
        if (!target.isEmpty()) {
            text.append(' ').append(target);
        }
        if (errno != null) {
            text.append(": ").append(errno);
        }
        if (!cure.isEmpty()) {
            text.append(": ").append(cure);
        }
        return text.toString();
    }
}
