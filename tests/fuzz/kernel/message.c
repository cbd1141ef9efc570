/* SPDX-License-Identifier: BSD-2-Clause */
#include "message.h"

#include <stdbool.h>

#include "abi/sel4/invocation.h"
#include "abi/sel4/syscall.h"
#include "abi/u4/extensions.h"
#include "abi/u4/ring.h"
#include "random.h"

/* Kinds of message words. Index and depth name a place in the CNode that goes with them. */
typedef enum {
    W_END,
    W_ZERO,
    W_FLAGS,
    W_TYPE,
    W_SIZE,
    W_NODE_INDEX,
    W_NODE_DEPTH,
    W_SLOT,
    W_COUNT,
    W_DEST_INDEX,
    W_DEST_DEPTH,
    W_SOURCE_INDEX,
    W_SOURCE_DEPTH,
    W_PIVOT_INDEX,
    W_PIVOT_DEPTH,
    W_RIGHTS,
    W_DATA,
    W_GUARD,
    W_ADDRESS,
    W_PRIORITY,
    W_HANDLER,
    W_BUFFER,
    W_REGISTER_COUNT,
    W_REGISTERS, /* 32 words */
    W_DURATION,
    W_INDEX,  /* of a sender table */
    W_BUDGET, /* this and the next, in microseconds */
    W_PERIOD,
    W_LOG2, /* lines of a ring */
    W_HART,
} word_kind_t;

/* Kinds of capabilities beside the classes. */
enum { C_DEST = CLASSES, C_SOURCE, C_PIVOT, C_CSPACE, C_NODE, C_NONE };

enum { TEMPLATE_WORDS = 8 };

typedef struct {
    uint16_t label;
    uint8_t weight, service;
    uint8_t class;                     /* of what the destination is about, + 1; 0: any */
    uint8_t cap[seL4_MsgMaxExtraCaps]; /* kind + 1; 0: none */
    uint8_t word[TEMPLATE_WORDS];
} template_t;

#define CAPS(...) \
    { \
        __VA_ARGS__ \
    }
#define WORDS(...) \
    { \
        __VA_ARGS__ \
    }
#define ONE(kind) ((kind) + 1)

