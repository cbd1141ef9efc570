/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz.h"
#include "own.h"
#include "random.h"

#define CNODE seL4_CapInitThreadCNode
#define DEPTH seL4_WordBits

enum {
    MEMORY_BITS = 23,
    ROUND_SLOTS = 1024,
    TEXT_PAGES = 48,
    DEVICES = 2,
    LARGE_DEVICE_BITS = 30,
};

extern char __tls_image[], __tls_image_size[];

static u4_alloc_t memory; /* of the rounds: one Untyped, and slots */
static u4_vspace_t *own_space;
static seL4_CPtr memory_untyped, first_slot, devices[DEVICES];
static seL4_Word window;
/* Capabilities to this program's code and constants, one for each address space's mapping. */
static seL4_CPtr text[FUZZ_SPACES][TEXT_PAGES];
static unsigned text_pages;

volatile fuzz_block_t *round_block(unsigned index)
{
    return (volatile fuzz_block_t *)(window + index * FUZZ_PAGE);
}

static seL4_CPtr make(seL4_Word type, seL4_Word size_bits)
{
    seL4_CPtr cap;

    must(u4_alloc_object(&memory, type, size_bits, &cap), "making an object of a round");
    return cap;
}

static seL4_CPtr copy(seL4_CPtr cap)
{
    seL4_CPtr slot = u4_alloc_slots(&memory, 1);

    must(seL4_CNode_Copy(CNODE, slot, DEPTH, CNODE, cap, DEPTH, seL4_AllRights),
         "copying a capability");
    return slot;
}

/* ---- Once ---- */

static void take_text(u4_alloc_t *boot_alloc)
{
    extern const char _start[];
    seL4_Word begin = (seL4_Word)_start & -(seL4_Word)FUZZ_PAGE;
    seL4_Word end = (seL4_Word)__tls_image + (seL4_Word)__tls_image_size;
    seL4_CPtr frames = seL4_GetBootInfo()->userImageFrames.start;

    text_pages = (unsigned)((end - begin + FUZZ_PAGE - 1) / FUZZ_PAGE);
    must(text_pages <= TEXT_PAGES && begin == 0x10000 ? seL4_NoError : seL4_RangeError,
         "finding the program's code");
    for (unsigned s = 0; s < FUZZ_SPACES; s++)
        for (unsigned i = 0; i < text_pages; i++) {
            text[s][i] = u4_alloc_slots(boot_alloc, 1);
            must(seL4_CNode_Copy(CNODE, text[s][i], DEPTH, CNODE, frames + i, DEPTH, seL4_CanRead),
                 "copying a frame of the program's code");
        }
}

/* Large blocks of addresses above the machine's memory: frames of it can be mapped, not used. */
static void take_devices(const u4_alloc_t *boot_alloc)
{
    unsigned found = 0;

    for (unsigned i = 0; i < boot_alloc->count && found < DEVICES; i++) {
        const u4_untyped_t *u = &boot_alloc->untyped[i];

        if (u->device && u->paddr > 0x100000000ull &&
            (found == 0 ? u->bits >= LARGE_DEVICE_BITS : u->bits == seL4_MaxUntypedBits))
            devices[found++] = u->cap;
    }
}

void round_init(u4_alloc_t *boot_alloc, u4_vspace_t *own, bool with_devices)
{
    own_space = own;
    take_text(boot_alloc);
    if (with_devices)
        take_devices(boot_alloc);
    must(u4_alloc_object(boot_alloc, seL4_UntypedObject, MEMORY_BITS, &memory_untyped),
         "taking the memory of the rounds");
    window = u4_vspace_window(own, FUZZ_BLOCKS);
    first_slot = u4_alloc_slots(boot_alloc, ROUND_SLOTS);
    maze_init(u4_alloc_slots(boot_alloc, MAZE_SLOTS));
    u4_alloc_init(&memory, CNODE, first_slot, first_slot + ROUND_SLOTS);
    (void)u4_alloc_add(&memory, memory_untyped, MEMORY_BITS);
}

/* ---- Making a round ---- */

static void map_text(const round_t *r, unsigned s)
{
    for (unsigned i = 0; i < text_pages; i++) {
        must(seL4_RISCV_Page_Unmap(text[s][i]), "unmapping code");
        must(seL4_RISCV_Page_Map(text[s][i], r->space[s], 0x10000 + i * FUZZ_PAGE, seL4_CanRead,
                                 seL4_RISCV_Default_VMAttributes),
             "mapping code");
    }
}

