// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Skips a kernel test whose needs aren't met, and says which. */
final class KernelTestCondition implements ExecutionCondition {
    private static final ConditionEvaluationResult MET = ConditionEvaluationResult.enabled("all needs are met");

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (PlainUser.isRoot() && PlainUserExtension.concerns(context)) {
            // The other JVM asks again, as the user that it runs as.
            return MET;
        }
        Optional<KernelTest> test = AnnotationSupport.findAnnotation(context.getElement(), KernelTest.class);
        for (Need need : test.map(KernelTest::value).orElse(new Need[0])) {
            Optional<String> missing = need.missing();
            if (missing.isPresent()) {
                String reason = need + ": " + missing.get();
                SkipList.add(context, reason);
                return ConditionEvaluationResult.disabled(reason);
            }
        }
        return MET;
    }
}
