// SPDX-License-Identifier: Apache-2.0
/* plan_check() on parts that are wrong in one thing each. A part lies at the end of its own allocation, so that the
 * sanitizers see a byte too many being read. Prints the name of each case that is not judged as it should be. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"

enum { DATA = 128 };

static int failures;

/* A part with one op and DATA bytes of data behind it, in an allocation of exactly its size. */
static struct hutch_part *make(uint16_t code)
{
    size_t size = sizeof(struct hutch_part) + sizeof(struct hutch_op) + DATA;
    struct hutch_part *part = calloc(1, size);
    if (part == NULL)
        abort();
    *part = (struct hutch_part){.magic = PLAN_MAGIC, .size = (uint32_t)size, .op_count = 1};
    struct hutch_op *op = (struct hutch_op *)(part + 1);
    op->code = code;
    op->fd = NO_FD;
    return part;
}

static struct hutch_op *first(struct hutch_part *part)
{
    return (struct hutch_op *)(part + 1);
}

static uint32_t data_at(uint32_t offset)
{
    return (uint32_t)(sizeof(struct hutch_part) + sizeof(struct hutch_op)) + offset;
}

static void put(struct hutch_part *part, uint32_t offset, uint64_t value)
{
    memcpy((char *)part + offset, &value, sizeof value);
}

static void expect_received(const char *name, struct hutch_part *part, size_t received, unsigned int fds, int expected)
{
    int rc = plan_check(part, received, fds);
    if (rc != expected) {
        printf("%s: %d, not %d\n", name, rc, expected);
        failures++;
    }
    free(part);
}

static void expect(const char *name, struct hutch_part *part, unsigned int fds, int expected)
{
    expect_received(name, part, part->size, fds, expected);
}

static struct hutch_part *text(uint32_t offset)
{
    struct hutch_part *part = make(OP_SETHOSTNAME);
    first(part)->str[0] = offset;
    return part;
}

static void heads(void)
{
    struct hutch_part *part = make(OP_PIVOT_ROOT);
    expect("a part", part, 0, 0);
    expect_received("no head", make(OP_PIVOT_ROOT), sizeof(struct hutch_part) - 1, 0, -EPROTO);
    expect_received("nothing at all", make(OP_PIVOT_ROOT), 0, 0, -EPROTO);
    for (size_t size = 1; size < data_at(DATA); size++)
        expect_received("a part that is cut short", realloc(make(OP_PIVOT_ROOT), size), size, 0, -EPROTO);
    part = make(OP_PIVOT_ROOT);
    part->magic++;
    expect("another version", part, 0, -EPROTO);
    part = make(OP_PIVOT_ROOT);
    ((char *)part)[part->size - 1] = 'x';
    expect("strings that nothing ends", part, 0, -EPROTO);
    static const uint32_t counts[] = {5, 0x10000, 0x10001, 0x7fffffff, 0x80000000, 0xffffffff, 0x06666667, 0x0ccccccd};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        part = make(OP_PIVOT_ROOT);
        part->op_count = counts[i];
        expect("more ops than there are", part, 0, -EPROTO);
    }
}

static void codes_and_descriptors(void)
{
    expect("no op", make(OP_NOTHING), 0, -EPROTO);
    expect("the first unknown op", make(OP_COUNT), 0, -EPROTO);
    expect("an unknown op", make(0xffff), 0, -EPROTO);
    struct hutch_part *part = make(OP_DUP2);
    expect("a descriptor that is missing", part, 3, -EPROTO);
    part = make(OP_DUP2);
    first(part)->fd = 3;
    expect("a descriptor that did not come", part, 3, -EPROTO);
    part = make(OP_DUP2);
    first(part)->fd = 2;
    expect("a descriptor", part, 3, 0);
    part = make(OP_PIVOT_ROOT);
    first(part)->fd = 0;
    expect("a descriptor that the op has no use for", part, 1, -EPROTO);
    part = make(OP_MOUNT_TREE);
    first(part)->str[1] = data_at(0);
    expect("a source of neither kind", part, 1, -EPROTO);
}

