// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A machine with a default route, and the world that it leads to, with a cable between them, so that nothing of a test leaves
 * this host. JVMs, root's or a plain user's, run on the machine.
 */
public final class Uplink implements AutoCloseable {
    public static final String MACHINE_4 = "203.0.113.2";
    public static final String MACHINE_6 = "2001:db8::2";
    public static final String WORLD_4 = "203.0.113.1";
    public static final String WORLD_6 = "2001:db8::1";

    private final NetHost machine;
    private final NetHost world;
    private final StagedJvm jvm;

    private Uplink(NetHost machine, NetHost world, StagedJvm jvm) {
        this.machine = machine;
        this.world = world;
        this.jvm = jvm;
    }

    /** This JVM's own network namespace, which has loopback only so far, is the machine. */
    public static Uplink here() throws IOException {
        return of(NetHost.here());
    }

    /** Both are new. */
    public static Uplink make() throws IOException {
        return of(NetHost.make());
    }

    private static Uplink of(NetHost machine) throws IOException {
        Uplink uplink = new Uplink(machine, NetHost.make(), StagedJvm.make());
        try {
            uplink.connect();
            return uplink;
        } catch (IOException e) {
            uplink.close();
            throw e;
        }
    }

    private void connect() throws IOException {
        world.cable(machine, "up0", "up1");
        machine.address("up0", MACHINE_4 + "/24", MACHINE_6 + "/64");
        world.address("up1", WORLD_4 + "/24", WORLD_6 + "/64");
        machine.run("ip", "route", "add", "default", "via", WORLD_4);
        machine.run("ip", "route", "add", "default", "via", WORLD_6);
    }

    public NetHost machine() {
        return machine;
    }

    public NetHost world() {
        return world;
    }

    /** Starts a class of ours on the machine, as root or as a user without a name and rights. */
    public Process start(boolean plain, Class<?> main, String... words) throws IOException {
        return start(command(plain, main, words));
    }

    /** The same where the machine's /etc/resolv.conf has that content. */
    public Process start(String resolvConf, boolean plain, Class<?> main, String... words) throws IOException {
        List<String> command = new ArrayList<>(where(resolvConf));
        command.addAll(command(plain, main, words));
        return start(command);
    }

    /** What runs the command that follows it on the machine, as root, where /etc/resolv.conf has that content. */
    public List<String> onMachine(String resolvConf) throws IOException {
        return machine.inside(where(resolvConf));
    }

    private List<String> where(String resolvConf) throws IOException {
        Path file = Files.writeString(jvm.folder().resolve("resolv.conf"), resolvConf);
        return List.of(
                "unshare",
                "--mount",
                "sh",
                "-ec",
                "mount --bind \"$0\" /etc/resolv.conf; exec \"$@\"",
                file.toString());
    }

    private List<String> command(boolean plain, Class<?> main, String... words) {
        return plain ? StagedJvm.asPlainUser(jvm.java(main, words)) : jvm.java(main, words);
    }

    private Process start(List<String> command) throws IOException {
        return jvm.builder(machine.inside(command)).start();
    }

    @Override
    public void close() throws IOException {
        world.close();
        machine.close();
        jvm.close();
    }
}
