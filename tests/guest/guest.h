/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What test systems of one program have in common: making objects and threads without a word
 * about errors. The first that fails is printed, and the system stays there.
 */
#ifndef TESTS_GUEST_GUEST_H
#define TESTS_GUEST_GUEST_H

#include <stdio.h>

#include <u4/thread.h>
#include <u4/u4.h>

enum { RADIX = 4, GUEST_THREADS = 12, GUEST_STACK = 4096 };
#define CNODE seL4_CapInitThreadCNode
/* A CNode's data word: a guard of BITS bits. */
#define GUARD(bits, guard) ((seL4_Word)(guard) << 6 | (bits))

static u4_alloc_t alloc;
static u4_vspace_t vspace;
static seL4_CPtr fault_ep; /* of threads made from now on, see u4_tcb_config_t */

static inline void check(seL4_Error error, const char *what)
{
    if (!error)
        return;
    printf("guest: %s: seL4 error %d\n", what, (int)error);
    for (;;)
        seL4_Yield();
}

static inline seL4_CPtr make(seL4_Word type, seL4_Word bits)
{
    seL4_CPtr cap = 0;

    check(u4_alloc_object(&alloc, type, bits, &cap), "making an object");
    return cap;
}

static inline seL4_CPtr make_cspace(void)
{
    return make(seL4_CapTableObject, RADIX);
}

static inline void put(seL4_CPtr cnode, seL4_Word slot, seL4_CPtr cap, seL4_CapRights_t rights,
                       seL4_Word badge)
{
    check(seL4_CNode_Mint(cnode, slot, RADIX, CNODE, cap, seL4_WordBits, rights, badge),
          "minting a capability");
}

/* A copy of CAP with a badge in the program's own CSpace. */
static inline seL4_CPtr mint(seL4_CPtr cap, seL4_CapRights_t rights, seL4_Word badge)
{
    seL4_CPtr slot = u4_alloc_slots(&alloc, 1);

    check(seL4_CNode_Mint(CNODE, slot, seL4_WordBits, CNODE, cap, seL4_WordBits, rights, badge),
          "minting a capability");
    return slot;
}

/* A thread that is not started yet, in CSpace CNODE with data word DATA. */
static inline u4_thread_t *new_thread(const char *name, seL4_Word priority,
                                      void (*entry)(u4_thread_t *), seL4_CPtr cnode, seL4_Word data)
{
    static u4_thread_t threads[GUEST_THREADS];
    static char stacks[GUEST_THREADS][GUEST_STACK] __attribute__((aligned(16)));
    static unsigned used;
    const u4_thread_env_t env = {.alloc = &alloc,
                                 .vspace = &vspace,
                                 .cspace = cnode,
                                 .cspace_data = data,
                                 .authority = seL4_CapInitThreadTCB,
                                 .sched_control = u4_boot_sched_control()};
    const u4_thread_config_t config = {.name = name,
                                       .entry = entry,
                                       .stack = stacks[used],
                                       .stack_size = GUEST_STACK,
                                       .priority = priority,
                                       .mcp = priority,
                                       .fault_ep = fault_ep};

    check(u4_thread_create(&threads[used], &env, &config), name);
    return &threads[used++];
}

/* Starts a thread whose CSpace is one CNode of 2^RADIX slots; its CPtrs are their numbers. */
static inline u4_thread_t *start(const char *name, seL4_Word priority, void (*entry)(u4_thread_t *),
                                 seL4_CPtr cnode)
{
    u4_thread_t *t = new_thread(name, priority, entry, cnode, GUARD(seL4_WordBits - RADIX, 0));

    check(seL4_TCB_Resume(t->tcb), "starting a thread");
    return t;
}

/* One Untyped, the largest, so that the order of objects' addresses does not change with the size
 * of the kernel, which decides on what is left around it. */
static inline void use_largest_untyped(void)
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    seL4_Word count = info->untyped.end - info->untyped.start, best = count;

    for (seL4_Word i = 0; i < count; i++)
        if (!info->untypedList[i].isDevice &&
            (best == count || info->untypedList[i].sizeBits > info->untypedList[best].sizeBits))
            best = i;
    u4_alloc_init(&alloc, CNODE, info->empty.start, info->empty.end);
    u4_alloc_add(&alloc, info->untyped.start + best, info->untypedList[best].sizeBits);
}

/* Before everything else: memory; the program's own thread is called "root" and gets a priority. */
static inline void guest_begin(seL4_Word priority)
{
    seL4_TCB root = seL4_CapInitThreadTCB;

    use_largest_untyped();
    u4_vspace_init(&vspace, &alloc, seL4_CapInitThreadVSpace);
    u4_name_thread(root, "root");
    check(seL4_TCB_SetPriority(root, root, priority), "setting root's priority");
}

#endif