static const template_t templates[] = {
    {UntypedRetype, 20, CLASS_UNTYPED, 0, CAPS(ONE(C_NODE)),
     WORDS(W_TYPE, W_SIZE, W_NODE_INDEX, W_NODE_DEPTH, W_SLOT, W_COUNT)},
    {TCBReadRegisters, 2, CLASS_TCB, 0, CAPS(0), WORDS(W_FLAGS, W_REGISTER_COUNT)},
    {TCBWriteRegisters, 8, CLASS_TCB, 0, CAPS(0), WORDS(W_FLAGS, W_REGISTER_COUNT, W_REGISTERS)},
    {TCBCopyRegisters, 2, CLASS_TCB, 0, CAPS(ONE(CLASS_TCB)), WORDS(W_FLAGS)},
    {TCBSetPriority, 4, CLASS_TCB, 0, CAPS(ONE(CLASS_TCB)), WORDS(W_PRIORITY)},
    {TCBSetMCPriority, 2, CLASS_TCB, 0, CAPS(ONE(CLASS_TCB)), WORDS(W_PRIORITY)},
    {TCBSetIPCBuffer, 4, CLASS_TCB, 0, CAPS(ONE(CLASS_FRAME)), WORDS(W_BUFFER)},
    {TCBSuspend, 3, CLASS_TCB, 0, CAPS(0), WORDS(0)},
    {TCBResume, 8, CLASS_TCB, 0, CAPS(0), WORDS(0)},
    {TCBBindNotification, 5, CLASS_TCB, 0, CAPS(ONE(CLASS_NOTIFICATION)), WORDS(0)},
    {TCBUnbindNotification, 2, CLASS_TCB, 0, CAPS(0), WORDS(0)},
    {TCBSetTLSBase, 1, CLASS_TCB, 0, CAPS(0), WORDS(W_ADDRESS)},
    {TCBSetFlags, 2, CLASS_TCB, 0, CAPS(0), WORDS(W_FLAGS, W_FLAGS)},
    {CNodeRevoke, 3, C_DEST, 0, CAPS(0), WORDS(W_DEST_INDEX, W_DEST_DEPTH)},
    {CNodeDelete, 12, C_DEST, 0, CAPS(0), WORDS(W_DEST_INDEX, W_DEST_DEPTH)},
    {CNodeCancelBadgedSends, 3, C_DEST, ONE(CLASS_ENDPOINT), CAPS(0),
     WORDS(W_DEST_INDEX, W_DEST_DEPTH)},
    {CNodeCopy, 12, C_DEST, 0, CAPS(ONE(C_SOURCE)),
     WORDS(W_DEST_INDEX, W_DEST_DEPTH, W_SOURCE_INDEX, W_SOURCE_DEPTH, W_RIGHTS)},
    {CNodeMint, 12, C_DEST, 0, CAPS(ONE(C_SOURCE)),
     WORDS(W_DEST_INDEX, W_DEST_DEPTH, W_SOURCE_INDEX, W_SOURCE_DEPTH, W_RIGHTS, W_DATA)},
    {CNodeMove, 8, C_DEST, 0, CAPS(ONE(C_SOURCE)),
     WORDS(W_DEST_INDEX, W_DEST_DEPTH, W_SOURCE_INDEX, W_SOURCE_DEPTH)},
    {CNodeMutate, 4, C_DEST, ONE(CLASS_NODE), CAPS(ONE(C_SOURCE)),
     WORDS(W_DEST_INDEX, W_DEST_DEPTH, W_SOURCE_INDEX, W_SOURCE_DEPTH, W_DATA)},
    {CNodeRotate, 5, C_DEST, 0, CAPS(ONE(C_PIVOT), ONE(C_SOURCE)),
     WORDS(W_DEST_INDEX, W_DEST_DEPTH, W_DATA, W_PIVOT_INDEX, W_PIVOT_DEPTH, W_DATA, W_SOURCE_INDEX,
           W_SOURCE_DEPTH)},
#if U4_MCS
    {TCBConfigure, 8, CLASS_TCB, 0, CAPS(ONE(C_CSPACE), ONE(CLASS_SPACE), ONE(CLASS_FRAME)),
     WORDS(W_GUARD, W_ZERO, W_BUFFER)},
    {TCBSetSchedParams, 6, CLASS_TCB, 0, CAPS(ONE(CLASS_TCB), ONE(CLASS_TIME), ONE(CLASS_ENDPOINT)),
     WORDS(W_PRIORITY, W_PRIORITY)},
    {TCBSetSpace, 3, CLASS_TCB, 0, CAPS(ONE(CLASS_ENDPOINT), ONE(C_CSPACE), ONE(CLASS_SPACE)),
     WORDS(W_GUARD, W_ZERO)},
    {TCBSetTimeoutEndpoint, 4, CLASS_TCB, 0, CAPS(ONE(CLASS_ENDPOINT)), WORDS(0)},
    {SchedControlConfigureFlags, 16, CLASS_CONTROL, 0, CAPS(ONE(CLASS_TIME)),
     WORDS(W_BUDGET, W_PERIOD, W_COUNT, W_DATA, W_FLAGS)},
    {SchedContextBind, 10, CLASS_TIME, 0, CAPS(ONE(CLASS_TCB)), WORDS(0)},
    {SchedContextBind, 5, CLASS_TIME, 0, CAPS(ONE(CLASS_NOTIFICATION)), WORDS(0)},
    {SchedContextUnbind, 3, CLASS_TIME, 0, CAPS(0), WORDS(0)},
    {SchedContextUnbindObject, 3, CLASS_TIME, 0, CAPS(ONE(CLASS_TCB)), WORDS(0)},
    {SchedContextUnbindObject, 3, CLASS_TIME, 0, CAPS(ONE(CLASS_NOTIFICATION)), WORDS(0)},
    {SchedContextConsumed, 3, CLASS_TIME, 0, CAPS(0), WORDS(0)},
    {SchedContextYieldTo, 8, CLASS_TIME, 0, CAPS(0), WORDS(0)},
#else
    {TCBConfigure, 8, CLASS_TCB, 0, CAPS(ONE(C_CSPACE), ONE(CLASS_SPACE), ONE(CLASS_FRAME)),
     WORDS(W_HANDLER, W_GUARD, W_ZERO, W_BUFFER)},
    {TCBSetSchedParams, 3, CLASS_TCB, 0, CAPS(ONE(CLASS_TCB)), WORDS(W_PRIORITY, W_PRIORITY)},
    {TCBSetSpace, 3, CLASS_TCB, 0, CAPS(ONE(C_CSPACE), ONE(CLASS_SPACE)),
     WORDS(W_HANDLER, W_GUARD, W_ZERO)},
    {CNodeSaveCaller, 5, C_DEST, ONE(CLASS_REPLY), CAPS(0), WORDS(W_DEST_INDEX, W_DEST_DEPTH)},
#endif
#if U4_SMP && !U4_MCS
    {TCBSetAffinity, 6, CLASS_TCB, 0, CAPS(0), WORDS(W_HART)},
#endif
    {U4AsyncRegister, 6, CLASS_TCB, 0, CAPS(ONE(CLASS_RING), ONE(CLASS_NOTIFICATION)),
     WORDS(W_LOG2)},
    {U4AsyncUnregister, 2, CLASS_TCB, 0, CAPS(0), WORDS(0)},
    {u4_TCBRegisterReceiver, 8, CLASS_TCB, 0, CAPS(ONE(CLASS_NOTIFICATION)), WORDS(0)},
    {u4_TCBUnregisterReceiver, 2, CLASS_TCB, 0, CAPS(0), WORDS(0)},
    {u4_TCBSetSenderTable, 4, CLASS_TCB, 0, CAPS(ONE(CLASS_SENDERS)), WORDS(0)},
    {u4_TCBSetSenderTable, 1, CLASS_TCB, 0, CAPS(0), WORDS(0)},
    {u4_SenderTableRegister, 16, CLASS_SENDERS, 0, CAPS(ONE(CLASS_NOTIFICATION)), WORDS(0)},
    {u4_SenderTableUnregister, 3, CLASS_SENDERS, 0, CAPS(0), WORDS(W_INDEX)},
    {IRQAckIRQ, 1, CLASS_IRQ, 0, CAPS(0), WORDS(0)},
    {IRQSetIRQHandler, 3, CLASS_IRQ, 0, CAPS(ONE(CLASS_NOTIFICATION)), WORDS(0)},
    {IRQClearIRQHandler, 1, CLASS_IRQ, 0, CAPS(0), WORDS(0)},
    {IRQIssueIRQHandler, 1, C_NODE, ONE(CLASS_IRQ), CAPS(ONE(C_DEST)),
     WORDS(W_SLOT, W_DEST_INDEX, W_DEST_DEPTH)},
    {DomainSetSet, 1, CLASS_DOMAIN, 0, CAPS(ONE(CLASS_TCB)), WORDS(W_ZERO)},
    {DomainScheduleConfigure, 1, CLASS_DOMAIN, 0, CAPS(0), WORDS(W_FLAGS, W_ZERO, W_DURATION)},
    {DomainScheduleSetStart, 1, CLASS_DOMAIN, 0, CAPS(0), WORDS(W_FLAGS)},
    {RISCVPageTableMap, 14, CLASS_TABLE, 0, CAPS(ONE(CLASS_SPACE)), WORDS(W_ADDRESS, W_FLAGS)},
    {RISCVPageTableUnmap, 5, CLASS_TABLE, 0, CAPS(0), WORDS(0)},
    {RISCVPageMap, 20, CLASS_FRAME, 0, CAPS(ONE(CLASS_SPACE)), WORDS(W_ADDRESS, W_RIGHTS, W_FLAGS)},
    {RISCVPageUnmap, 4, CLASS_FRAME, 0, CAPS(0), WORDS(0)},
    {RISCVPageGetAddress, 1, CLASS_FRAME, 0, CAPS(0), WORDS(0)},
    {RISCVASIDControlMakePool, 3, CLASS_ASID_CONTROL, ONE(CLASS_ASID_POOL),
     CAPS(ONE(CLASS_UNTYPED), ONE(C_DEST)), WORDS(W_DEST_INDEX, W_DEST_DEPTH)},
    {RISCVASIDPoolAssign, 6, CLASS_ASID_POOL, 0, CAPS(ONE(CLASS_SPACE)), WORDS(0)},
};