static void map_blocks(const round_t *r, unsigned s)
{
    for (unsigned i = 0; i < FUZZ_BLOCKS; i++) {
        must(seL4_RISCV_Page_Map(copy(r->frame[i]), r->space[s], fuzz_block(i), seL4_ReadWrite,
                                 seL4_RISCV_ExecuteNever),
             "mapping a block");
        must(seL4_RISCV_Page_Map(copy(r->buffer[i]), r->space[s], fuzz_buffer(i), seL4_ReadWrite,
                                 seL4_RISCV_ExecuteNever),
             "mapping a buffer");
    }
}

/* May fail: by now others may have a hand in the tables. */
static void map_ring(const round_t *r, unsigned s, unsigned i)
{
    (void)seL4_CNode_Copy(CNODE, r->ring_in[s][i], DEPTH, CNODE, r->ring[i], DEPTH, seL4_AllRights);
    (void)seL4_RISCV_Page_Map(r->ring_in[s][i], r->space[s], fuzz_ring(i), seL4_ReadWrite,
                              seL4_RISCV_ExecuteNever);
}

static void map_rings(round_t *r, unsigned s)
{
    for (unsigned i = 0; i < FUZZ_RINGS; i++) {
        r->ring_in[s][i] = u4_alloc_slots(&memory, 1);
        map_ring(r, s, i);
    }
}

void round_revoke_ring(round_t *r)
{
    unsigned i = (unsigned)random_below(&r->random, FUZZ_RINGS);

    (void)seL4_CNode_Revoke(CNODE, r->ring[i], DEPTH);
    for (unsigned s = 0; s < FUZZ_SPACES; s++)
        map_ring(r, s, i);
}

/* The first address space has an ASID of the supervisor's pool, the others one of the round's. */
static void make_spaces(round_t *r)
{
    r->asid_pool = u4_alloc_slots(&memory, 1);
    must(seL4_RISCV_ASIDControl_MakePool(seL4_CapASIDControl,
                                         make(seL4_UntypedObject, seL4_ASIDPoolBits), CNODE,
                                         r->asid_pool, DEPTH),
         "making an ASID pool");
    for (unsigned s = 0; s < FUZZ_SPACES; s++) {
        r->space[s] = make(seL4_RISCV_PageTableObject, 0);
        r->upper[s] = make(seL4_RISCV_PageTableObject, 0);
        r->lower[s] = make(seL4_RISCV_PageTableObject, 0);
        must(seL4_RISCV_ASIDPool_Assign(s == 0 ? seL4_CapInitThreadASIDPool : r->asid_pool,
                                        r->space[s]),
             "assigning an ASID");
        must(seL4_RISCV_PageTable_Map(r->upper[s], r->space[s], 0, 0), "mapping a table");
        must(seL4_RISCV_PageTable_Map(r->lower[s], r->space[s], 0, 0), "mapping a table");
        map_text(r, s);
        map_blocks(r, s);
        map_rings(r, s);
    }
}

static void make_blocks(round_t *r)
{
    for (unsigned i = 0; i < FUZZ_BLOCKS; i++) {
        volatile fuzz_block_t *b = round_block(i);

        r->frame[i] = make(seL4_RISCV_4K_Page, 0);
        r->buffer[i] = make(seL4_RISCV_4K_Page, 0);
        must(u4_vspace_map(own_space, copy(r->frame[i]), (seL4_Word)b, seL4_ReadWrite,
                           seL4_RISCV_ExecuteNever),
             "mapping a block");
        for (unsigned word = 0; word < FUZZ_PAGE / sizeof(uint64_t); word++)
            must(((volatile uint64_t *)b)[word] ? seL4_IllegalOperation : seL4_NoError,
                 "finding a new frame cleared");
        b->dice.random = random_next(&r->random);
        b->inverse = ~0ull;
        b->buffer = (seL4_IPCBuffer *)fuzz_buffer(i);
        b->self = i;
    }
    for (unsigned i = 0; i < FUZZ_RINGS; i++)
        r->ring[i] = make(seL4_RISCV_4K_Page, 0);
}

/* A copy in a pool's slot, unless something is there. */
static void place(seL4_CPtr pool, seL4_Word slot, seL4_CPtr cap, seL4_Word data)
{
    if (data)
        (void)seL4_CNode_Mint(pool, slot, FUZZ_POOL_BITS, CNODE, cap, DEPTH, seL4_AllRights, data);
    else
        (void)seL4_CNode_Copy(pool, slot, FUZZ_POOL_BITS, CNODE, cap, DEPTH, seL4_AllRights);
}

static seL4_Word first_of(fuzz_class_t class)
{
    return fuzz_ranges[class].first;
}

