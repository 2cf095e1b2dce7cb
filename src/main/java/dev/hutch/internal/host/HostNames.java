// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.host;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Host names such as {@code brisk-otter-4f7k2m}: readable, one DNS label (RFC 1123), the same never twice in a JVM and
 * hardly ever on a host. They are names and no secrets. Thread-safe.
 */
public final class HostNames {
    private static final String[] ADJECTIVES = {
        "able", "agile", "amber", "ample", "apt", "avid", "balmy", "blithe", "bold", "brave", "breezy", "bright",
        "brisk", "calm", "candid", "chirpy", "civil", "clever", "cosy", "crisp", "curly", "dapper", "deft", "eager",
        "early", "fair", "fleet", "fond", "frank", "fresh", "gentle", "glad", "golden", "grand", "happy", "hardy",
        "jolly", "keen", "kind", "lively", "lucid", "lucky", "mellow", "merry", "mild", "neat", "nimble", "noble",
        "plucky", "proud", "quick", "quiet", "rapid", "ready", "robust", "serene", "shiny", "spry", "steady", "sunny",
        "swift", "tidy", "vivid", "witty"
    };
    private static final String[] ANIMALS = {
        "alpaca", "badger", "bear", "beaver", "bison", "bobcat", "camel", "condor", "coyote", "crane", "deer", "dingo",
        "dolphin", "eagle", "egret", "elk", "falcon", "ferret", "finch", "fox", "gecko", "gibbon", "goose", "grouse",
        "hare", "hawk", "heron", "hound", "ibex", "ibis", "jackal", "jay", "koala", "lark", "lemur", "lion", "llama",
        "lynx", "marmot", "marten", "mole", "moose", "newt", "ocelot", "okapi", "oriole", "osprey", "otter", "owl",
        "panda", "puffin", "puma", "quail", "rabbit", "raven", "robin", "seal", "stoat", "swan", "tapir", "toad",
        "vole", "wombat", "yak"
    };
    private static final String DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
    private static final int SUFFIX = 8;
    private static final int SUFFIX_BITS = 5 * SUFFIX;

    private final AtomicLong next;

    /** @param seed differs between JVMs of one host */
    public HostNames(long seed) {
        next = new AtomicLong(mix(seed));
    }

    /** A seed from the clock and the process: no entropy is waited for. */
    public static HostNames seeded() {
        return new HostNames(System.nanoTime() ^ mix(ProcessHandle.current().pid()) ^ mix(System.currentTimeMillis()));
    }

    public String next() {
        long number = next.getAndIncrement();
        long words = mix(number);
        StringBuilder name = new StringBuilder(32)
                .append(ADJECTIVES[(int) (words & 63)])
                .append('-')
                .append(ANIMALS[(int) ((words >>> 6) & 63)])
                .append('-');
        // An odd factor permutes the numbers of that many bits: neighbours look different, and none comes twice.
        long suffix = (number * 0x9E3779B97F4A7C15L) & ((1L << SUFFIX_BITS) - 1);
        for (int i = SUFFIX - 1; i >= 0; i--) {
            name.append(DIGITS.charAt((int) ((suffix >>> (5 * i)) & 31)));
        }
        return name.toString();
    }

    /** The finaliser of splitmix64. */
    private static long mix(long value) {
        long z = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
