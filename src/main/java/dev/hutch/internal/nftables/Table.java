// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.nftables;

/** A table's name; it says nothing of whether there is one. */
public record Table(Family family, String name) {
    @Override
    public String toString() {
        return family + " " + name;
    }
}
