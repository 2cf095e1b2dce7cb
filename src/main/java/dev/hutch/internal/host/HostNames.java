// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.host;

import java.security.SecureRandom;

/** Random host names that people can read and tell apart, valid as DNS labels. Thread-safe. */
public final class HostNames {
    private static final String[] FIRST = {
        "amber", "brisk", "calm", "dusty", "early", "fair", "gentle", "hazel", "ivory", "jolly", "keen", "lucid", "mellow",
        "noble", "olive", "plain", "quiet", "rapid", "sandy", "tidy", "umber", "vivid", "warm", "young"
    };
    private static final String[] SECOND = {
        "badger", "crane", "dormouse", "egret", "ferret", "grouse", "heron", "ibis", "jackdaw", "kestrel", "leveret",
        "marten", "newt", "otter", "plover", "quail", "rabbit", "stoat", "tern", "vole", "weasel", "wren"
    };

    private final SecureRandom random = new SecureRandom();

    /** Two words and 40 random bits: no two of a million are alike but by a chance of one in two million. */
    public String next() {
        return FIRST[random.nextInt(FIRST.length)] + "-" + SECOND[random.nextInt(SECOND.length)] + "-"
                + String.format("%010x", random.nextLong() & 0xff_ffff_ffffL);
    }
}
