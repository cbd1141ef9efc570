/* SPDX-License-Identifier: GPL-2.0-only */
#include "qemu/osdep.h"
#include "qapi/visitor.h"
#include "exec/exec-all.h"
#include "sysemu/cpus.h"
#include "sysemu/cpu-timers.h"
#include "tcg-accel-ops.h"
#include "tcg-accel-ops-icount.h"
#include "turn.h"

static uint32_t turn_length, turn_seed;
static CPUState *owner; /* of the current turn, which began with its first instruction */
static int64_t left;    /* of it; 0: it is the next one's */

static bool turns(void)
{
    return turn_length && icount_enabled() && CPU_NEXT(first_cpu);
}

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

int64_t turn_take(CPUState *cpu, int64_t limit)
{
    int64_t share;

    if (!turns()) {
        return limit;
    }
    if (left <= 0) {
        left = turn_new();
        owner = cpu;
    }
    share = MIN(limit, left);
    left -= share;
    return share;
}

void turn_return(int64_t rest)
{
    left += rest;
}

static bool can_go_on(CPUState *cpu)
{
    return cpu_can_run(cpu) && (!cpu->halted || cpu_has_work(cpu));
}

CPUState *turn_choose(CPUState *cpu)
{
    CPUState *next;

    if (!turns()) {
        return cpu;
    }
    /* The main loop's thread runs timers too. Whichever is first: they come before the choice. */
    icount_handle_deadline();
    if (!owner) {
        return first_cpu;
    }
    if (left > 0 && can_go_on(owner)) {
        return owner;
    }
    left = 0;
    /* After whoever had the last turn, not after whom this thread happens to have looked at last. */
    next = owner;
    do {
        next = CPU_NEXT(next) ? CPU_NEXT(next) : first_cpu;
        if (can_go_on(next)) {
            return next;
        }
    } while (next != owner);
    return NULL;
}

CPUState *turn_next(CPUState *cpu, int result)
{
    if (!turns()) {
        return CPU_NEXT(cpu);
    }
    if (result == EXCP_HLT || result == EXCP_HALTED || result == EXCP_YIELD) {
        left = 0;
    }
    return turn_choose(cpu);
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
