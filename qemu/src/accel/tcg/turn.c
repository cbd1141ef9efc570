/* SPDX-License-Identifier: GPL-2.0-only */
#include "qemu/osdep.h"
#include "qapi/visitor.h"
#include "exec/exec-all.h"
#include "turn.h"

static uint32_t turn_length, turn_seed;
static int64_t left; /* of the current turn */

static int64_t turn_new(void)
{
    if (!turn_seed) {
        return turn_length;
    }
    /* xorshift32: any generator without a zero will do. */
    turn_seed ^= turn_seed << 13;
    turn_seed ^= turn_seed >> 17;
    turn_seed ^= turn_seed << 5;
    return 1 + turn_seed % turn_length;
}

int64_t turn_take(int64_t limit)
{
    int64_t share;

    if (!turn_length || !CPU_NEXT(first_cpu)) {
        return limit;
    }
    if (left <= 0) {
        left = turn_new();
    }
    share = MIN(limit, left);
    left -= share;
    return share;
}

void turn_return(int64_t rest)
{
    left += rest;
}

CPUState *turn_next(CPUState *cpu, int result)
{
    bool sleeps = result == EXCP_HLT || result == EXCP_HALTED || result == EXCP_YIELD;

    if (turn_length && left > 0 && !sleeps) {
        return cpu;
    }
    left = 0;
    return CPU_NEXT(cpu);
}

static void turn_get(Object *obj, Visitor *v, const char *name, void *variable, Error **errp)
{
    visit_type_uint32(v, name, variable, errp);
}

static void turn_set(Object *obj, Visitor *v, const char *name, void *variable, Error **errp)
{
    visit_type_uint32(v, name, variable, errp);
}

void turn_add_properties(ObjectClass *oc)
{
    object_class_property_add(oc, "turn", "uint32", turn_get, turn_set, NULL, &turn_length);
    object_class_property_set_description(
        oc, "turn",
        "-icount, several CPUs: instructions until the next one's turn (0: until a timer is due)");
    object_class_property_add(oc, "turn-seed", "uint32", turn_get, turn_set, NULL, &turn_seed);
    object_class_property_set_description(
        oc, "turn-seed",
        "Turns of varying length, at most `turn`, that follow from this number (0: of the same)");
}
