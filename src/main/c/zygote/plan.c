// SPDX-License-Identifier: Apache-2.0
/* The only validator of plans. The sender is our own JVM; the check is against its defects, not against an attacker,
 * and keeps every later reader free of bounds to think about. */
#include "plan.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static const enum operand operands[OP_COUNT][3] = {
#define OPERANDS(name, handler, first, second, third) [OP_##name] = {first, second, third},
    HUTCH_OPS(OPERANDS)
#undef OPERANDS
};

static bool text_ok(const struct hutch_part *part, size_t data, uint64_t offset)
{
    return offset >= data && offset < part->size;
}

/* 64-bit offsets, so that they can be made pointers in place: execve(2) wants arrays of them. Hence no two lists may share
 * an entry, so each begins at *free, behind the one before. */
static bool list_ok(const struct hutch_part *part, size_t data, uint32_t offset, size_t *free)
{
    if (offset % sizeof(uint64_t) != 0 || offset < *free)
        return false;
    for (size_t at = offset; at >= data && at + sizeof(uint64_t) <= part->size; at += sizeof(uint64_t)) {
        uint64_t entry;
        memcpy(&entry, (const char *)part + at, sizeof entry);
        *free = at + sizeof entry;
        if (entry == 0)
            return true;
        if (!text_ok(part, data, entry))
            return false;
    }
    return false;
}

static bool operand_ok(const struct hutch_part *part, size_t data, const struct hutch_op *op, int i, size_t *free)
{
    uint32_t offset = op->str[i];
    switch (operands[op->code][i]) {
    case NONE:
    case DESCRIPTOR:
        return offset == 0;
    case SOURCE:
        return offset == 0 || text_ok(part, data, offset);
    case TEXT:
        return text_ok(part, data, offset);
    case LIST:
        return list_ok(part, data, offset, free);
    case BLOB:
        return offset >= data && offset <= part->size && op->length <= part->size - offset &&
               offset % sizeof(uint64_t) == 0;
    }
    return false;
}

/* A descriptor is needed, or may not be named, or stands in for the path. */
static bool descriptor_ok(const struct hutch_op *op, unsigned int fd_count)
{
    enum operand first = operands[op->code][0];
    if (op->fd == NO_FD)
        return first != DESCRIPTOR && (first != SOURCE || op->str[0] != 0);
    return op->fd < fd_count && (first == DESCRIPTOR || first == SOURCE);
}

static bool op_ok(const struct hutch_part *part, size_t data, const struct hutch_op *op, unsigned int fds, size_t *free)
{
    if (op->code == OP_NOTHING || op->code >= OP_COUNT || !descriptor_ok(op, fds))
        return false;
    for (int i = 0; i < 3; i++)
        if (!operand_ok(part, data, op, i, free))
            return false;
    return true;
}

int plan_check(const struct hutch_part *part, size_t received, unsigned int fd_count)
{
    if (received < sizeof *part || part->magic != PLAN_MAGIC || part->size != received)
        return -EPROTO;
    if (part->op_count > (received - sizeof *part) / sizeof(struct hutch_op) ||
        ((const char *)part)[received - 1] != '\0')
        return -EPROTO;
    size_t data = sizeof *part + part->op_count * sizeof(struct hutch_op);
    size_t free = data;
    for (uint32_t i = 0; i < part->op_count; i++)
        if (!op_ok(part, data, &plan_ops(part)[i], fd_count, &free))
            return -EPROTO;
    return 0;
}
