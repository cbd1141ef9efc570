/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The supervisor: the root task. It keeps what it needs to itself (its own CNode, memory, clock),
 * makes a round's objects from one Untyped, gives capabilities to them to threads that do what
 * they like with them (worker.c), sees to it that some thread can always go on, and in the end
 * revokes the Untyped. None of its own operations may ever fail.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>

#include <u4/alloc.h>
#include <u4/vspace.h>

#include "layout.h"

enum {
    FUZZ_SPACES = 3,
    FUZZ_ENDPOINTS = 4,
    FUZZ_NOTIFICATIONS = 4,
    FUZZ_HERMITS = 24,     /* at most, in one round */
    FUZZ_RENEWALS = 64,    /* likewise */
    FUZZ_PRIVATE_IRQ = 11, /* the clock's */
};

/* CPtrs of the supervisor's; objects made for one round. */
typedef struct {
    uint64_t random;
    bool keeps; /* capabilities to the objects, and so can help threads; else all are the pools' */
    bool domains; /* the kernel has several: the supervisor keeps the capability to itself */
    unsigned hermits, renewed;
    seL4_CPtr maze; /* Untyped memory */
    seL4_CPtr pool[2], tree;
    seL4_CPtr space[FUZZ_SPACES], upper[FUZZ_SPACES], lower[FUZZ_SPACES];
    seL4_CPtr asid_pool;
    seL4_CPtr frame[FUZZ_BLOCKS], buffer[FUZZ_BLOCKS];
    seL4_CPtr ring[FUZZ_RINGS],
        ring_in[FUZZ_SPACES][FUZZ_RINGS]; /* frames; as each space has them */
    seL4_CPtr tcb[FUZZ_WORKERS];
    seL4_CPtr endpoint[FUZZ_ENDPOINTS], notification[FUZZ_NOTIFICATIONS];
    seL4_CPtr sc[FUZZ_WORKERS], reply[FUZZ_WORKERS]; /* MCS */
    uint64_t counted[FUZZ_BLOCKS];                   /* of each block's operations */
} round_t;

/* round.c */

/* Takes the memory for all rounds, of devices too if wanted: kernels differ in what they offer. */
void round_init(u4_alloc_t *boot_alloc, u4_vspace_t *own, bool with_devices);
/* Makes the objects. */
void round_make(round_t *r, uint64_t seed);
/* Makes the objects and starts the workers. */
void round_begin(round_t *r, uint64_t seed);
/* Takes everything back. */
void round_end(round_t *r);
/* Puts the capabilities that the layout promises where they have gone. */
void round_repair(round_t *r);
/* Deletes an object for good, whoever uses it, and puts a new one in its place. */
void round_renew(round_t *r);
/* Takes a ring's memory from whoever has it, and gives it back to the address spaces. */
void round_revoke_ring(round_t *r);
/* Gives a worker's thread its spaces, buffer and priority, chosen anew. */
void round_configure(round_t *r, unsigned worker);
/* Adds a hermit (layout.h), unless there were too many. */
void round_hermit(round_t *r);
/* Lets it start from the beginning, whatever it waits for. */
void round_restart(round_t *r, unsigned worker);
/* The block as the supervisor sees it. */
volatile fuzz_block_t *round_block(unsigned index);

/* maze.c: CNodes and threads that hold each other, out of one Untyped, taken apart again. */

void maze_init(seL4_CPtr first_slot);
enum { MAZE_SLOTS = 16, MAZE_MEMORY_BITS = 15 };
/* MEMORY: an Untyped of that many bits; what is left of the last maze in it goes first. */
void maze_play(uint64_t *random, seL4_CPtr memory);

/* supervise.c: what the supervisor does each time that it wakes up. */

/* Operations since the last time; 0: nobody got anywhere. */
uint64_t supervise_count(round_t *r);
/* Sees to stuck threads and disturbs others. Returns its own operations on the pools. */
uint64_t supervise_meddle(round_t *r);

/* clock.c: the machine's real-time clock. */

void clock_init(u4_alloc_t *boot_alloc, u4_vspace_t *own);
/* Sleeps for that many nanoseconds of the machine's time; checks that its FPU state survives. */
void clock_sleep(uint64_t nanoseconds);

/* Ends the program unless ERROR is seL4_NoError: WHAT failed, which never may. */
void must(seL4_Error error, const char *what);
/* The number behind NAME ("fuzz.seed=") in the boot arguments; they lie in the device tree. */
uint64_t fuzz_option(const char *name, uint64_t otherwise);

#endif
