// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.opentest4j.TestAbortedException;

/** Sends the test to the plain user's JVM and brings back what became of it. */
final class PlainUserExtension implements InvocationInterceptor {
    private static final ExtensionContext.Namespace STORE = ExtensionContext.Namespace.create(PlainUserExtension.class);

    static boolean concerns(ExtensionContext context) {
        return AnnotationSupport.isAnnotated(context.getElement(), AsPlainUser.class)
                || AnnotationSupport.isAnnotated(context.getRequiredTestClass(), AsPlainUser.class);
    }

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        intercept(invocation, context);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        intercept(invocation, context);
    }

    // Set-up and tear-down run with the test, over there.
    @Override
    public void interceptBeforeAllMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        hereOnlyIfPlain(invocation);
    }

    @Override
    public void interceptBeforeEachMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        hereOnlyIfPlain(invocation);
    }

    @Override
    public void interceptAfterEachMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        hereOnlyIfPlain(invocation);
    }

    @Override
    public void interceptAfterAllMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        hereOnlyIfPlain(invocation);
    }

    private static void hereOnlyIfPlain(InvocationInterceptor.Invocation<Void> invocation) throws Throwable {
        if (PlainUser.isRoot()) {
            invocation.skip();
        } else {
            invocation.proceed();
        }
    }

    private static void intercept(InvocationInterceptor.Invocation<Void> invocation, ExtensionContext context)
            throws Throwable {
        if (!PlainUser.isRoot()) {
            invocation.proceed();
            return;
        }
        invocation.skip();
        PlainUser.Answer answer = plainUser(context).run(context.getUniqueId());
        switch (answer.kind()) {
            case SKIPPED -> {
                SkipList.add(context, "as a plain user: " + answer.text());
                throw new TestAbortedException(answer.text());
            }
            case FAILED -> throw new AssertionError("as a plain user: " + answer.text());
            case PASSED -> {}
        }
    }

    private static PlainUser plainUser(ExtensionContext context) {
        return context.getRoot()
                .getStore(STORE)
                .getOrComputeIfAbsent(
                        PlainUser.class,
                        key -> {
                            try {
                                return PlainUser.start();
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        },
                        PlainUser.class);
    }
}
