// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests that make real sandboxes. Where the machine lacks something that they need they are skipped with its name, and
 * the skip is written to target/kernel-skips.txt.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Tag("kernel")
@ExtendWith(KernelTestCondition.class)
public @interface KernelTest {
    Need[] value() default {};
}
