// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs the bodies of kernel tests as an unprivileged user: where the test run is root's, each in another JVM, with
 * the class's whole life cycle there (see {@link PlainUser}); else as they are. On a subclass, it runs the inherited tests
 * again in this way.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(PlainUserExtension.class)
public @interface AsPlainUser {}