static void fill_pool(const round_t *r, seL4_CPtr pool)
{
    place(pool, NODE_POOL0, r->pool[0], 0);
    place(pool, NODE_POOL0_ROOT, r->pool[0], FUZZ_POOL_GUARD);
    place(pool, NODE_POOL1, r->pool[1], 0);
    place(pool, NODE_POOL1_ROOT, r->pool[1], FUZZ_POOL_GUARD);
    place(pool, NODE_TREE, r->tree, 0);
    place(pool, NODE_TREE_ROOT, r->tree, FUZZ_TREE_GUARD);
    place(pool, first_of(CLASS_ASID_CONTROL), seL4_CapASIDControl, 0);
    if (!r->domains)
        place(pool, first_of(CLASS_DOMAIN), seL4_CapDomain, 0);
    place(pool, first_of(CLASS_ASID_POOL), r->asid_pool, 0);
    for (unsigned i = 0; i < 2 * FUZZ_ENDPOINTS; i++)
        place(pool, first_of(CLASS_ENDPOINT) + i, r->endpoint[i % FUZZ_ENDPOINTS],
              i / FUZZ_ENDPOINTS * i);
    for (unsigned i = 0; i < 2 * FUZZ_NOTIFICATIONS; i++)
        place(pool, first_of(CLASS_NOTIFICATION) + i, r->notification[i % FUZZ_NOTIFICATIONS],
              i / FUZZ_NOTIFICATIONS * i);
    for (unsigned i = 0; i < FUZZ_WORKERS; i++)
        place(pool, first_of(CLASS_TCB) + i, r->tcb[i], 0);
    own_place(r, pool, place);
    for (unsigned i = 0; i < FUZZ_RINGS; i++)
        place(pool, first_of(CLASS_RING) + i, r->ring[i], 0);
    for (unsigned i = 0; i < FUZZ_BLOCKS; i++)
        place(pool, first_of(CLASS_FRAME) + i, r->buffer[i], 0);
    for (unsigned s = 0; s < FUZZ_SPACES; s++) {
        place(pool, first_of(CLASS_SPACE) + s, r->space[s], 0);
        place(pool, first_of(CLASS_TABLE) + s, r->lower[s], 0);
    }
}

/* Memory for what workers make; they get the only capability. */
static void give_memory(round_t *r)
{
    static const uint8_t sizes[] = {12, 12, 12, 12, 12, 12, 14, 14, 14, 14, 14,
                                    14, 16, 16, 16, 16, 18, 18, 21, 9,  10, 7};
    seL4_Word slot = first_of(CLASS_UNTYPED);

    for (unsigned i = 0; i < sizeof sizes; i++)
        must(seL4_CNode_Move(r->pool[i % 2], slot++, FUZZ_POOL_BITS, CNODE,
                             make(seL4_UntypedObject, sizes[i]), DEPTH),
             "giving memory away");
    for (unsigned i = 0; i < DEVICES; i++)
        if (devices[i])
            place(r->pool[i % 2], slot++, devices[i], 0);
}

static void give_interrupts(round_t *r)
{
    for (unsigned i = 0; i < fuzz_ranges[CLASS_IRQ].count; i++) {
        seL4_Word irq = 1 + random_below(&r->random, 95);

        if (irq != FUZZ_PRIVATE_IRQ)
            (void)seL4_IRQControl_Get(seL4_CapIRQControl, irq, r->pool[i % 2],
                                      first_of(CLASS_IRQ) + i, FUZZ_POOL_BITS);
    }
}

static void make_threads(round_t *r)
{
    for (unsigned i = 0; i < FUZZ_WORKERS; i++)
        r->tcb[i] = make(seL4_TCBObject, 0);
}

/* In either order: when all is revoked, what was made last goes first. */
static void make_objects(round_t *r)
{
    bool threads_first = random_chance(&r->random, 2);

    if (threads_first)
        make_threads(r);
    for (unsigned i = 0; i < 2; i++)
        r->pool[i] = make(seL4_CapTableObject, FUZZ_POOL_BITS);
    r->tree = make(seL4_CapTableObject, FUZZ_TREE_BITS);
    r->maze = make(seL4_UntypedObject, MAZE_MEMORY_BITS);
    for (unsigned i = 0; i < FUZZ_ENDPOINTS; i++)
        r->endpoint[i] = make(seL4_EndpointObject, 0);
    for (unsigned i = 0; i < FUZZ_NOTIFICATIONS; i++)
        r->notification[i] = make(seL4_NotificationObject, 0);
    own_make(r, make);
    if (!threads_first)
        make_threads(r);
    for (unsigned i = 0; i < 2; i++)
        must(seL4_CNode_Copy(r->tree, i, FUZZ_TREE_BITS, CNODE, r->pool[i], DEPTH, seL4_AllRights),
             "filling the tree");
    must(seL4_CNode_Copy(r->tree, 2, FUZZ_TREE_BITS, CNODE, r->tree, DEPTH, seL4_AllRights),
         "filling the tree");
}

