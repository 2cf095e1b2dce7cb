// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Another host beside this machine: a cable leads to it, with addresses that are reserved for documentation. It knows no way
 * back to any container, as the outside does not.
 */
public final class TestHost extends NetHost {
    private static final AtomicInteger NEXT =
            new AtomicInteger((int) (ProcessHandle.current().pid() % 50));

    private final int number;

    private TestHost(int number, Process holder) {
        super(holder);
        this.number = number;
    }

    /** One with an address of its own, up. */
    public static TestHost make() throws IOException {
        TestHost host = new TestHost(NEXT.getAndIncrement() % 60, hold());
        try {
            host.connect();
            return host;
        } catch (IOException e) {
            host.close();
            throw e;
        }
    }

    private void connect() throws IOException {
        String link = "htest" + number;
        NetHost machine = here();
        cable(machine, link, "eth0");
        machine.address(link, gateway4() + "/30", gateway6() + "/64");
        address("eth0", ipv4() + "/30", ipv6() + "/64");
    }

    public String ipv4() {
        return "198.51.100." + (4 * number + 2);
    }

    public String ipv6() {
        return "2001:db8:" + number + "::2";
    }

    /** How it sees this machine. */
    public String gateway4() {
        return "198.51.100." + (4 * number + 1);
    }

    /** The same of IPv6. */
    public String gateway6() {
        return "2001:db8:" + number + "::1";
    }

    /** What is routed to nowhere else goes to this machine. */
    public TestHost withRouteBack() throws IOException {
        run("ip", "route", "add", "default", "via", gateway4());
        run("ip", "-6", "route", "add", "default", "via", gateway6());
        return this;
    }
}
