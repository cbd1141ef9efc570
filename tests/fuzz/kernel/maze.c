/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is hardest to delete: CNodes with the only capabilities to each other and to themselves,
 * and to threads that have them as their CSpaces. The supervisor can make them in a few calls, by
 * moving the capabilities that it got from Retype into the CNodes.
 */
#include "fuzz.h"
#include "random.h"

#define CNODE seL4_CapInitThreadCNode
#define DEPTH seL4_WordBits

enum { NODES = 6, THREADS = 3, STEPS = 40, HANDLES = 2 };

static seL4_CPtr slots; /* nodes, threads, copies that stay in the supervisor's hands */
static seL4_Word bits[NODES];

void maze_init(seL4_CPtr first_slot)
{
    slots = first_slot;
}

static seL4_CPtr node(unsigned i)
{
    return slots + i;
}

static seL4_CPtr thread(unsigned i)
{
    return slots + NODES + i;
}

static seL4_CPtr handle(unsigned i)
{
    return slots + NODES + THREADS + i;
}

static void make(uint64_t *random, seL4_CPtr memory)
{
    must(seL4_CNode_Revoke(CNODE, memory, DEPTH), "revoking a maze");
    for (unsigned i = 0; i < MAZE_SLOTS; i++)
        must(seL4_CNode_Delete(CNODE, slots + i, DEPTH), "deleting the rest of a maze");
    for (unsigned i = 0; i < THREADS; i++)
        must(seL4_Untyped_Retype(memory, seL4_TCBObject, 0, CNODE, 0, 0, thread(i), 1),
             "making a thread of a maze");
    for (unsigned i = 0; i < NODES; i++) {
        bits[i] = random_chance(random, 2) ? 1 : 1 + random_below(random, 4);
        must(seL4_Untyped_Retype(memory, seL4_CapTableObject, bits[i], CNODE, 0, 0, node(i), 1),
             "making a CNode of a maze");
    }
}

/* One change; each may fail, because its CNode or its capability has been moved away. */
static void step(uint64_t *random)
{
    unsigned to = (unsigned)random_below(random, NODES);
    seL4_CPtr root =
        random_chance(random, 4) ? handle((unsigned)random_below(random, HANDLES)) : node(to);
    seL4_Word index = random_chance(random, 2) ? 0 : random_below(random, 1u << bits[to]);
    seL4_CPtr what = slots + random_below(random, NODES + THREADS + HANDLES);
    seL4_Uint8 depth = (seL4_Uint8)bits[to];

    switch (random_below(random, 8)) {
    case 0:
    case 1:
    case 2: (void)seL4_CNode_Copy(root, index, depth, CNODE, what, DEPTH, seL4_AllRights); break;
    case 3:
    case 4: (void)seL4_CNode_Move(root, index, depth, CNODE, what, DEPTH); break;
    case 5:
        (void)seL4_TCB_SetSpace(thread((unsigned)random_below(random, THREADS)), 0, root, 0,
                                seL4_CapInitThreadVSpace, 0);
        break;
    case 6:
        (void)seL4_CNode_Copy(CNODE, handle((unsigned)random_below(random, HANDLES)), DEPTH, CNODE,
                              node(to), DEPTH, seL4_AllRights);
        break;
    default: (void)seL4_CNode_Mutate(root, index, depth, root, index ^ 1, depth, to);
    }
}

void maze_play(uint64_t *random, seL4_CPtr memory)
{
    make(random, memory);
    for (unsigned i = 0; i < STEPS; i++)
        step(random);
    /* Take away what holds it from outside, in any order. */
    for (unsigned i = 0; i < 2 * MAZE_SLOTS; i++) {
        seL4_CPtr slot = slots + random_below(random, MAZE_SLOTS);

        if (random_chance(random, 4))
            must(seL4_CNode_Revoke(CNODE, slot, DEPTH), "revoking in a maze");
        else
            must(seL4_CNode_Delete(CNODE, slot, DEPTH), "deleting in a maze");
    }
}
