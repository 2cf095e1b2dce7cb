// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.kernel;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/** Tells virtual threads from others, also to code that is compiled for a Java that has none. */
final class VirtualThreads {
    /** Thread.isVirtual(), final since Java 21; null before. */
    private static final @Nullable MethodHandle IS_VIRTUAL = find();

    private VirtualThreads() {}

    private static @Nullable MethodHandle find() {
        if (Runtime.version().feature() < 21) {
            return null;
        }
        try {
            return MethodHandles.lookup().findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    static boolean isCurrent() {
        return IS_VIRTUAL != null && is(IS_VIRTUAL, Thread.currentThread());
    }

    private static boolean is(MethodHandle isVirtual, Thread thread) {
        try {
            return (boolean) isVirtual.invokeExact(thread);
        } catch (Throwable e) {
            throw new IllegalStateException("Thread.isVirtual() throws nothing", e);
        }
    }
}
