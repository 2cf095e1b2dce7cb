// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.launch.LiveChild;
import dev.hutch.internal.launch.Permit;
import dev.hutch.spec.Command;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a command runs: in a container of its own, or in one that runs. One of its own has room in the budget, which closing
 * gives back unless the command was started.
 *
 * @param spec the command's walls and deadlines
 * @param host the own command of the container that runs; null for a new one
 * @param permit the room; null in a container that runs, whose room holds for all that is in it
 */
record Place(
        Hutch hutch,
        SandboxSpec spec,
        @Nullable LiveChild host,
        @Nullable Permit permit) implements AutoCloseable {
    /** Waits for room, before anything else is opened: who waits holds no descriptors. */
    static Place ofItsOwn(Hutch hutch, SandboxSpec spec) throws SandboxException, InterruptedException {
        SandboxSpec held = hutch.underBudget(spec);
        return new Place(hutch, held, null, hutch.admission().enter(held));
    }

    /**
     * Two at once. Of two contexts, whose rooms are taken one after the other, everybody takes the same one's first: two who
     * did it the other way round could wait for each other.
     */
    static List<Place> twoOfTheirOwn(Hutch first, SandboxSpec one, Hutch second, SandboxSpec two)
            throws SandboxException, InterruptedException {
        if (first == second) {
            List<SandboxSpec> held = List.of(first.underBudget(one), first.underBudget(two));
            List<Permit> permits = first.admission().enter(held);
            return List.of(
                    new Place(first, held.get(0), null, permits.get(0)),
                    new Place(first, held.get(1), null, permits.get(1)));
        }
        if (System.identityHashCode(first) > System.identityHashCode(second)) {
            List<Place> turned = twoOfTheirOwn(second, two, first, one);
            return List.of(turned.get(1), turned.get(0));
        }
        Place place = ofItsOwn(first, one);
        try {
            return List.of(place, ofItsOwn(second, two));
        } catch (SandboxException | InterruptedException | RuntimeException e) {
            place.close();
            throw e;
        }
    }

    /** The same for who throws nothing but an IOException. */
    static Place toStart(Hutch hutch, SandboxSpec spec) throws IOException {
        try {
            return ofItsOwn(hutch, spec);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for room in the budget");
        }
    }

    static Place inside(Hutch hutch, SandboxSpec spec, LiveChild host) {
        return new Place(hutch, spec, host, null);
    }

    /** The same room under other walls. */
    Place with(SandboxSpec other) {
        return new Place(hutch, other, host, permit);
    }

    Kernel kernel() {
        return hutch.kernel();
    }

    /** Whether somebody may wait for the room. */
    boolean isCounted() {
        return permit != null && permit.isCounted();
    }

    /** Starts it with these standard streams. */
    Started start(Command command, Pipes pipes) throws IOException {
        if (host != null) {
            return Started.join(hutch, host, spec, command, pipes);
        }
        return Started.launch(this, command, pipes);
    }

    /** The container takes the room over. */
    void handOn(LiveChild child) {
        if (permit != null) {
            permit.handTo(child.container());
        }
    }

    @Override
    public void close() {
        if (permit != null) {
            permit.close();
        }
    }
}
