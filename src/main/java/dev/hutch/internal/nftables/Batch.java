// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.nftables;

import dev.hutch.internal.netlink.Request;
import java.util.ArrayList;
import java.util.List;

/**
 * Changes that the kernel makes all at once or not at all, in their order. What is added may be there already, but for
 * what {@link #onlyNew} begins with; a rule is added once more each time. What is deleted must be there.
 */
public final class Batch {
    static final int NEW_TABLE = 0;
    static final int DELETE_TABLE = 2;
    static final int NEW_CHAIN = 3;
    static final int GET_CHAIN = 4;
    static final int NEW_RULE = 6;
    static final int DELETE_RULE = 8;
    static final int NEW_SET = 9;
    static final int GET_SET = 10;
    static final int NEW_ELEMENTS = 12;
    static final int GET_ELEMENTS = 13;
    static final int DELETE_ELEMENTS = 14;

    /** struct nfgenmsg. */
    static final int GET_GENERATION = 16;

    static final int FAMILY_HEADER = 4;

    /** Subsystem and message types of linux/netfilter/nfnetlink.h. */
    private static final int SUBSYSTEM = 10;

    /** The type of the message that tells of it. */
    static final int TABLE_DELETED = SUBSYSTEM << 8 | DELETE_TABLE;

    private static final int BEGIN = 16;
    private static final int END = 17;

    /** An attribute has 64 KiB at most, and all elements of a message are in one. */
    private static final int MOST_BYTES = 60_000;

    private final List<Request> requests = new ArrayList<>(List.of(frame(BEGIN)));
    private final List<String> words = new ArrayList<>(List.of("begin a batch"));
    private int sets;

    /** The table must not be there yet: else nothing of the batch is done, and {@link Nftables#commit} says EEXIST. */
    public Batch onlyNew(Table table) {
        next(NEW_TABLE, Request.CREATE | Request.EXCL, table, "add table " + table)
                .text(1, table.name());
        return this;
    }

    public Batch add(Table table) {
        next(NEW_TABLE, Request.CREATE, table, "add table " + table).text(1, table.name());
        return this;
    }

    /** With all that is in it. */
    public Batch delete(Table table) {
        next(DELETE_TABLE, 0, table, "delete table " + table).text(1, table.name());
        return this;
    }

    public Batch add(Chain chain) {
        Request request = next(NEW_CHAIN, Request.CREATE, chain.table(), "add chain " + chain)
                .text(1, chain.table().name())
                .text(3, chain.name());
        Chain.Base base = chain.base();
        if (base != null) {
            request.nested(4, hook -> hook.be32(1, base.hook().ordinal()).be32(2, base.priority()))
                    .be32(5, base.dropping() ? 0 : 1)
                    .text(7, base.type().toString());
        }
        return this;
    }

    /** Behind the chain's rules so far. */
    public Batch add(Chain chain, Rule rule) {
        next(NEW_RULE, Request.CREATE | Request.APPEND, chain.table(), "add rule to " + chain)
                .text(1, chain.table().name())
                .text(2, chain.name())
                .nested(4, rule::write);
        return this;
    }

    public Batch add(NfSet set) {
        set.declare(next(NEW_SET, Request.CREATE, set.table(), "add set " + set), ++sets);
        return this;
    }

    /** Those that are there already keep their time. */
    public Batch add(NfSet set, List<Element> elements) {
        return elements(NEW_ELEMENTS, Request.CREATE, set, elements, "add element to ");
    }

    /** None of the keys may be there. */
    public Batch addNew(NfSet set, List<Element> elements) {
        return elements(NEW_ELEMENTS, Request.CREATE | Request.EXCL, set, elements, "add element to ");
    }

    public Batch delete(NfSet set, List<Element> elements) {
        return elements(DELETE_ELEMENTS, 0, set, elements, "delete element of ");
    }

    /** All rules are gone afterwards. */
    public Batch clear(Chain chain) {
        next(DELETE_RULE, 0, chain.table(), "flush chain " + chain)
                .text(1, chain.table().name())
                .text(2, chain.name());
        return this;
    }

    /** All elements are gone afterwards. */
    public Batch clear(NfSet set) {
        next(DELETE_ELEMENTS, 0, set.table(), "flush set " + set)
                .text(1, set.table().name())
                .text(2, set.name());
        return this;
    }

    public boolean isEmpty() {
        return requests.size() == 1;
    }

    private Batch elements(int type, int flags, NfSet set, List<Element> elements, String operation) {
        int from = 0;
        while (from < elements.size()) {
            int to = from;
            int bytes = 0;
            while (to < elements.size() && bytes < MOST_BYTES) {
                bytes += elements.get(to++).size();
            }
            List<Element> some = elements.subList(from, to);
            next(type, flags, set.table(), operation + set)
                    .text(1, set.table().name())
                    .text(2, set.name())
                    .nested(
                            3,
                            list -> some.forEach(element -> list.nested(1, one -> {
                                if (type == DELETE_ELEMENTS) {
                                    element.name(set, one);
                                } else {
                                    element.declare(set, one);
                                }
                            })));
            from = to;
        }
        return this;
    }

    private Request next(int type, int flags, Table table, String operation) {
        Request request = message(type, flags, table.family().number);
        requests.add(request);
        words.add(operation);
        return request;
    }

    /**
     * As they are sent, once. Only the last change is acknowledged: the kernel answers it when all are done, and whatever
     * fails in any case.
     */
    List<Request> requests() {
        requests.get(requests.size() - 1).with(Request.ACK);
        requests.add(frame(END));
        return requests;
    }

    /** The same as bytes, for whoever sends them himself and awaits one answer. */
    public byte[] toBytes() {
        return Request.messages(requests());
    }

    /** What one of the requests does. */
    String words(int index) {
        return index < words.size() ? words.get(index) : "end a batch";
    }

    private static Request frame(int type) {
        return Request.of(type, 0).byteField(0).byteField(0).networkShortField(SUBSYSTEM);
    }

    static Request message(int type, int flags, int family) {
        return Request.netfilter(SUBSYSTEM, type, flags, family);
    }
}
