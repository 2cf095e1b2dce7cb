// SPDX-License-Identifier: Apache-2.0
/* plan_check() on random parts, and what the handlers do with those that pass: every string's end is looked for, every
 * blob read, every list made pointers in place. Under the sanitizers a byte outside of a part ends the program.
 * Arguments: the number of rounds, the seed. Prints how many parts passed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"

static uint64_t state;

/* splitmix64 */
static uint64_t next(void)
{
    uint64_t z = state += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

static uint32_t below(uint32_t bound)
{
    return (uint32_t)(next() % bound);
}

static const enum operand operands[OP_COUNT][3] = {
#define OPERANDS(name, handler, first, second, third) [OP_##name] = {first, second, third},
    HUTCH_OPS(OPERANDS)
#undef OPERANDS
};

static volatile size_t sink;

static void use(struct hutch_part *part, const struct hutch_op *op, int i)
{
    char *base = (char *)part;
    uint32_t offset = op->str[i];
    switch (operands[op->code][i]) {
    case NONE:
    case DESCRIPTOR:
        break;
    case SOURCE:
    case TEXT:
        sink += offset == 0 ? 0 : strlen(base + offset);
        break;
    case BLOB:
        for (uint32_t at = 0; at < op->length; at++)
            sink += (unsigned char)base[offset + at];
        break;
    case LIST:
        for (uint64_t *entry = (uint64_t *)(void *)(base + offset); *entry != 0; entry++) {
            char *string = base + *entry;
            sink += strlen(string);
            memcpy(entry, &string, sizeof string);
        }
        break;
    }
}

/* An offset that is likely to be nearly right, for else hardly a part would pass. */
static uint32_t offset(uint32_t data, uint32_t size)
{
    switch (below(8)) {
    case 0:
        return (uint32_t)next();
    case 1:
        return size - below(10);
    case 2:
        return below(data + 1);
    case 3:
        return data + below(size - data + 1);
    default:
        return (data + below(size - data + 1)) & ~7U;
    }
}

static void random_op(struct hutch_op *op, uint32_t data, uint32_t size)
{
    op->code = (uint16_t)(below(50) == 0 ? next() : 1 + below(OP_COUNT - 1));
    op->fd = below(10) == 0 ? (uint16_t)next() : NO_FD;
    op->flags = (uint32_t)next();
    op->length = below(4) == 0 ? (uint32_t)next() : below(size - data + 1);
    for (int i = 0; i < 3; i++) {
        enum operand kind = op->code < OP_COUNT ? operands[op->code][i] : NONE;
        if (kind == DESCRIPTOR)
            op->fd = (uint16_t)below(4);
        op->str[i] = kind == NONE || kind == DESCRIPTOR ? (below(30) == 0 ? 1 : 0) : offset(data, size);
    }
}

/* Data that is mostly zeros and offsets, so that lists and strings end. */
static void random_data(char *data, uint32_t start, uint32_t size)
{
    for (uint32_t at = 0; at + 8 <= size; at += 8) {
        uint64_t value = below(3) == 0 ? next() : below(2) == 0 ? 0 : start + below(size + 1);
        memcpy(data + at, &value, sizeof value);
    }
}

static int one_round(void)
{
    uint32_t ops = below(6);
    uint32_t data = (uint32_t)(sizeof(struct hutch_part) + ops * sizeof(struct hutch_op));
    uint32_t size = data + 1 + below(200);
    struct hutch_part *part = calloc(1, size);
    if (part == NULL)
        abort();
    *part = (struct hutch_part){.magic = PLAN_MAGIC, .size = size, .op_count = ops};
    struct hutch_op *op = (struct hutch_op *)(part + 1);
    for (uint32_t i = 0; i < ops; i++)
        random_op(&op[i], data, size);
    random_data((char *)part + data, data, size - data);
    if (below(20) != 0)
        ((char *)part)[size - 1] = '\0';
    for (uint32_t flips = below(10) == 0 ? 1 + below(8) : 0; flips > 0; flips--)
        ((char *)part)[below(size)] ^= (char)(1 << below(8));
    int passed = plan_check(part, size, below(5)) == 0;
    if (passed)
        for (uint32_t i = 0; i < part->op_count; i++)
            for (int j = 0; j < 3; j++)
                use(part, &op[i], j);
    free(part);
    return passed;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    unsigned long rounds = strtoul(argv[1], NULL, 10), passed = 0;
    state = strtoull(argv[2], NULL, 10);
    for (unsigned long i = 0; i < rounds; i++)
        passed += (unsigned long)one_round();
    printf("%lu\n", passed);
    return 0;
}
