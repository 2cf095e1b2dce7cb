// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.dns;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;

/** A message of a server or a client, put together for a test, as it must not be too. */
public final class DnsMessage {
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final int id;
    private int flags = 0x0100;
    private int questions;
    private int answers;
    private int additional;

    public DnsMessage(int id) {
        this.id = id;
    }

    public DnsMessage flags(int all) {
        flags = all;
        return this;
    }

    public DnsMessage question(String name, int type) {
        questions++;
        return name(name).number(type).number(1);
    }

    public DnsMessage edns(int room, int... option) {
        additional++;
        return raw(0).number(41)
                .number(room)
                .number(0)
                .number(0)
                .number(option.length)
                .raw(option);
    }

    public DnsMessage alias(String name, int lives, String target) {
        DnsMessage length = new DnsMessage(0).name(target);
        return record(name, 5, lives, length.body.toByteArray());
    }

    public DnsMessage address(String name, int lives, String address) {
        try {
            byte[] bytes = InetAddress.getByName(address).getAddress();
            return record(name, bytes.length == 4 ? 1 : 28, lives, bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    public DnsMessage record(String name, int type, int lives, byte[] data) {
        answers++;
        name(name).number(type).number(1).number(lives >> 16).number(lives).number(data.length);
        body.writeBytes(data);
        return this;
    }

    public DnsMessage raw(int... octets) {
        for (int octet : octets) {
            body.write(octet);
        }
        return this;
    }

    private DnsMessage name(String name) {
        for (String label : name.split("\\.")) {
            byte[] bytes = label.getBytes(StandardCharsets.ISO_8859_1);
            body.write(bytes.length);
            body.writeBytes(bytes);
        }
        body.write(0);
        return this;
    }

    private DnsMessage number(int value) {
        return raw(value >> 8, value);
    }

    public byte[] bytes() {
        DnsMessage head = new DnsMessage(0)
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
