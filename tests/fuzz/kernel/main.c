/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hostile input for the kernel. Parameters are in the boot arguments of the device tree
 * (QEMU's -append): fuzz.seed, fuzz.count (operations), fuzz.round (operations per round),
 * fuzz.check (operations between checks of the kernel's invariants; 0: none), fuzz.shift (as
 * QEMU's -icount shift). The same parameters give the same run on the same kernel.
 */
#include <stdio.h>

#include <u4/machine.h>
#include <u4/u4.h>

#include "fuzz.h"
#include "random.h"

enum { PROGRESS = 20000, STUCK_LOOKS = 4 };

typedef struct {
    uint64_t seed, count, per_round, check, shift;
} options_t;

static u4_alloc_t boot_alloc;
static u4_vspace_t own_space;

/* One round, of at least `o->per_round` operations unless all threads are stuck for good. */
static uint64_t run_round(const options_t *o, uint64_t seed)
{
    static uint64_t unchecked;
    static round_t round;
    uint64_t done = 0;
    unsigned stuck = 0;

    round_begin(&round, seed);
    while (done < o->per_round && stuck < STUCK_LOOKS) {
        uint64_t now;

        clock_sleep((20000 + random_below(&round.random, 400000)) << o->shift);
        now = supervise_count(&round);
        stuck = now ? 0 : stuck + 1;
        now += supervise_meddle(&round);
        done += now;
        unchecked += now;
        if (o->check && unchecked >= o->check && u4_kernel() && u4_debug_calls()) {
            u4_sys_plain((seL4_Word)u4_SysCheck, 0, 0);
            unchecked = 0;
        }
    }
    round_end(&round);
    return done;
}

static void set_up(options_t *o)
{
    u4_alloc_boot(&boot_alloc, seL4_GetBootInfo());
    u4_vspace_init(&own_space, &boot_alloc, seL4_CapInitThreadVSpace);
    must(u4_machine_init(&own_space), "finding the machine's devices");
    clock_init(&boot_alloc, &own_space);
    round_init(&boot_alloc, &own_space, true);
    *o = (options_t){.seed = fuzz_option("fuzz.seed=", 1),
                     .count = fuzz_option("fuzz.count=", 100000),
                     .per_round = fuzz_option("fuzz.round=", 2000),
                     .check = fuzz_option("fuzz.check=", 0),
                     .shift = fuzz_option("fuzz.shift=", 0)};
}

int main(void)
{
    uint64_t done = 0, rounds = 0, shown = 0, empty = 0;
    options_t o;

    set_up(&o);
    printf("fuzz: seed=%lu count=%lu round=%lu check=%lu shift=%lu\n", o.seed, o.count, o.per_round,
           o.check, o.shift);
    for (; done < o.count; rounds++) {
        uint64_t state = o.seed * 0x9e3779b97f4a7c15ull + rounds;
        uint64_t now = run_round(&o, random_next(&state));

        done += now;
        empty = now ? 0 : empty + 1;
        must(empty > 10 ? seL4_IllegalOperation : seL4_NoError, "getting any thread to run");
        if (done - shown >= PROGRESS) {
            shown = done;
            printf("fuzz: operations=%lu rounds=%lu\n", done, rounds + 1);
        }
    }
    printf("fuzz: seed=%lu operations=%lu rounds=%lu ok\n", o.seed, done, rounds);
    return 0;
}
