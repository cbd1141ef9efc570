/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the supervisor and the workers agree on: where a worker's memory is in every address space
 * of a round, and which slots of a pool CNode hold (mostly) which type of capability. Nothing is
 * kept true by anyone: the layout is only what makes near-valid guesses cheap.
 */
#ifndef FUZZ_LAYOUT_H
#define FUZZ_LAYOUT_H

#include <sel4/sel4.h>

enum {
    FUZZ_WORKERS = 8,            /* threads that the supervisor looks after */
    FUZZ_HERMIT_BLOCKS = 4,      /* what hermits use in turn */
    FUZZ_BLOCKS = 16,            /* memory for all, and for threads that workers start */
    FUZZ_RINGS = 8,              /* pages for rings of async system calls */
    FUZZ_POOL_BITS = 7 + U4_MCS, /* slots of a pool CNode */
    FUZZ_TREE_BITS = 2,          /* slots of the CNode that holds the pools */
    FUZZ_HERMIT_BITS = 4,        /* slots of a hermit's CNode */
    FUZZ_PAGE = 4096,
};

/* Each block's page (state below, stack from its top) and IPC buffer page. */
#define FUZZ_BLOCK_BASE 0x180000ull
#define FUZZ_BUFFER_BASE 0x190000ull
#define FUZZ_RING_BASE 0x1b0000ull
/* Addresses that workers map at: beside the above, and where no page table is at first. */
#define FUZZ_NEAR_BASE 0x1a0000ull
#define FUZZ_FAR_BASE 0x40000000ull

static inline seL4_Word fuzz_block(unsigned index)
{
    return FUZZ_BLOCK_BASE + index * FUZZ_PAGE;
}

static inline seL4_Word fuzz_buffer(unsigned index)
{
    return FUZZ_BUFFER_BASE + index * FUZZ_PAGE;
}

static inline seL4_Word fuzz_ring(unsigned index)
{
    return FUZZ_RING_BASE + index * FUZZ_PAGE;
}

/*
 * Random numbers, and what they are used for: most threads use the pools; a hermit has a small
 * CNode of its own, with the only capabilities to itself and to that CNode.
 */
typedef struct {
    uint64_t random;
    uint32_t hermit;
    uint32_t tree;  /* its CSpace is the tree: bits above a pool's slot choose the pool */
    uint32_t stock; /* only what seL4 knows, no label or type of u4's own */
} fuzz_dice_t;

/* State of a worker, at the start of its block. */
typedef struct {
    fuzz_dice_t dice;
    uint64_t count;   /* operations since the round began */
    uint64_t inverse; /* ~count, so that what a wild thread wrote is not believed */
    seL4_IPCBuffer *buffer;
    uint64_t self; /* which block this is */
} fuzz_block_t;

/* Ranges of slots by what they hold. */
typedef enum {
    CLASS_ASID_CONTROL,
    CLASS_DOMAIN,
    CLASS_ASID_POOL,
    CLASS_IRQ,
    CLASS_REPLY,
    CLASS_NODE,
    CLASS_ENDPOINT,
    CLASS_NOTIFICATION,
    CLASS_TCB,
    CLASS_UNTYPED,
    CLASS_FRAME, /* the last ones of them: */
    CLASS_RING,
    CLASS_SPACE, /* page tables that are roots */
    CLASS_TABLE,
    CLASS_SENDERS, /* sender tables of user interrupts */
    CLASS_TIME,    /* scheduling contexts; this and the next with MCS */
    CLASS_CONTROL,
    CLASSES,
} fuzz_class_t;

typedef struct {
    uint8_t first, count;
} fuzz_range_t;

/* Reply capabilities come with a caller; reply objects are made. */
#if U4_MCS
#define FUZZ_REPLIES \
    { \
        0x80, 20 \
    }
#define FUZZ_TIME \
    { \
        0xa0, 24 \
    }
#else
#define FUZZ_REPLIES \
    { \
        0x0c, 4 \
    }
#define FUZZ_TIME \
    { \
        0x00, 1 \
    }
#endif

/* One control of time for each hart. */
#if U4_MCS && U4_SMP
#define FUZZ_CONTROL \
    { \
        0xb8, 8 \
    }
