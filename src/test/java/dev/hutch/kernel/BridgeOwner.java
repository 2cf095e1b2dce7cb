// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Network;
import java.util.ArrayList;
import java.util.List;

/**
 * A JVM of its own that has three containers on a bridge: prints their addresses and waits for its end. Or launches one after
 * the other, until it is killed.
 */
public final class BridgeOwner {
    private BridgeOwner() {}

    /** @param args the network; one word more to launch for ever */
    public static void main(String[] args) throws Exception {
        Sandbox box = Sandbox.builder().network(Network.bridge(args[0])).build();
        if (args.length > 1) {
            System.out.println("launching");
            while (true) {
                box.run("true");
            }
        }
        List<SandboxProcess> kept = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            SandboxProcess process =
                    box.start("sh", "-c", "nc -lk -s 0.0.0.0 -p 7000 & getent ahostsv4 $(hostname); wait");
            kept.add(process);
            NetworkCase.awaitPort(process, 7000);
            System.out.println(NetworkCase.ipv4(process));
        }
        System.out.println("ready");
        System.in.read();
        kept.forEach(SandboxProcess::close);
    }
}
