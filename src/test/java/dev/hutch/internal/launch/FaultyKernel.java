// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.kernel.JniKernel;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The real kernel, but that one call of the thread that makes it fails, without having been made; or that memory files are
 * ordinary ones, which whoever holds them can shrink.
 */
public final class FaultyKernel implements InvocationHandler {
    private final Kernel real = JniKernel.load();
    private final Thread thread = Thread.currentThread();
    private int calls;
    private int failAt = -1;
    private String failed = "";
    private boolean unsealed;

    Kernel kernel() {
        return (Kernel) Proxy.newProxyInstance(Kernel.class.getClassLoader(), new Class<?>[] {Kernel.class}, this);
    }

    /** Counts anew, and lets the call with this number fail; -1 for none. */
    public void failAt(int call) {
        calls = 0;
        failAt = call;
        failed = "";
    }

    /** From now on. */
    public void leaveUnsealed() {
        unsealed = true;
    }

    /** Which call was made to fail, empty for none. */
    public String failed() {
        return failed;
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
        boolean canFail = method.getExceptionTypes().length > 0;
        if (canFail && Thread.currentThread() == thread && calls++ == failAt) {
            failed = method.getName() + " " + (arguments == null ? "" : java.util.Arrays.deepToString(arguments));
            throw new KernelException(method.getName(), "on purpose", Errno.EIO.number());
        }
        if (unsealed && method.getName().equals("sealedMemory")) {
            return ordinaryFile((ByteBuffer) arguments[1]);
        }
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private int ordinaryFile(ByteBuffer content) throws IOException {
        Path file = Files.createTempFile("unsealed", "");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(content.duplicate());
            return real.open(file.toString(), 2, 0);
        } finally {
            Files.delete(file);
        }
    }
}
