// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.nftables;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.netlink.Answer;
import dev.hutch.internal.netlink.Attributes;
import dev.hutch.internal.netlink.NetlinkSocket;
import dev.hutch.internal.netlink.Request;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/** nf_tables of one network namespace, through one socket. Thread-safe. */
public final class Nftables implements AutoCloseable {
    private static final String OPERATION = "nf_tables";

    /** NFNLGRP_NFTABLES. */
    private static final int CHANGES = 7;

    private static final Errno ENOBUFS = new Errno(105);

    private final NetlinkSocket socket;

    /** @param socket of {@link NetlinkSocket#NETFILTER}, in the namespace that is meant; closed with this */
    public Nftables(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** Of the JVM's own network namespace. */
    public static Nftables open(Kernel kernel) throws SandboxException {
        try {
            return new Nftables(NetlinkSocket.open(kernel, NetlinkSocket.NETFILTER));
        } catch (KernelException e) {
            throw e.withCure(NftablesFailure.NO_NF_TABLES);
        }
    }

    /** Does all of it, or nothing; then the exception tells the first change that failed. A batch is committed once. */
    public void commit(Batch batch) throws SandboxException {
        if (!batch.isEmpty()) {
            exchange(batch.requests(), batch::words);
        }
    }

    /** The elements of a set, in no order; empty where there is no such set. */
    public List<Element> elements(NfSet set) throws SandboxException {
        List<Element> elements = new ArrayList<>();
        for (Attributes one : list(set)) {
            elements.add(Element.of(one));
        }
        return elements;
    }

    /** How many packets have met each element of a set whose elements count; empty where there is no such set. */
    public List<Count> counts(NfSet set) throws SandboxException {
        List<Count> counts = new ArrayList<>();
        for (Attributes one : list(set)) {
            counts.add(Count.of(one));
        }
        return counts;
    }

    private List<Attributes> list(NfSet set) throws SandboxException {
        Request request = Batch.message(Batch.GET_ELEMENTS, 0, set.table().family().number)
                .text(1, set.table().name())
                .text(2, set.name());
        List<Attributes> elements = new ArrayList<>();
        try {
            for (Answer answer : socket.dump(request, OPERATION, "list set " + set)) {
                Attributes told = answer.attributes(Batch.FAMILY_HEADER);
                if (told.has(3)) {
                    elements.addAll(told.nested(3).each(1));
                }
            }
        } catch (SandboxException e) {
            if (NetlinkSocket.is(e, Errno.ENOENT)) {
                return List.of();
            }
            throw NftablesFailure.explained(e);
        }
        return elements;
    }

    /** Whether there is such a set. */
    public boolean has(NfSet set) throws SandboxException {
        Request request = Batch.message(Batch.GET_SET, Request.ACK, set.table().family().number)
                .text(1, set.table().name())
                .text(2, set.name());
        try {
            exchange(List.of(request), index -> "get set " + set);
            return true;
        } catch (SandboxException e) {
            if (NetlinkSocket.is(e, Errno.ENOENT)) {
                return false;
            }
            throw e;
        }
    }

    /** All base chains of the namespace, whosever they are. */
    public List<BaseChain> baseChains() throws SandboxException {
        List<BaseChain> chains = new ArrayList<>();
        try {
            for (Answer answer : socket.dump(Batch.message(Batch.GET_CHAIN, 0, 0), OPERATION, "list chains")) {
                BaseChain.of(answer).ifPresent(chains::add);
            }
        } catch (SandboxException e) {
            throw NftablesFailure.explained(e);
        }
        return chains;
    }

    /** From now on every change that anybody commits is told; see {@link #hasLost}. */
    public void tellOfChanges() throws SandboxException {
        // Only a socket with an address is told, which it gets with the first message that it sends.
        exchange(List.of(Batch.message(Batch.GET_GENERATION, Request.ACK, 0)), index -> "ask");
        socket.join(CHANGES);
    }

    /** For poll(2): readable when changes have been told. */
    public int fd() {
        return socket.fd();
    }

    /** Reads what has been told: whether one of the tables was removed, or may have been since more was told than could wait. */
    public boolean hasLost(Table... tables) throws SandboxException {
        boolean lost = false;
        try {
            for (List<Answer> told = socket.unasked(); !told.isEmpty(); told = socket.unasked()) {
                for (Answer change : told) {
                    lost |= isEndOf(change, tables);
                }
            }
        } catch (SandboxException e) {
            if (!NetlinkSocket.is(e, ENOBUFS)) {
                throw e;
            }
            return true;
        }
        return lost;
    }

    private static boolean isEndOf(Answer change, Table... tables) throws SandboxException {
        if (change.type() != Batch.TABLE_DELETED) {
            return false;
        }
        int family = change.byteField(0);
        String name = change.attributes(Batch.FAMILY_HEADER).text(1);
        return Arrays.stream(tables)
                .anyMatch(
                        table -> table.family().number == family && table.name().equals(name));
    }

    private void exchange(List<Request> requests, IntFunction<String> words) throws SandboxException {
        try {
            socket.exchange(requests, OPERATION, words);
        } catch (SandboxException e) {
            throw NftablesFailure.explained(e);
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
