// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.egress;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import java.util.ArrayList;
import java.util.List;

/** Serves the questions of any number of containers; threads end when nobody needs them. Thread-safe. */
final class Stations implements AutoCloseable {
    private final Kernel kernel;
    private final List<Station> stations = new ArrayList<>();

    Stations(Kernel kernel) {
        this.kernel = kernel;
    }

    synchronized Station serve(Questions questions) throws KernelException {
        for (Station station : List.copyOf(stations)) {
            if (station.add(questions)) {
                return station;
            }
            if (station.isOver()) {
                stations.remove(station);
            }
        }
        Station station = new Station(kernel);
        station.add(questions);
        station.start();
        stations.add(station);
        return station;
    }

    /** A thread that waits in the kernel when the JVM ends would hold it up. */
    @Override
    public synchronized void close() throws KernelException {
        for (Station station : stations) {
            station.end();
        }
    }
}
