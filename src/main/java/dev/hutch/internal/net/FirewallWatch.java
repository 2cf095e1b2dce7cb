// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.nftables.Nftables;
import dev.hutch.spec.SandboxException;

/**
 * Waits until somebody removes one of the host's tables of rules, such as by {@code nft flush ruleset}, on a daemon thread.
 * Thread-safe.
 */
final class FirewallWatch implements AutoCloseable {
    private final Kernel kernel;
    private final Nftables changes;
    private final Restore restore;
    private final int[] bell;

    /** What is done then. */
    interface Restore {
        void run() throws SandboxException;
    }

    private FirewallWatch(Kernel kernel, Nftables changes, int[] bell, Restore restore) {
        this.kernel = kernel;
        this.changes = changes;
        this.bell = bell;
        this.restore = restore;
    }

    static FirewallWatch start(Kernel kernel, Restore restore) throws SandboxException {
        Nftables changes = Nftables.open(kernel);
        try {
            changes.tellOfChanges();
            FirewallWatch watch = new FirewallWatch(kernel, changes, kernel.pipe(), restore);
            Thread thread = new Thread(watch::run, "hutch-firewall");
            thread.setDaemon(true);
            thread.start();
            return watch;
        } catch (SandboxException | RuntimeException e) {
            changes.close();
            throw e;
        }
    }

    private void run() {
        try {
            while ((kernel.poll(-1, 0, changes.fd(), bell[0]) & 2) == 0) {
                if (changes.hasLost(FirewallSets.ROUTED, FirewallSets.BRIDGED)) {
                    restored();
                }
            }
        } catch (SandboxException | RuntimeException e) {
            log("the rules of bridge networks are watched no more", e);
        } finally {
            changes.close();
            kernel.close(bell[0]);
        }
    }

    private void restored() {
        try {
            restore.run();
        } catch (SandboxException | RuntimeException e) {
            log("the rules of bridge networks were removed, and are not back", e);
        }
    }

    private static void log(String words, Exception e) {
        System.getLogger("dev.hutch").log(System.Logger.Level.ERROR, words, e);
    }

    /** Once. The thread sees its end of the pipe hang up, and ends. */
    @Override
    public void close() {
        kernel.close(bell[1]);
    }
}