#else
#define FUZZ_CONTROL \
    { \
        0x03, 1 \
    }
#endif

static const fuzz_range_t fuzz_ranges[CLASSES] = {
    [CLASS_ASID_CONTROL] = {0x01, 1}, [CLASS_DOMAIN] = {0x02, 1},
    [CLASS_ASID_POOL] = {0x04, 4},    [CLASS_IRQ] = {0x08, 4},
    [CLASS_REPLY] = FUZZ_REPLIES,     [CLASS_NODE] = {0x10, 12},
    [CLASS_ENDPOINT] = {0x1c, 12},    [CLASS_NOTIFICATION] = {0x28, 10},
    [CLASS_TCB] = {0x32, 16},         [CLASS_UNTYPED] = {0x42, 26},
    [CLASS_FRAME] = {0x5c, 16},       [CLASS_RING] = {0x64, FUZZ_RINGS},
    [CLASS_SPACE] = {0x70, 6},        [CLASS_TABLE] = {0x76, 10},
    [CLASS_SENDERS] = {0x6c, 4},      [CLASS_TIME] = FUZZ_TIME,
    [CLASS_CONTROL] = FUZZ_CONTROL,
};

/*
 * The first slots of CLASS_NODE: the two pools and the tree above them (slot 0: first pool, 1:
 * second, 2: the tree itself), each without a guard and as the root of a thread's CSpace.
 */
enum {
    NODE_POOL0 = 0x10,
    NODE_POOL0_ROOT,
    NODE_POOL1,
    NODE_POOL1_ROOT,
    NODE_TREE,
    NODE_TREE_ROOT,
    NODE_FREE,
};

/* A hermit's slots. */
enum {
    HERMIT_SELF = 1, /* its CNode */
    HERMIT_TCB,
    HERMIT_POOL0,
    HERMIT_ROOT, /* its CNode as the root of a CSpace */
    HERMIT_SPACE,
    HERMIT_BUFFER,
    HERMIT_ENDPOINT,
    HERMIT_NOTIFICATION,
    HERMIT_UNTYPED,
    HERMIT_FREE,
};

static const fuzz_range_t fuzz_hermit_ranges[CLASSES] = {
    [CLASS_ASID_CONTROL] = {HERMIT_FREE, 6}, [CLASS_DOMAIN] = {HERMIT_FREE, 6},
    [CLASS_ASID_POOL] = {HERMIT_FREE, 6},    [CLASS_IRQ] = {HERMIT_FREE, 6},
    [CLASS_REPLY] = {HERMIT_FREE, 6},        [CLASS_NODE] = {HERMIT_SELF, 4},
    [CLASS_ENDPOINT] = {HERMIT_ENDPOINT, 1}, [CLASS_NOTIFICATION] = {HERMIT_NOTIFICATION, 1},
    [CLASS_TCB] = {HERMIT_TCB, 1},           [CLASS_UNTYPED] = {HERMIT_UNTYPED, 1},
    [CLASS_FRAME] = {HERMIT_BUFFER, 1},      [CLASS_RING] = {HERMIT_BUFFER, 1},
    [CLASS_TABLE] = {HERMIT_SPACE, 1},       [CLASS_SENDERS] = {HERMIT_FREE, 6},
    [CLASS_TIME] = {HERMIT_FREE, 6},         [CLASS_CONTROL] = {HERMIT_FREE, 6},
};

/* Guards that make a pool and the tree resolve a whole CPtr, without and with a pool below. */
#define FUZZ_POOL_GUARD ((seL4_Word)(seL4_WordBits - FUZZ_POOL_BITS))
#define FUZZ_TREE_GUARD ((seL4_Word)(seL4_WordBits - FUZZ_POOL_BITS - FUZZ_TREE_BITS))
#define FUZZ_HERMIT_GUARD ((seL4_Word)(seL4_WordBits - FUZZ_HERMIT_BITS))

/* worker.c: what a worker runs, with its block in a0; never returns. */
_Noreturn void fuzz_worker(fuzz_block_t *block);
/* Makes one system call with what registers hold, then jumps to where t1 points. */
extern const char fuzz_wild_call[];

#endif
