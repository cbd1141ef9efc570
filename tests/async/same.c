/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The property that makes async system calls what they are: a random sequence of invocations,
 * made by traps in one world and by the ring in another, gives the same results there and leaves
 * the same capabilities, derived from one another in the same way.
 */
#include <stdio.h>
#include <string.h>

#include <u4/sysring.h>

#include "async.h"

enum { SLOTS = 24, OPS = 400, WORDS = 8, COROUTINES = 7, ANSWER = 5, ROUNDS = 6 };

typedef struct {
    seL4_CPtr base; /* slots of this world; 0 is its Untyped */
    seL4_Word window;
} world_t;

typedef struct {
    seL4_Word label;
    seL4_CPtr service, caps[2];
    seL4_Word words[WORDS];
    unsigned ncaps, nwords;
} op_t;

typedef struct {
    seL4_Word label, length, words[ANSWER];
} result_t;

static result_t results[2][OPS];
static uint64_t seed;
static u4_sysring_t ring;

static seL4_Word rnd(seL4_Word limit)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (seed >> 33) % limit;
}

static seL4_CPtr slot_of(const world_t *w)
{
    return w->base + rnd(SLOTS + 1); /* one beyond is empty for ever */
}

static void make_cnode_op(const world_t *w, op_t *op)
{
    static const seL4_Word labels[] = {CNodeCopy, CNodeMint,   CNodeMove,   CNodeMutate,
                                       CNodeMint, CNodeDelete, CNodeRevoke, CNodeCancelBadgedSends};

    op->service = CNODE;
    op->label = labels[rnd(sizeof labels / sizeof *labels)];
    op->ncaps = 1;
    op->caps[0] = CNODE;
    op->words[0] = slot_of(w);
    if (op->label == CNodeRevoke || op->label == CNodeDelete)
        op->words[0] = w->base + 1 + rnd(SLOTS); /* the Untyped stays */
    op->words[1] = DEPTH;
    op->words[2] = slot_of(w);
    op->words[3] = DEPTH;
    op->words[4] = rnd(16);
    op->words[5] = rnd(4);
    op->nwords = 6;
}

static void make_rotate(const world_t *w, op_t *op)
{
    op->service = CNODE;
    op->label = CNodeRotate;
    op->ncaps = 2;
    op->caps[0] = op->caps[1] = CNODE;
    seL4_Word words[] = {w->base + 1 + rnd(SLOTS - 1), DEPTH, 0,
                         w->base + 1 + rnd(SLOTS - 1), DEPTH, 0,
                         w->base + 1 + rnd(SLOTS - 1), DEPTH};
    memcpy(op->words, words, sizeof words);
    op->nwords = 8;
}

static void make_retype(const world_t *w, op_t *op)
{
    static const seL4_Word types[] = {seL4_EndpointObject,
                                      seL4_NotificationObject,
                                      seL4_TCBObject,
                                      seL4_UntypedObject,
                                      seL4_RISCV_4K_Page,
                                      seL4_CapTableObject,
                                      99};

    op->service = rnd(4) ? w->base : slot_of(w);
    op->label = UntypedRetype;
    op->ncaps = 1;
    op->caps[0] = CNODE;
    seL4_Word words[] = {types[rnd(7)], rnd(2) ? 5 : 12, 0, 0, slot_of(w), 1 + rnd(2)};
    memcpy(op->words, words, sizeof words);
    op->nwords = 6;
}

static void make_object_op(const world_t *w, op_t *op)
{
    static const seL4_Word labels[] = {RISCVPageMap,          RISCVPageMap,     RISCVPageUnmap,
                                       TCBSetPriority,        TCBSuspend,       TCBResume,
                                       TCBSetTLSBase,         TCBSetMCPriority, TCBBindNotification,
                                       TCBUnbindNotification, TCBSetFlags,      0x7123};

    op->service = slot_of(w);
    op->label = labels[rnd(sizeof labels / sizeof *labels)];
    op->ncaps = (unsigned)rnd(2);
    op->caps[0] = rnd(2) ? slot_of(w) : seL4_CapInitThreadTCB;
    if (op->label == RISCVPageMap) {
        op->ncaps = 1;
        op->caps[0] = seL4_CapInitThreadVSpace;
    }
    op->words[0] = op->label == RISCVPageMap ? w->window + (rnd(6) << seL4_PageBits) : rnd(90);
    op->words[1] = rnd(4);
    op->words[2] = rnd(2);
    op->nwords = (unsigned)rnd(4);
}

/* The operation number that SEED stands for; the same but for the world. */
static void make_op(const world_t *w, op_t *op)
{
    memset(op, 0, sizeof *op);
    switch (rnd(8)) {
    case 0:
    case 1: make_retype(w, op); break;
    case 2: make_object_op(w, op); break;
    case 3: make_object_op(w, op); break;
    case 4: make_rotate(w, op); break;
    default: make_cnode_op(w, op); break;
    }
    if (rnd(20) == 0)
        op->nwords = (unsigned)rnd(op->nwords + 1);
    if (rnd(20) == 0)
        op->ncaps = 0;
}

