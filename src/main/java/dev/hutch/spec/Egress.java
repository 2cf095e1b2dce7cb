// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The only destinations that a sandbox may reach: an allow-list of names, addresses and ports, over TCP and UDP. All else is
 * refused at once, by name or by address, and listed in {@link SandboxResult#refused}. It holds in the kernel, in the
 * sandbox's own network namespace, for programs that have never heard of a proxy. Immutable.
 *
 * <p>A name is reached through the addresses that Hutch's resolver gave for it, and for as long as those are valid; the
 * sandbox has no other resolver. An address of a private, loopback or link-local range, or of the host itself, is never
 * believed from the outside: it is reached only where the list has that address or range as such.
 *
 * @param destinations what may be reached; with none, nothing
 * @param decision asked for names that no destination covers; null where those are refused
 * @param patience how long an answer of {@code decision} is waited for, 1 ms to 1 minute; after that the name is refused,
 *     until the answer is there
 * @since 0.1
 */
public record Egress(
        List<Destination> destinations, @Nullable Decision decision, Duration patience) {
    /** The most destinations that a list has. */
    public static final int MOST_DESTINATIONS = 1_000;

    /** Nothing is reached: for a list that is to be widened while the sandbox runs. */
    public static final Egress NOTHING = new Egress(List.of(), null, Duration.ofSeconds(5));

    /**
     * Decides on names that are not on the list. Called once for each name, from threads of Hutch's own, for up to 16 at a
     * time and 1,000 in all in one sandbox, beyond which names are refused; what it throws is a no.
     *
     * @since 0.1
     */
    @FunctionalInterface
    public interface Decision {
        /**
         * Whether the sandbox may reach the addresses of that name, on every port.
         *
         * @param name in lower case, without a dot at its end, such as {@code pypi.org}
         */
        boolean allows(String name);
    }

    /**
     * Checks its parts.
     *
     * @throws IllegalArgumentException if there are too many destinations, or the time is out of range
     */
    public Egress {
        destinations = List.copyOf(destinations);
        if (destinations.size() > MOST_DESTINATIONS) {
            throw new IllegalArgumentException("egress has " + destinations.size() + " destinations, must be at most "
                    + MOST_DESTINATIONS + ": use wildcards and ranges");
        }
        Range.check("patience in milliseconds", patience.toMillis(), 1, 60_000);
    }

    /**
     * A list of destinations, each as {@link Destination#parse} reads it: {@code Egress.of("pypi.org:443",
     * "*.pythonhosted.org:443", "10.1.0.0/16")}.
     *
     * @throws IllegalArgumentException if one is none
     */
    public static Egress of(String... destinations) {
        return NOTHING.and(destinations);
    }

    /**
     * These, and more.
     *
     * @throws IllegalArgumentException if one is no destination
     */
    public Egress and(String... more) {
        List<Destination> all = new ArrayList<>(destinations);
        Arrays.stream(more)
                .map(Destination::parse)
                .filter(each -> !all.contains(each))
                .forEach(all::add);
        return new Egress(all, decision, patience);
    }

    /**
     * These, and of other names those that are decided for. Such a list can't be written to a spec file.
     *
     * @param asked what decides
     * @param atMost how long it is waited for, 1 ms to 1 minute; a later answer counts from then on
     */
    public Egress ask(Decision asked, Duration atMost) {
        return new Egress(destinations, Objects.requireNonNull(asked, "asked"), atMost);
    }
}
