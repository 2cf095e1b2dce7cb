// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.egress;

import dev.hutch.spec.AddressRange;
import dev.hutch.spec.Destination;
import dev.hutch.spec.Egress;
import dev.hutch.spec.Refusal;
import dev.hutch.spec.SandboxException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one container's walls as its list says, which may change while it runs, and as names turn out. Thread-safe: what the
 * kernel has follows from what is known here, and both change under one lock.
 */
final class Gate {
    /** What became of a name that was asked for. */
    enum Word {
        YES,
        NO,
        /** Nobody has decided yet. */
        LATER
    }

    private static final int MOST_REFUSED_NAMES = 256;

    private final Wall wall;
    private final Ground ground;
    private final Executor deciders;
    private final FoundNames found = new FoundNames(System::nanoTime);
    private final Map<Destination, Integer> marks = new HashMap<>();
    private final Set<Destination> decided = new LinkedHashSet<>();
    private final Map<Refusal, Long> refused = new LinkedHashMap<>();
    private Decisions decisions;
    private Egress list;
    private int lastMark;
    private @Nullable List<Refusal> last;

    /** @param deciders where the caller's decisions are waited for */
    Gate(Egress list, Wall wall, Ground ground, Executor deciders) {
        this.list = list;
        this.wall = wall;
        this.ground = ground;
        this.deciders = deciders;
        this.decisions = new Decisions(deciders);
    }

    synchronized Egress list() {
        return list;
    }

    /** Another list: what it hasn't any more is cut off, with the connections that were made to it. */
    synchronized void change(Egress to) throws SandboxException {
        Egress before = list;
        Set<Destination> decidedBefore = Set.copyOf(decided);
        list = to;
        if (to.decision() != before.decision()) {
            decided.clear();
        }
        try {
            wall.open(openings());
        } catch (SandboxException | RuntimeException e) {
            list = before;
            decided.addAll(decidedBefore);
            throw e;
        }
        if (to.decision() != before.decision()) {
            decisions = new Decisions(deciders);
        }
    }

    /** Whether the name may be looked up. */
    CompletableFuture<Word> admits(String name) {
        Egress now;
        Decisions asked;
        synchronized (this) {
            now = list;
            asked = decisions;
            if (covered(name)) {
                return CompletableFuture.completedFuture(Word.YES);
            }
        }
        Egress.Decision decision = now.decision();
        if (decision == null || !isHostName(name)) {
            return CompletableFuture.completedFuture(Word.NO);
        }
        CompletableFuture<Boolean> answer = asked.on(name, decision);
        if (answer == null) {
            return CompletableFuture.completedFuture(Word.LATER);
        }
        return answer.thenApply(yes -> yes && keep(name, decision) ? Word.YES : Word.NO)
                .completeOnTimeout(Word.LATER, now.patience().toMillis(), TimeUnit.MILLISECONDS);
    }

    private static boolean isHostName(String name) {
        try {
            return new Destination(name, 0).host().equals(name) && new Destination(name, 0).isName();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Not where the list has been changed since it was asked. */
    private synchronized boolean keep(String name, Egress.Decision by) {
        if (by == list.decision()) {
            decided.add(new Destination(name, 0));
        }
        return by == list.decision();
    }

    private boolean covered(String name) {
        return list.destinations().stream().anyMatch(each -> each.covers(name))
                || decided.stream().anyMatch(each -> each.covers(name));
    }

    /**
     * Opens the walls for what a name led to, before anybody inside knows of it.
     *
     * @param trusted whether the addresses are ours to say: those of other containers
     * @return whether the answer may be passed on: not where it has an address that no name from outside may have, or the
     *     name is not on the list any more
     */
    synchronized boolean open(String name, List<InetAddress> addresses, int secondsToLive, boolean trusted)
            throws SandboxException {
        if (!covered(name)) {
            return false;
        }
        List<InetAddress> outer = new ArrayList<>();
        for (InetAddress address : addresses) {
            if (trusted || !ground.isInner(address)) {
                outer.add(address);
            } else if (!listed(address)) {
                refuse(new Refusal(name, AddressRange.of(address).toString(), "", 0, 1));
                return false;
            }
        }
        if (found.add(name, outer, secondsToLive)) {
            wall.open(openings());
        }
        return true;
    }

    private boolean listed(InetAddress address) {
        return list.destinations().stream()
                .map(Destination::addresses)
                .filter(Objects::nonNull)
                .anyMatch(range -> range.contains(address));
    }

    /** What is open now. */
    synchronized Openings openings() {
        List<Destination> all = new ArrayList<>(list.destinations());
        all.addAll(decided);
        marks.keySet().retainAll(new HashSet<>(all));
        all.forEach(each -> marks.computeIfAbsent(each, key -> ++lastMark));
        List<Openings.Standing> standing = new ArrayList<>();
        for (Destination each : all) {
            AddressRange range = each.addresses();
            if (range != null) {
                standing.add(new Openings.Standing(range, each.port(), mark(each)));
            }
        }
        Map<Openings.Endpoint, Openings.Found> endpoints = new HashMap<>();
        found.forEach((name, addresses) -> all.stream()
                .filter(each -> each.covers(name))
                .forEach(each -> addresses.forEach((address, left) -> endpoints.merge(
                        new Openings.Endpoint(address, each.port()),
                        new Openings.Found(mark(each), left),
                        (one, other) -> one.valid().compareTo(other.valid()) < 0 ? other : one))));
        return new Openings(new HashSet<>(marks.values()), standing, endpoints);
    }

    private int mark(Destination destination) {
        return Objects.requireNonNull(marks.get(destination));
    }

    /** A name, or an address that it led to, was refused. */
    void refuseName(String name) {
        refuse(new Refusal(name, "", "", 0, 1));
    }

    private synchronized void refuse(Refusal one) {
        if (refused.containsKey(one) || refused.size() < MOST_REFUSED_NAMES) {
            refused.merge(one, 1L, Long::sum);
        }
    }

    /** Names, then addresses, each with how often; after {@link #close} what there was then. */
    synchronized List<Refusal> refusals() throws SandboxException {
        if (last != null) {
            return last;
        }
        List<Refusal> all = new ArrayList<>();
        refused.forEach((one, count) -> all.add(new Refusal(one.name(), one.address(), "", 0, count)));
        for (Refusal each : wall.turnedBack()) {
            AddressRange address = AddressRange.parse(each.address());
            String name = address == null ? "" : found.nameOf(address.first());
            all.add(new Refusal(name, each.address(), each.protocol(), each.port(), each.count()));
        }
        return List.copyOf(all);
    }

    /** When nothing of the container is left. */
    synchronized void close() throws SandboxException {
        try {
            last = refusals();
        } finally {
            wall.close();
        }
    }
}
