// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import dev.hutch.Doctor;
import dev.hutch.spec.HostReport;
import java.nio.file.Path;
import java.util.List;

/** {@code hutch doctor}: what this machine offers, one line each; exit status 0 if the defaults run here. */
final class DoctorCommand {
    int run(List<String> words, Console console) throws UsageException, InterruptedException {
        if (!words.isEmpty()) {
            throw new UsageException("hutch doctor takes no arguments");
        }
        HostReport report = Doctor.examine(Path.of("").toAbsolutePath());
        for (HostReport.Finding finding : report.findings()) {
            console.print((finding.works() ? "✓ " : "✗ ")
                    + finding.name()
                    + (finding.detail().isEmpty() ? "" : ": " + finding.detail()));
            if (!finding.cure().isEmpty()) {
                console.print("    cure: " + finding.cure());
            }
        }
        console.print(report.runs() ? "hutch run works here with its defaults" : "hutch run does not work here yet");
        return report.runs() ? ExitStatus.OK : 1;
    }
}
