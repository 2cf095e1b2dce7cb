// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.SecureRandom;
import java.util.List;

/** Asks servers over TCP, for answers too large for a datagram. */
public final class TcpServer {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int MILLIS = 2_000;

    private TcpServer() {}

    /**
     * Asks one after the other until one answers, and waits for that.
     *
     * @throws IOException if none does
     */
    public static byte[] ask(Query query, List<InetSocketAddress> servers) throws IOException {
        IOException why = new IOException("no server");
        for (InetSocketAddress server : servers) {
            try {
                return ask(query, server);
            } catch (IOException e) {
                why = e;
            }
        }
        throw why;
    }

    private static byte[] ask(Query query, InetSocketAddress server) throws IOException {
        int number = RANDOM.nextInt(0x10000);
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(MILLIS);
            socket.connect(server, MILLIS);
            byte[] question = query.forServer(number);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            byte[] framed = new byte[question.length + 2];
            framed[1] = (byte) question.length;
            framed[0] = (byte) (question.length >> 8);
            System.arraycopy(question, 0, framed, 2, question.length);
            out.write(framed);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] message = new byte[in.readUnsignedShort()];
            in.readFully(message);
            if (!query.isAskedBy(message, number)) {
                throw new IOException(server + " answered another question");
            }
            return message;
        }
    }
}
