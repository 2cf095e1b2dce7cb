// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.dns;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;

/** A message of a server or a client, put together for a test, as it must not be too. */
final class Message {
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final int id;
    private int flags = 0x0100;
    private int questions;
    private int answers;
    private int additional;

    Message(int id) {
        this.id = id;
    }

    Message flags(int all) {
        flags = all;
        return this;
    }

    Message question(String name, int type) {
        questions++;
        return name(name).number(type).number(1);
    }

    Message edns(int room, int... option) {
        additional++;
        return raw(0).number(41)
                .number(room)
                .number(0)
                .number(0)
                .number(option.length)
                .raw(option);
    }

    Message alias(String name, int lives, String target) {
        Message length = new Message(0).name(target);
        return record(name, 5, lives, length.body.toByteArray());
    }

    Message address(String name, int lives, String address) {
        try {
            byte[] bytes = InetAddress.getByName(address).getAddress();
            return record(name, bytes.length == 4 ? 1 : 28, lives, bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    Message record(String name, int type, int lives, byte[] data) {
        answers++;
        name(name).number(type).number(1).number(lives >> 16).number(lives).number(data.length);
        body.writeBytes(data);
        return this;
    }

    Message raw(int... octets) {
        for (int octet : octets) {
            body.write(octet);
        }
        return this;
    }

    private Message name(String name) {
        for (String label : name.split("\\.")) {
            byte[] bytes = label.getBytes(StandardCharsets.ISO_8859_1);
            body.write(bytes.length);
            body.writeBytes(bytes);
        }
        body.write(0);
        return this;
    }

    private Message number(int value) {
        return raw(value >> 8, value);
    }

    byte[] bytes() {
        Message head = new Message(0)
                .number(id)
                .number(flags)
                .number(questions)
                .number(answers)
                .number(0)
                .number(additional);
        head.body.writeBytes(body.toByteArray());
        return head.body.toByteArray();
    }
}
