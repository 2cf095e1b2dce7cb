// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.usernet;

import dev.hutch.spec.PortMapping;
import dev.hutch.spec.SandboxException;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/** slirp4netns(1), API SOCKET: one request a connection, a line of JSON each way. */
final class SlirpPorts {
    /** In the file system that is the process's own. */
    static final String SOCKET = "/tmp/slirp";

    private static final int MOST = 4096;
    private static final int MOST_ATTEMPTS = 200;
    private static final long ATTEMPT_NANOS = 10_000_000;

    private SlirpPorts() {}

    /** @param root where that process's root directory is to be seen */
    static void publish(Path root, PortMapping port) throws SandboxException {
        if (port.address() instanceof Inet6Address) {
            throw refused(port, "slirp4netns publishes on IPv4 alone: install pasta (Debian: passt)", null);
        }
        String answer;
        try {
            answer = ask(root.resolve(SOCKET.substring(1)), request(port));
        } catch (IOException e) {
            throw refused(port, "slirp4netns was not to be asked: " + e, e);
        }
        if (!answer.contains("\"return\"")) {
            throw refused(port, "slirp4netns says " + answer.strip(), null);
        }
    }

    private static SandboxException refused(
            PortMapping port, String why, @org.jspecify.annotations.Nullable Exception cause) {
        SandboxException told = new SandboxException("publish", port.toString(), null, why);
        if (cause != null) {
            told.initCause(cause);
        }
        return told;
    }

    static String request(PortMapping port) {
        String address = port.address() == null ? "0.0.0.0" : port.address().getHostAddress();
        return "{\"execute\":\"add_hostfwd\",\"arguments\":{\"proto\":\""
                + port.protocol().name().toLowerCase(Locale.ROOT) + "\",\"host_addr\":\"" + address
                + "\",\"host_port\":"
                + port.hostPort() + ",\"guest_addr\":\"10.0.2.100\",\"guest_port\":" + port.containerPort() + "}}\n";
    }

    /** It says that it is ready a moment before it listens; a channel that failed to connect is closed. */
    private static SocketChannel connect(Path socket) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return SocketChannel.open(UnixDomainSocketAddress.of(socket));
            } catch (IOException e) {
                if (attempt == MOST_ATTEMPTS) {
                    throw e;
                }
                LockSupport.parkNanos(ATTEMPT_NANOS);
            }
        }
    }

    private static String ask(Path socket, String request) throws IOException {
        try (SocketChannel channel = connect(socket)) {
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
            channel.shutdownOutput();
            ByteBuffer answer = ByteBuffer.allocate(MOST);
            while (channel.read(answer) > 0) {
                // To the end of file, or of the buffer.
            }
            return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
        }
    }
}
