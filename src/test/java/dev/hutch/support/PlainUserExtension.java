// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Sends the test to the plain user's JVM. */
final class PlainUserExtension extends ElsewhereExtension {
    private static final ExtensionContext.Namespace STORE = ExtensionContext.Namespace.create(PlainUserExtension.class);

    static boolean concerns(ExtensionContext context) {
        return AnnotationSupport.isAnnotated(context.getElement(), AsPlainUser.class)
                || AnnotationSupport.isAnnotated(context.getRequiredTestClass(), AsPlainUser.class);
    }

    @Override
    boolean isHere() {
        return !PlainUser.isRoot();
    }

    @Override
    String words() {
        return "as a plain user";
    }

    @Override
    WorkerJvm.Answer run(ExtensionContext context) throws IOException {
        return plainUser(context).run(context.getUniqueId());
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