static void strings(void)
{
    expect("a string", text(data_at(0)), 0, 0);
    expect("the last string, which is empty", text(data_at(DATA - 1)), 0, 0);
    const uint32_t wrong[] = {
        0,          1,          data_at(0) - 1, data_at(DATA), data_at(DATA + 1), 0x10000, 0x10000 + data_at(0),
        0x7fffffff, 0x80000000, 0xffffffff};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect("a string that is not in the part", text(wrong[i]), 0, -EPROTO);
    struct hutch_part *part = text(data_at(0));
    first(part)->str[1] = data_at(0);
    expect("a string that the op has no use for", part, 0, -EPROTO);
}

static struct hutch_part *blob(uint32_t offset, uint32_t length)
{
    struct hutch_part *part = make(OP_NETLINK);
    first(part)->str[0] = offset;
    first(part)->length = length;
    return part;
}

/* CVE-2021-43784: a length that was cut to 16 bits, or overflowed, made another message of the rest. */
static void blobs(void)
{
    uint32_t start = data_at(0);
    expect("a blob", blob(start, DATA), 0, 0);
    expect("an empty blob at the very end", blob(data_at(DATA), 0), 0, 0);
    expect("a blob that is not aligned", blob(start + 4, 8), 0, -EPROTO);
    const uint32_t lengths[] = {DATA + 1,           0x10000,   0x10000 + DATA, 0x7fffffff, 0x80000000,
                                0xffffffff - start, 0 - start, 0xffffffff};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        expect("a blob longer than the part", blob(start, lengths[i]), 0, -EPROTO);
    expect("a blob behind the part", blob(data_at(DATA + 8), 0), 0, -EPROTO);
    expect("a blob among the ops", blob(16, 8), 0, -EPROTO);
}

static struct hutch_part *lists(uint32_t candidates, uint32_t arguments, uint32_t environment)
{
    struct hutch_part *part = make(OP_EXECVE);
    first(part)->str[0] = candidates;
    first(part)->str[1] = arguments;
    first(part)->str[2] = environment;
    return part;
}

static void entries(void)
{
    expect("three empty lists", lists(data_at(0), data_at(8), data_at(16)), 0, 0);
    expect("lists that share an entry", lists(data_at(0), data_at(0), data_at(16)), 0, -EPROTO);
    expect("a list that is not aligned", lists(data_at(0), data_at(8), data_at(20)), 0, -EPROTO);
    expect("a list that has no room for its end", lists(data_at(0), data_at(8), data_at(DATA - 4)), 0, -EPROTO);
    const uint64_t wrong[] = {1, data_at(DATA), 0x100000000, 0x100000000 + data_at(0), UINT64_MAX, 1ULL << 63};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct hutch_part *part = lists(data_at(0), data_at(8), data_at(16));
        put(part, data_at(16), wrong[i]);
        expect("an entry that is not in the part", part, 0, -EPROTO);
    }
    struct hutch_part *part = lists(data_at(0), data_at(8), data_at(16));
    for (uint32_t at = 16; at < DATA; at += 8)
        put(part, data_at(at), data_at(0));
    ((char *)part)[part->size - 1] = 0;
    expect("a list that nothing ends", part, 0, -EPROTO);
    part = lists(data_at(0), data_at(16), data_at(24));
    put(part, data_at(0), data_at(32));
    expect("a list of one", part, 0, 0);
    part = lists(data_at(0), data_at(8), data_at(24));
    put(part, data_at(0), data_at(32));
    expect("a list that begins within another", part, 0, -EPROTO);
}

/* Sizes that no 16 bits hold, as a memory file brings them. */
static void large_parts(void)
{
    const size_t sizes[] = {0xffff, 0x10000, 0x10001, 0x10000 + 56, 1 << 24};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct hutch_part *part = calloc(1, sizes[i]);
        if (part == NULL)
            abort();
        *part = (struct hutch_part){.magic = PLAN_MAGIC, .size = (uint32_t)sizes[i], .op_count = 1, .in_memory = 1};
        *first(part) = (struct hutch_op){.code = OP_SETHOSTNAME, .fd = NO_FD, .str = {(uint32_t)sizes[i] - 1, 0, 0}};
        expect("a large part", part, 0, 0);
    }
}

int main(void)
{
    heads();
    codes_and_descriptors();
    strings();
    blobs();
    entries();
    large_parts();
    return failures == 0 ? 0 : 1;
}
