// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import com.grack.nanojson.JsonStringWriter;
import com.grack.nanojson.JsonWriter;
import dev.hutch.spec.Account;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Errno;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.Refusal;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.SeccompViolation;
import dev.hutch.spec.SetupTime;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/** A result, or a start that failed, as JSON. Keys are always there; what doesn't apply is null. */
final class ResultJson {
    private ResultJson() {}

    static String of(SandboxResult result) {
        JsonStringWriter json = JsonWriter.indent("  ").string().object();
        Outcome outcome = result.outcome();
        json.value("outcome", outcome.word());
        if (outcome instanceof Outcome.Exited exited) {
            json.value("exitCode", exited.exitCode());
        } else {
            json.nul("exitCode");
        }
        if (outcome instanceof Outcome.Signalled signalled) {
            json.value("signal", signalled.signal().name());
        } else {
            json.nul("signal");
        }
        account(json, result.account());
        json.value("stdoutBytes", result.stdout().total());
        json.value("stderrBytes", result.stderr().total());
        setup(json, result.setup());
        enforced(json, result.enforced());
        refused(json, result.refused());
        violations(json, result.violations());
        return json.nul("error").end().done();
    }

    static String of(SandboxException refused) {
        JsonStringWriter json = JsonWriter.indent("  ").string().object();
        json.value("outcome", "start-failed").nul("exitCode").nul("signal");
        for (String key : List.of(
                "wallMillis",
                "cpuMillis",
                "userMillis",
                "systemMillis",
                "peakMemoryBytes",
                "peakPids",
                "oomKills",
                "pidsLimitHits",
                "voluntarySwitches",
                "involuntarySwitches",
                "bytesRead",
                "bytesWritten",
                "stdoutBytes",
                "stderrBytes",
                "setup")) {
            json.nul(key);
        }
        json.array("enforced").end();
        json.array("refused").end();
        json.array("violations").end();
        json.object("error").value("operation", refused.operation()).value("target", refused.target());
        json.value("errno", refused.errno().map(Errno::name).orElse(null));
        return json.value("cure", refused.cure())
                .value("message", refused.getMessage())
                .end()
                .end()
                .done();
    }

    private static void account(JsonStringWriter json, Account account) {
        json.value("wallMillis", millis(account.wall()))
                .value("cpuMillis", millis(account.cpu()))
                .value("userMillis", millis(account.user()))
                .value("systemMillis", millis(account.system()))
                .value("peakMemoryBytes", account.peakMemory())
                .value("peakPids", account.peakPids())
                .value("oomKills", account.oomKills())
                .value("pidsLimitHits", account.pidsLimitHits())
                .value("voluntarySwitches", account.voluntarySwitches())
                .value("involuntarySwitches", account.involuntarySwitches());
        counted(json, "bytesRead", account.bytesRead());
        counted(json, "bytesWritten", account.bytesWritten());
    }

    private static void counted(JsonStringWriter json, String key, OptionalLong figure) {
        if (figure.isPresent()) {
            json.value(key, figure.getAsLong());
        } else {
            json.nul(key);
        }
    }

    private static void setup(JsonStringWriter json, SetupTime setup) {
        json.object("setup")
                .value("cgroupMillis", millis(setup.cgroup()))
                .value("forkMillis", millis(setup.fork()))
                .value("idsMillis", millis(setup.ids()))
                .value("planMillis", millis(setup.plan()))
                .value("totalMillis", millis(setup.total()))
                .end();
    }

    private static void enforced(JsonStringWriter json, List<Enforced> all) {
        json.array("enforced");
        for (Enforced each : all) {
            json.object()
                    .value("name", each.name())
                    .value("value", each.value())
                    .value("enforced", each.enforced())
                    .value("reason", each.reason())
                    .end();
        }
        json.end();
    }

    private static void refused(JsonStringWriter json, List<Refusal> all) {
        json.array("refused");
        for (Refusal each : all) {
            json.object()
                    .value("name", each.name())
                    .value("address", each.address())
                    .value("protocol", each.protocol())
                    .value("port", each.port())
                    .value("count", each.count())
                    .end();
        }
        json.end();
    }

    private static void violations(JsonStringWriter json, List<SeccompViolation> all) {
        json.array("violations");
        for (SeccompViolation each : all) {
            json.object()
                    .value("systemCall", each.systemCall())
                    .value("program", each.program())
                    .value("killed", each.killed())
                    .value("count", each.count())
                    .end();
        }
        json.end();
    }

    /** Milliseconds with three digits behind the point. */
    private static double millis(Duration duration) {
        return Math.floor(duration.toNanos() / 1000.0) / 1000;
    }
}