static void renew(seL4_CPtr *cap, seL4_Word type)
{
    must(seL4_CNode_Revoke(CNODE, *cap, DEPTH), "revoking an object");
    must(seL4_CNode_Delete(CNODE, *cap, DEPTH), "deleting an object");
    *cap = make(type, 0);
}

void round_renew(round_t *r)
{
    unsigned worker = (unsigned)random_below(&r->random, FUZZ_WORKERS);

    if (!r->keeps || r->renewed == FUZZ_RENEWALS)
        return;
    r->renewed++;
    switch (random_below(&r->random, 3)) {
    case 0:
        renew(&r->endpoint[random_below(&r->random, FUZZ_ENDPOINTS)], seL4_EndpointObject);
        break;
    case 1:
        renew(&r->notification[random_below(&r->random, FUZZ_NOTIFICATIONS)],
              seL4_NotificationObject);
        break;
    default:
        renew(&r->tcb[worker], seL4_TCBObject);
        round_configure(r, worker);
        round_restart(r, worker);
    }
    round_repair(r);
}

void round_repair(round_t *r)
{
    if (!r->keeps)
        return;
    for (unsigned i = 0; i < 2; i++)
        fill_pool(r, r->pool[i]);
}

/* ---- Threads ---- */

void round_configure(round_t *r, unsigned worker)
{
    seL4_CPtr tcb = r->tcb[worker];
    seL4_Word where = random_below(&r->random, 4);
    seL4_CPtr cspace = where == 3 ? r->tree : r->pool[where & 1];
    seL4_Word guard = where == 3 ? FUZZ_TREE_GUARD : FUZZ_POOL_GUARD;
    seL4_Word priority = 50 + random_below(&r->random, 4) * 30;
    seL4_Word handler = random_below(&r->random, FUZZ_ENDPOINTS);
    u4_tcb_config_t config = {
        .cspace = cspace,
        .cspace_data = guard,
        .vspace = r->space[random_below(&r->random, FUZZ_SPACES)],
        .ipc_buffer = fuzz_buffer(worker),
        .ipc_frame = r->buffer[worker],
        .fault_ep = own_handler(first_of(CLASS_ENDPOINT) + handler, r->endpoint[handler]),
        .authority = seL4_CapInitThreadTCB,
        .mcp = 200,
        .priority = priority,
        .sched_context = r->sc[worker]};

    round_block(worker)->dice.tree = where == 3;
    own_configure(r, tcb, &config);
    if (r->domains)
        must(seL4_DomainSet_Set(seL4_CapDomain, (seL4_Uint8)random_below(&r->random, 2), tcb),
             "setting a worker's domain");
}

static void start(seL4_CPtr tcb, unsigned block)
{
    seL4_UserContext regs = {0};

    regs.pc = (seL4_Word)fuzz_worker;
    regs.sp = fuzz_block(block) + FUZZ_PAGE;
    regs.a0 = fuzz_block(block);
    __asm__("mv %0, gp" : "=r"(regs.gp));
    must(seL4_TCB_WriteRegisters(tcb, 1, 0, sizeof regs / sizeof(seL4_Word), &regs),
         "starting a thread");
}

void round_restart(round_t *r, unsigned worker)
{
    start(r->tcb[worker], worker);
}

/* Into the hermit's CNode, so that nobody else has it. */
static void move_in(seL4_CPtr cnode, seL4_Word slot, seL4_CPtr cap)
{
    must(seL4_CNode_Move(cnode, slot, FUZZ_HERMIT_BITS, CNODE, cap, DEPTH), "moving in");
}

static void fill_hermit(const round_t *r, seL4_CPtr cnode, unsigned block, seL4_CPtr space)
{
    const struct {
        seL4_Word slot;
        seL4_CPtr cap;
    } copies[] = {
        {HERMIT_POOL0, r->pool[0]},
        {HERMIT_SPACE, space},
        {HERMIT_BUFFER, r->buffer[block]},
        {HERMIT_ENDPOINT, r->endpoint[block % FUZZ_ENDPOINTS]},
        {HERMIT_NOTIFICATION, r->notification[0]},
    };

    for (unsigned i = 0; i < sizeof copies / sizeof copies[0]; i++)
        must(seL4_CNode_Copy(cnode, copies[i].slot, FUZZ_HERMIT_BITS, CNODE, copies[i].cap, DEPTH,
                             seL4_AllRights),
             "giving a hermit its capabilities");
}

