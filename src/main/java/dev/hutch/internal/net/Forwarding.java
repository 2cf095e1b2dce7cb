// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.SandboxException;
import java.io.File;
import java.util.List;

/** Whether the host passes packets on between its links. Switched on where a network needs it, and left on. */
final class Forwarding {
    private static final String IPV4 = "/proc/sys/net/ipv4/ip_forward";
    private static final String IPV6 = "/proc/sys/net/ipv6/conf/all/forwarding";

    private final Kernel kernel;
    private final HostLinks links;

    Forwarding(Kernel kernel, HostLinks links) {
        this.kernel = kernel;
        this.links = links;
    }

    /**
     * IPv4 always. IPv6 only where it leads somewhere, and where that does not make the host deaf to its own router: a host
     * that forwards takes no router's advertisements any more.
     *
     * @return whether IPv6 is passed on
     */
    boolean on(NetworkConfig network) throws SandboxException {
        on(IPV4);
        if (network.ipv6() == null || !new File(IPV6).exists()) {
            return false;
        }
        if (isOn(IPV6)) {
            return true;
        }
        List<HostLinks.HostRoute> out = links.routes(false).stream()
                .filter(HostLinks.HostRoute::leadsOut)
                .toList();
        if (out.isEmpty() || out.stream().anyMatch(HostLinks.HostRoute::advertised)) {
            return false;
        }
        on(IPV6);
        return true;
    }

    /**
     * Lets packets that the host itself sent to its loopback leave by the bridge, where a published port leads them. What
     * containers send there is dropped by {@link FirewallRules}.
     */
    void fromLoopback(String bridge) throws SandboxException {
        on("/proc/sys/net/ipv4/conf/" + bridge + "/route_localnet");
    }

    private boolean isOn(String path) throws KernelException {
        return !kernel.read(path).startsWith("0");
    }

    private void on(String path) throws SandboxException {
        if (isOn(path)) {
            return;
        }
        try {
            kernel.write(path, "1");
        } catch (KernelException e) {
            throw e.withCure(
                    "containers reach beyond the bridge only where the host forwards: switch it on yourself, or"
                            + " use an internal network");
        }
    }
}