enum { TEMPLATES = sizeof templates / sizeof templates[0] };

/* A slot in some CNode, as CNode operations name it. */
typedef struct {
    seL4_CPtr root;
    seL4_Word index, depth;
} place_t;

/* What the parts of one message have in common. */
typedef struct {
    fuzz_dice_t *dice;
    uint64_t *random; /* of the dice */
    place_t dest, source, pivot;
    fuzz_class_t class; /* of what is made, copied, moved */
    seL4_Word type;     /* of what is made */
    seL4_CPtr cspace;
} choice_t;

uint64_t random_nasty(uint64_t *random)
{
    uint64_t bit = 1ull << random_below(random, 64);

    switch (random_below(random, 8)) {
    case 0: return 0;
    case 1: return ~0ull;
    case 2: return bit;
    case 3: return bit - 1;
    case 4: return seL4_UserTop - random_below(random, 3) * 0x1000 + 0x1000;
    case 5: return 0xffffffc080200000ull + random_below(random, 1 << 22);
    case 6: return random_below(random, 300);
    default: return random_next(random);
    }
}

static seL4_Word slot_of(fuzz_dice_t *dice, fuzz_class_t class)
{
    const fuzz_range_t *range = (dice->hermit ? fuzz_hermit_ranges : fuzz_ranges) + class;

    if (random_chance(&dice->random, dice->hermit ? 3 : 16))
        return random_below(&dice->random,
                            1u << (dice->hermit ? FUZZ_HERMIT_BITS : FUZZ_POOL_BITS));
    return range->first + random_below(&dice->random, range->count);
}

