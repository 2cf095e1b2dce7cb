// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.IOException;
import java.lang.reflect.Method;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.opentest4j.TestAbortedException;

/** Sends the test to a JVM in other surroundings, where this one is not there itself, and brings back what became of it. */
abstract class ElsewhereExtension implements InvocationInterceptor {
    /** Whether this JVM is in those surroundings. */
    abstract boolean isHere();

    /** For a failure: {@code as a plain user}. */
    abstract String words();

    abstract WorkerJvm.Answer run(ExtensionContext context) throws IOException;

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
        onlyOverThere(invocation);
    }

    @Override
    public void interceptBeforeEachMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        onlyOverThere(invocation);
    }

    @Override
    public void interceptAfterEachMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        onlyOverThere(invocation);
    }

    @Override
    public void interceptAfterAllMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        onlyOverThere(invocation);
    }

    private void onlyOverThere(Invocation<Void> invocation) throws Throwable {
        if (isHere()) {
            invocation.proceed();
        } else {
            invocation.skip();
        }
    }

    private void intercept(Invocation<Void> invocation, ExtensionContext context) throws Throwable {
        if (isHere()) {
            invocation.proceed();
            return;
        }
        invocation.skip();
        WorkerJvm.Answer answer = run(context);
        switch (answer.kind()) {
            case SKIPPED -> {
                SkipList.add(context, words() + ": " + answer.text());
                throw new TestAbortedException(answer.text());
            }
            case FAILED -> throw new AssertionError(words() + ": " + answer.text());
            case PASSED -> {}
        }
    }
}
