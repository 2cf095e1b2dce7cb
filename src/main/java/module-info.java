// SPDX-License-Identifier: Apache-2.0

/** Runs programs in Linux containers built from kernel mechanisms: namespaces, cgroups, capabilities, seccomp. */
module dev.hutch {
    requires org.apache.commons.io;
    requires com.grack.nanojson;
    requires static info.picocli;
    requires static jdk.jfr;
    requires static org.jspecify;

    exports dev.hutch;
    exports dev.hutch.spec;
    exports dev.hutch.testing;
}