seL4_CPtr message_cptr(fuzz_dice_t *dice, fuzz_class_t class)
{
    uint64_t *random = &dice->random;
    seL4_CPtr slot = slot_of(dice, class);

    if (random_chance(random, 512))
        return random_nasty(random);
    if (dice->tree && random_chance(random, 4))
        return slot | random_below(random, 3) << FUZZ_POOL_BITS;
    return slot;
}

static place_t hermit_place(fuzz_dice_t *dice, fuzz_class_t class)
{
    seL4_Word slot = slot_of(dice, class);

    switch (random_below(&dice->random, 8)) {
    case 0: return (place_t){HERMIT_POOL0, random_below(&dice->random, 256), FUZZ_POOL_BITS};
    case 1: return (place_t){HERMIT_ROOT, slot, seL4_WordBits};
    case 2: return (place_t){slot_of(dice, CLASS_NODE), slot, random_below(&dice->random, 65)};
    default: return (place_t){HERMIT_SELF, slot, FUZZ_HERMIT_BITS};
    }
}

static place_t choose_place(fuzz_dice_t *dice, fuzz_class_t class)
{
    uint64_t *random = &dice->random;
    seL4_Word slot = slot_of(dice, class);

    if (dice->hermit)
        return hermit_place(dice, class);
    switch (random_below(random, 32)) {
    case 0: return (place_t){NODE_POOL0_ROOT, slot, seL4_WordBits};
    case 1: return (place_t){NODE_POOL1_ROOT, slot, seL4_WordBits};
    case 2:
        return (place_t){NODE_TREE, random_below(random, 4) << FUZZ_POOL_BITS | slot,
                         FUZZ_TREE_BITS + FUZZ_POOL_BITS};
    case 3: return (place_t){NODE_TREE, random_below(random, 4), FUZZ_TREE_BITS};
    case 4:
    case 5:
    case 6:
        return (place_t){slot_of(dice, CLASS_NODE), random_below(random, 16),
                         random_below(random, 6)};
    case 7: return (place_t){message_cptr(dice, CLASS_NODE), random_nasty(random), slot};
    case 8:
    case 9:
    case 10:
    case 11: return (place_t){NODE_POOL1, slot, FUZZ_POOL_BITS};
    default: return (place_t){NODE_POOL0, slot, FUZZ_POOL_BITS};
    }
}