static bool endpoint_call(const op_t *op)
{
    return seL4_DebugCapIdentify((seL4_Uint32)op->service) == 4;
}

static void keep(result_t *result, seL4_MessageInfo_t info, const seL4_Word *words)
{
    result->label = seL4_MessageInfo_get_label(info);
    result->length = seL4_MessageInfo_get_length(info);
    for (seL4_Word i = 0; i < result->length && i < ANSWER; i++)
        result->words[i] = words[i];
}

static void run_sync(const world_t *w)
{
    for (unsigned i = 0; i < OPS; i++) {
        op_t op;
        seL4_MessageInfo_t info;

        make_op(w, &op);
        if (endpoint_call(&op)) { /* this would wait for ever */
            results[0][i] = (result_t){.label = seL4_IllegalOperation};
            continue;
        }
        for (unsigned c = 0; c < op.ncaps; c++)
            seL4_SetCap((int)c, op.caps[c]);
        for (unsigned m = 0; m < op.nwords; m++)
            seL4_SetMR((int)m, op.words[m]);
        info = seL4_Call(op.service, seL4_MessageInfo_new(op.label, 0, op.ncaps, op.nwords));
        keep(&results[0][i], info, seL4_GetIPCBuffer()->msg);
    }
}

static unsigned next_op;

static void submit_ops(void *argument)
{
    while (next_op < OPS) {
        unsigned i = next_op++;
        op_t op;
        seL4_Word words[WORDS > ANSWER ? WORDS : ANSWER];
        seL4_MessageInfo_t info;

        make_op(argument, &op);
        memcpy(words, op.words, sizeof op.words);
        info = seL4_MessageInfo_new(op.label, 0, op.ncaps, op.nwords);
        CHECK_EQ(u4_syscall(op.service, &info, op.caps, words, WORDS), U4_OK);
        keep(&results[1][i], info, words);
    }
}

static void compare_results(const world_t *a, const world_t *b)
{
    for (unsigned i = 0; i < OPS; i++) {
        const result_t *x = &results[0][i], *y = &results[1][i];
        bool same = x->label == y->label && x->length == y->length;

        for (unsigned m = 0; same && m < ANSWER; m++)
            same = x->words[m] == y->words[m] ||
                   x->words[m] - a->base == y->words[m] - b->base; /* a slot's number */
        if (!same)
            printf("# operation %u: by trap %lu (%lu words: %lx %lx), by ring %lu (%lu: %lx %lx)\n",
                   i, x->label, x->length, x->words[0], x->words[1], y->label, y->length,
                   y->words[0], y->words[1]);
        CHECK(same);
    }
}

static void compare_slots(const world_t *a, const world_t *b)
{
    for (unsigned i = 0; i < SLOTS; i++)
        CHECK_EQ(seL4_DebugCapIdentify((seL4_Uint32)(b->base + i)),
                 seL4_DebugCapIdentify((seL4_Uint32)(a->base + i)));
}

/* What a revocation takes along shows who was derived from whom. */
static void compare_trees(const world_t *a, const world_t *b)
{
    for (unsigned i = 1; i < SLOTS; i++) {
        CHECK_EQ(seL4_CNode_Revoke(CNODE, b->base + i, DEPTH),
                 seL4_CNode_Revoke(CNODE, a->base + i, DEPTH));
        compare_slots(a, b);
    }
}

static world_t make_world(void)
{
    enum { UNTYPED_BITS = 16 };
    world_t w = {.base = u4_alloc_slots(&test_alloc, SLOTS + 1)};
    void *page = make_page(NULL);

    CHECK_OK(seL4_CNode_Move(CNODE, w.base, DEPTH, CNODE, make_untyped(UNTYPED_BITS), DEPTH));
    w.window = (seL4_Word)page + 0x4000; /* its page tables are there */
    test_vspace.next += 0x10000;
    return w;
}

TEST_U4(same, random, "a random sequence has the same results and effects by trap and by ring")
{
    unsigned good = 0;

    for (unsigned round = 0; round < ROUNDS; round++) {
        u4_exec_t *e = make_exec("same", COROUTINES);
        world_t a = make_world(), b = make_world();

        memset(&ring, 0, sizeof ring);
        memset(results, 0, sizeof results);
        CHECK_EQ(u4_sysring_open(&ring, seL4_CapInitThreadTCB, 4 + round % 2 * 3), U4_OK);
        seed = 1000 + round;
        run_sync(&a);
        seed = 1000 + round;
        next_op = 0;
        for (unsigned i = 0; i < (round ? COROUTINES : 1); i++)
            spawn(submit_ops, &b);
        run_all(e);
        compare_results(&a, &b);
        for (unsigned i = 0; i < OPS; i++)
            good += results[0][i].label == seL4_NoError;
        compare_slots(&a, &b);
        compare_trees(&a, &b);
        u4_sysring_close(&ring);
    }
    u4_sys_plain((seL4_Word)u4_SysCheck, 0, 0);
    printf("# %u of %u operations succeeded\n", good, (unsigned)(ROUNDS * OPS));
    CHECK(good > ROUNDS * OPS / 10); /* enough of them did something */
    CHECK(good < ROUNDS * OPS * 4 / 5);
}
