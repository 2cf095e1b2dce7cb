// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The arrows: cli → dev.hutch → launch → {plan, cgroup, userns, seccomp, net, stdio, host …} → kernel; everything may use spec.
 */
class ArchitectureTest {
    private static final String INTERNAL = "dev.hutch.internal.";
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .importUrl(Sandbox.class.getProtectionDomain().getCodeSource().getLocation());

    @Test
    void nounsKnowNothingButTheJdk() {
        classes()
                .that()
                .resideInAPackage("dev.hutch.spec")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dev.hutch.spec", "java..", "org.jspecify..")
                .check(CLASSES);
    }

    @Test
    void theKernelKnowsNobodyButTheNouns() {
        classes()
                .that()
                .resideInAPackage(INTERNAL + "kernel")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(INTERNAL + "kernel", "dev.hutch.spec", "java..", "org.jspecify..")
                .check(CLASSES);
    }

    @Test
    void theJsonReaderKnowsNobodyButTheNouns() {
        classes()
                .that()
                .resideInAPackage(INTERNAL + "json")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(INTERNAL + "json", "dev.hutch.spec", "java..", "org.jspecify..", "com.grack..")
                .check(CLASSES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"plan", "cgroup", "userns", "seccomp", "stdio", "files", "host", "jvm"})
    void siblingsKnowTheKernelAndNeverOneAnother(String sibling) {
        classes()
                .that()
                .resideInAPackage(INTERNAL + sibling)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        INTERNAL + sibling,
                        INTERNAL + "kernel",
                        INTERNAL + "json",
                        "dev.hutch.spec",
                        "java..",
                        "org.jspecify..",
                        "com.grack..",
                        "org.apache.commons.io..")
                .check(CLASSES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"netlink", "nftables", "dns", "net"})
    void networksKnowTheirProtocolsAndTheProtocolsOnlyNetlink(String part) {
        String[] known = part.equals("net")
                ? new String[] {INTERNAL + "net", INTERNAL + "nftables", INTERNAL + "dns"}
                : new String[] {INTERNAL + part};
        classes()
                .that()
                .resideInAPackage(INTERNAL + part)
                .should()
                .onlyDependOnClassesThat(JavaClass.Predicates.resideInAnyPackage(known)
                        .or(JavaClass.Predicates.resideInAnyPackage(
                                INTERNAL + "netlink",
                                INTERNAL + "kernel",
                                INTERNAL + "json",
                                "dev.hutch.spec",
                                "java..",
                                "org.jspecify..",
                                "com.grack..")))
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void aLaunchKnowsNoVerbs() {
        noClasses()
                .that()
                .resideInAPackage("dev.hutch.internal..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.hutch", "dev.hutch.cli..")
                .check(CLASSES);
    }

    @Test
    void theCommandLineIsAThinLayerOverThePublicApi() {
        noClasses()
                .that()
                .resideInAPackage("dev.hutch.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.hutch.internal..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.hutch.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.hutch.cli..", "picocli..")
                .check(CLASSES);
    }

    @Test
    void onlyTheKernelHasNativeMethods() {
        classes()
                .that()
                .containAnyMethodsThat(DescribedPredicate.describe(
                        "are native", method -> method.getModifiers().contains(JavaModifier.NATIVE)))
                .should()
                .haveFullyQualifiedName(INTERNAL + "kernel.Natives")
                .check(CLASSES);
    }

    @Test
    void noPackagesKnowEachOther() {
        slices().matching("dev.hutch.(**)").should().beFreeOfCycles().check(CLASSES);
    }
}