/* Types that are made, and where their capabilities go. */
static void choose_type(choice_t *c)
{
    static const struct {
        uint8_t type, class;
    } types[] = {
        {seL4_UntypedObject, CLASS_UNTYPED},
        {seL4_UntypedObject, CLASS_UNTYPED},
        {seL4_TCBObject, CLASS_TCB},
        {seL4_TCBObject, CLASS_TCB},
        {seL4_EndpointObject, CLASS_ENDPOINT},
        {seL4_EndpointObject, CLASS_ENDPOINT},
        {seL4_NotificationObject, CLASS_NOTIFICATION},
        {seL4_NotificationObject, CLASS_NOTIFICATION},
        {seL4_CapTableObject, CLASS_NODE},
        {seL4_CapTableObject, CLASS_NODE},
        {seL4_RISCV_4K_Page, CLASS_FRAME},
        {seL4_RISCV_4K_Page, CLASS_FRAME},
        {seL4_RISCV_Mega_Page, CLASS_FRAME},
        {seL4_RISCV_Giga_Page, CLASS_FRAME},
        {seL4_RISCV_PageTableObject, CLASS_TABLE},
        {seL4_RISCV_PageTableObject, CLASS_TABLE},
        {seL4_RISCV_PageTableObject, CLASS_SPACE},
#if U4_MCS
        {seL4_SchedContextObject, CLASS_TIME},
        {seL4_SchedContextObject, CLASS_TIME},
        {seL4_ReplyObject, CLASS_REPLY},
        {seL4_ReplyObject, CLASS_REPLY},
#endif
        {u4_SenderTableObject, CLASS_SENDERS},
        {u4_SenderTableObject, CLASS_SENDERS},
    };
    unsigned i;

    do
        i = (unsigned)random_below(c->random, sizeof types / sizeof types[0]);
    while (c->dice->stock && types[i].type >= U4_OBJECT_BASE);
    c->type = types[i].type;
    c->class = (fuzz_class_t)types[i].class;
}

static seL4_Word size_of(uint64_t *random, seL4_Word type)
{
    if (type == seL4_CapTableObject)
        return random_below(random, 6);
    if (type == seL4_UntypedObject)
        return 4 + random_below(random, 12);
#if U4_MCS
    if (type == seL4_SchedContextObject)
        return seL4_MinSchedContextBits + random_below(random, 3);
#endif
    if (type == u4_SenderTableObject)
        return u4_MinSenderTableBits + random_below(random, 2);
    return 0;
}

seL4_Word message_address(uint64_t *random, unsigned bits)
{
    seL4_Word address;

    switch (random_below(random, 16)) {
    case 0: return random_nasty(random);
    case 1: address = fuzz_block((unsigned)random_below(random, FUZZ_BLOCKS)); break;
    case 2: address = fuzz_buffer((unsigned)random_below(random, FUZZ_BLOCKS)); break;
    case 3:
        address = random_chance(random, 2) ? fuzz_ring((unsigned)random_below(random, FUZZ_RINGS))
                                           : random_below(random, 0x40) << 12;
        break;
    case 4: address = random_below(random, 256) << 30; break;
    case 5:
    case 6: address = FUZZ_FAR_BASE + (random_below(random, 8) << 21); break;
    case 7:
    case 8:
    case 9: address = FUZZ_FAR_BASE + (random_below(random, 8) << 12); break;
    default: address = FUZZ_NEAR_BASE + (random_below(random, 16) << 12); break;
    }
    return address >> bits << bits;
}