void round_hermit(round_t *r)
{
    unsigned block = FUZZ_WORKERS + r->hermits % FUZZ_HERMIT_BLOCKS;
    seL4_CPtr space = r->space[random_below(&r->random, FUZZ_SPACES)];
    seL4_CPtr tcb, cnode;

    if (!r->keeps || r->hermits == FUZZ_HERMITS)
        return;
    r->hermits++;
    tcb = make(seL4_TCBObject, 0);
    cnode = make(seL4_CapTableObject, FUZZ_HERMIT_BITS);
    u4_tcb_config_t config = {.cspace = cnode,
                              .cspace_data = FUZZ_HERMIT_GUARD,
                              .vspace = space,
                              .ipc_buffer = fuzz_buffer(block),
                              .ipc_frame = r->buffer[block],
                              .fault_ep = own_handler(HERMIT_ENDPOINT, r->endpoint[0]),
                              .authority = seL4_CapInitThreadTCB,
                              .mcp = 200,
                              .priority = 140,
                              .sched_context = own_time(r, make)};
    own_configure(r, tcb, &config);
    fill_hermit(r, cnode, block, space);
    round_block(block)->dice.hermit = 1;
    start(tcb, block);
    move_in(cnode, HERMIT_UNTYPED, make(seL4_UntypedObject, seL4_PageBits));
    move_in(cnode, HERMIT_TCB, tcb);
    /* Its thread's CSpace may be all that is left of the CNode. */
    if (random_chance(&r->random, 2)) {
        must(seL4_CNode_Delete(CNODE, cnode, DEPTH), "deleting a hermit's CNode");
        return;
    }
    must(seL4_CNode_Mint(cnode, HERMIT_ROOT, FUZZ_HERMIT_BITS, CNODE, cnode, DEPTH, seL4_AllRights,
                         FUZZ_HERMIT_GUARD),
         "giving a hermit its CSpace");
    move_in(cnode, HERMIT_SELF, cnode);
}

/* From now on the objects are the workers' alone; what counts operations stays. */
static void give_up(round_t *r)
{
    const seL4_CPtr *caps[] = {r->tcb,    r->space,    r->upper,        r->lower,
                               r->buffer, r->endpoint, r->notification, &r->asid_pool,
                               &r->tree,  r->pool,     r->ring};
    static const uint8_t counts[] = {
        FUZZ_WORKERS,       FUZZ_SPACES, FUZZ_SPACES, FUZZ_SPACES, FUZZ_BLOCKS, FUZZ_ENDPOINTS,
        FUZZ_NOTIFICATIONS, 1,           1,           2,           FUZZ_RINGS};

    for (unsigned i = 0; i < sizeof counts; i++)
        for (unsigned j = 0; j < counts[i]; j++)
            must(seL4_CNode_Delete(CNODE, caps[i][j], DEPTH), "giving up an object");
    own_give_up(r);
}

void round_make(round_t *r, uint64_t seed)
{
    *r = (round_t){.random = seed};
    r->keeps = !random_chance(&r->random, 4);
    make_objects(r);
    r->domains = seL4_DomainSet_Set(seL4_CapDomain, 1, r->tcb[0]) == seL4_NoError;
    make_blocks(r);
    make_spaces(r);
    for (unsigned i = 0; i < 2; i++)
        fill_pool(r, r->pool[i]);
    give_memory(r);
    give_interrupts(r);
}

void round_begin(round_t *r, uint64_t seed)
{
    round_make(r, seed);
    for (unsigned i = 0; i < FUZZ_WORKERS; i++) {
        round_configure(r, i);
        round_restart(r, i);
    }
    if (!r->keeps)
        give_up(r);
}

/* In one go, or with some of it taken apart before. */
void round_end(round_t *r)
{
    if (r->keeps && random_chance(&r->random, 2))
        for (unsigned i = 0; i < FUZZ_WORKERS; i++)
            must(seL4_TCB_Suspend(r->tcb[i]), "stopping a worker");
    if (r->keeps && random_chance(&r->random, 2))
        for (unsigned i = 0; i < 2; i++)
            must(seL4_CNode_Delete(CNODE, r->pool[i], DEPTH), "deleting a pool");
    for (unsigned i = 0; i < DEVICES; i++)
        if (devices[i])
            must(seL4_CNode_Revoke(CNODE, devices[i], DEPTH), "revoking device memory");
    must(seL4_CNode_Revoke(CNODE, memory_untyped, DEPTH), "revoking the memory of a round");
    u4_alloc_reset(&memory, first_slot);
}
