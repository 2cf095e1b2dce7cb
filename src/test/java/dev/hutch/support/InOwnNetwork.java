// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs the tests of a class, with its whole life cycle, in another JVM whose network namespace is new: the host of the
 * containers that they make is that namespace, so that interfaces, rules and sysctls of the machine stay out of it. Only
 * loopback is there, and up; {@code /run/hutch/networks} is empty and that JVM's own. For classes that need root.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(OwnNetworkExtension.class)
public @interface InOwnNetwork {}