static seL4_Word guard_of(choice_t *c)
{
    seL4_CPtr cspace = c->cspace;

    if (random_chance(c->random, 16))
        return random_nasty(c->random);
    if (c->dice->hermit)
        return cspace == HERMIT_SELF    ? FUZZ_HERMIT_GUARD
               : cspace == HERMIT_POOL0 ? FUZZ_POOL_GUARD
                                        : 0;
    if (cspace == NODE_POOL0 || cspace == NODE_POOL1)
        return FUZZ_POOL_GUARD;
    return cspace == NODE_TREE ? FUZZ_TREE_GUARD : 0;
}

static seL4_Word data_of(uint64_t *random, fuzz_class_t class)
{
    if (random_chance(random, 8))
        return random_nasty(random);
    if (class == CLASS_NODE)
        return random_chance(random, 2) ? FUZZ_POOL_GUARD : random_below(random, 1 << 9);
    return random_below(random, 4);
}

static seL4_Word buffer_of(uint64_t *random)
{
    if (random_chance(random, 8))
        return random_chance(random, 2) ? 0 : random_nasty(random);
    return fuzz_buffer((unsigned)random_below(random, FUZZ_BLOCKS)) +
           random_below(random, 4) * sizeof(seL4_IPCBuffer);
}

static seL4_Word priority_of(uint64_t *random)
{
    return random_chance(random, 8) ? random_nasty(random) : 50 + random_below(random, 4) * 30;
}

static seL4_Word microseconds(uint64_t *random, seL4_Word at_most)
{
    return random_chance(random, 16) ? random_nasty(random) : 19 + random_below(random, at_most);
}

/* A word that depends on nothing but its kind. */
static seL4_Word simple_word(choice_t *c, word_kind_t kind)
{
    uint64_t *random = c->random;

    switch (kind) {
    case W_FLAGS: return random_below(random, 16);
    case W_TYPE: return c->type;
    case W_SIZE: return size_of(random, c->type);
    case W_SLOT: return slot_of(c->dice, c->class);
    case W_COUNT: return random_chance(random, 3) ? random_below(random, 6) : 1;
    case W_RIGHTS: return random_chance(random, 2) ? 15 : random_below(random, 16);
    case W_DATA: return data_of(random, c->class);
    case W_GUARD: return guard_of(c);
    case W_ADDRESS: return message_address(random, random_chance(random, 8) ? 0 : 12);
    case W_PRIORITY: return priority_of(random);
    case W_HANDLER: return message_cptr(c->dice, CLASS_ENDPOINT);
    case W_BUFFER: return buffer_of(random);
    case W_REGISTER_COUNT: return random_chance(random, 4) ? random_below(random, 40) : 32;
    case W_DURATION: return random_below(random, 1000);
    case W_INDEX: return random_below(random, 100);
    case W_BUDGET: return microseconds(random, 3000);
    case W_PERIOD: return microseconds(random, 10000);
    case W_LOG2: return random_chance(random, 8) ? random_below(random, 15) : U4_RING_MIN_LOG2;
    case W_HART: return random_below(random, 5);
    default: return 0;
    }
}

static seL4_Word word_of(choice_t *c, word_kind_t kind)
{
    switch (kind) {
    case W_DEST_INDEX: return c->dest.index;
    case W_DEST_DEPTH: return c->dest.depth;
    case W_SOURCE_INDEX: return c->source.index;
    case W_SOURCE_DEPTH: return c->source.depth;
    case W_PIVOT_INDEX: return c->pivot.index;
    case W_PIVOT_DEPTH: return c->pivot.depth;
    default: return simple_word(c, kind);
    }
}

static seL4_CPtr cap_of(choice_t *c, unsigned kind)
{
    switch (kind) {
    case C_DEST: return c->dest.root;
    case C_SOURCE: return c->source.root;
    case C_PIVOT: return c->pivot.root;
    case C_CSPACE:
        c->cspace = c->dice->hermit || random_chance(c->random, 16)
                        ? slot_of(c->dice, CLASS_NODE)
                        : NODE_POOL0 + random_below(c->random, NODE_FREE - NODE_POOL0);
        return c->cspace;
    case C_NODE:
        if (c->dice->hermit)
            return random_chance(c->random, 4) ? HERMIT_POOL0 : HERMIT_SELF;
        return random_chance(c->random, 4) ? NODE_POOL1 : NODE_POOL0;
    default: return message_cptr(c->dice, (fuzz_class_t)kind);
    }
}

static bool is_ours(seL4_Word label)
{
    return label >= U4_LABEL_BASE && label <= U4_LABEL_TIMEOUT;
}

static const template_t *any_template(uint64_t *random)
{
    unsigned total = 0, at = 0;
    seL4_Word chosen;

    for (unsigned i = 0; i < TEMPLATES; i++)
        total += templates[i].weight;
    chosen = random_below(random, total);
    while (chosen >= templates[at].weight)
        chosen -= templates[at++].weight;
    return &templates[at];
}

static const template_t *choose_template(const fuzz_dice_t *dice, uint64_t *random)
{
    const template_t *t;

    do
        t = any_template(random);
    while (dice->stock && is_ours(t->label));
    return t;
}

/* Capabilities, then words: some of these depend on what was chosen for those. */
static void fill(choice_t *c, message_t *m, const template_t *t)
{
    m->label = t->label;
    m->service = cap_of(c, t->service);
    for (m->extra = 0; m->extra < seL4_MsgMaxExtraCaps && t->cap[m->extra]; m->extra++)
        m->cap[m->extra] = cap_of(c, t->cap[m->extra] - 1u);
    m->length = 0;
    for (unsigned i = 0; i < TEMPLATE_WORDS && t->word[i]; i++) {
        if (t->word[i] == W_REGISTERS) {
            message_registers(c->dice, &m->word[m->length]);
            m->length += 32;
        } else {
            m->word[m->length++] = word_of(c, (word_kind_t)t->word[i]);
        }
    }
}

/* Make one thing wrong, or several. */
static void spoil(fuzz_dice_t *dice, message_t *m)
{
    uint64_t *random = &dice->random;

    do {
        switch (random_below(random, 5)) {
        case 0: m->word[random_below(random, m->length + 1)] = random_nasty(random); break;
        case 1: m->length = random_below(random, random_chance(random, 4) ? 128 : 12); break;
        case 2: m->extra = random_below(random, 4); break;
        case 3: m->label = random_below(random, random_chance(random, 4) ? 1u << 16 : 64); break;
        default:
            m->cap[random_below(random, seL4_MsgMaxExtraCaps)] =
                message_cptr(dice, (fuzz_class_t)random_below(random, CLASSES));
        }
    } while (random_chance(random, 3) && m->length < MESSAGE_WORDS);
    if (dice->stock && is_ours(m->label))
        m->label = 0;
    if (dice->stock && m->word[0] == u4_SenderTableObject)
        m->word[0] = 0;
}

void message_invocation(fuzz_dice_t *dice, message_t *m)
{
    uint64_t *random = &dice->random;
    choice_t c = {.dice = dice, .random = random};
    const template_t *t = choose_template(dice, random);

    choose_type(&c);
    if (t->class)
        c.class = (fuzz_class_t)(t->class - 1);
    c.dest = choose_place(dice, c.class);
    c.source = choose_place(dice, c.class);
    c.pivot = choose_place(dice, random_chance(random, 2) ? c.class : CLASS_NODE);
    for (unsigned i = 0; i < seL4_MsgMaxExtraCaps; i++)
        m->cap[i] = message_cptr(dice, (fuzz_class_t)random_below(random, CLASSES));
    fill(&c, m, t);
    if (m->length < MESSAGE_WORDS && random_chance(random, 8))
        spoil(dice, m);
    if (random_chance(random, 64))
        m->service = message_cptr(dice, (fuzz_class_t)random_below(random, CLASSES));
}

void message_plain(fuzz_dice_t *dice, message_t *m)
{
    uint64_t *random = &dice->random;
    static const uint8_t classes[] = {CLASS_ENDPOINT, CLASS_ENDPOINT, CLASS_ENDPOINT,
                                      CLASS_NOTIFICATION, CLASS_REPLY};

    m->service = message_cptr(
        dice, (fuzz_class_t)classes[random_below(random, sizeof classes / sizeof classes[0])]);
    m->label = random_chance(random, 2) ? 0 : random_next(random) & 0xfffff;
    m->length = random_chance(random, 4) ? random_below(random, 128) : random_below(random, 8);
    m->extra = random_chance(random, 2) ? random_below(random, 4) : 0;
    for (unsigned i = 0; i < 4; i++)
        m->word[i] = random_chance(random, 4) ? random_nasty(random) : random_below(random, 256);
    for (unsigned i = 4; i < MESSAGE_WORDS; i++)
        m->word[i] = i;
    for (unsigned i = 0; i < seL4_MsgMaxExtraCaps; i++)
        m->cap[i] = message_cptr(dice, (fuzz_class_t)random_below(random, CLASSES));
}

seL4_Word message_syscall(fuzz_dice_t *dice)
{
    uint64_t *random = &dice->random;
    static const int16_t unknown[] = {
        0,
        1,
        127,
        seL4_SysDebugCapIdentify,
        seL4_SysBenchmarkFlushCaches,
        seL4_SysSetTLSBase,
        -32,
        -100,
        -300,
        u4_SysTraceMark, /* the last two: u4's own */
        u4_SysNameThread,
    };
    const unsigned count = sizeof unknown / sizeof unknown[0];

    if (random_chance(random, 8))
        return (seL4_Word)unknown[random_below(random, count - (dice->stock ? 2 : 0))];
    return (seL4_Word)(-1 - (int64_t)random_below(random, (uint64_t)-seL4_SysYield));
}

/* Places in seL4_UserContext. */
enum { CONTEXT_PC, CONTEXT_SP = 2, CONTEXT_A0 = 16, CONTEXT_A7 = 23, CONTEXT_T1 = 25 };

void message_registers(fuzz_dice_t *dice, seL4_Word *words)
{
    uint64_t *random = &dice->random;
    const unsigned first = FUZZ_WORKERS + FUZZ_HERMIT_BLOCKS;
    unsigned block = first + (unsigned)random_below(random, FUZZ_BLOCKS - first);

    for (unsigned i = 0; i < 32; i++)
        words[i] = random_chance(random, 4) ? random_nasty(random) : random_below(random, 256);
    words[CONTEXT_SP] = fuzz_block(block) + FUZZ_PAGE;
    words[CONTEXT_A0] = fuzz_block(block);
    words[CONTEXT_A7] = message_syscall(dice);
    switch (random_below(random, 8)) {
    case 0: words[CONTEXT_PC] = random_nasty(random); break;
    case 1: words[CONTEXT_PC] = 0x10000 + 2 * random_below(random, 0x1000); break;
    case 2:
    case 3:
        words[CONTEXT_PC] = (seL4_Word)fuzz_wild_call;
        words[CONTEXT_A0] = message_cptr(dice, (fuzz_class_t)random_below(random, CLASSES));
        words[CONTEXT_T1] = (seL4_Word)fuzz_worker;
        break;
    default: words[CONTEXT_PC] = (seL4_Word)fuzz_worker; break;
    }
    if (dice->stock && words[CONTEXT_PC] == (seL4_Word)fuzz_worker)
        words[CONTEXT_PC] = (seL4_Word)fuzz_wild_call;
    if (dice->stock)
        words[CONTEXT_T1] = 0;
}
