/* SPDX-License-Identifier: BSD-2-Clause */
#include "state_sim.h"

#include <stdlib.h>
#include <string.h>

#include "abi/u4/inspect.h"
#include "trace/ids.h"

#define WINDOW 0xffffffc000000000ull
#define VIRT(offset) (WINDOW + SOURCE_RAM_BASE + (offset))

enum { TCB_SIZE = 512, SLOT = 32, VARIABLES = 0x7000, STRINGS = 4096 };

/* In the simulated TCB. */
enum {
    T_PC = 0,
    T_SP = 16,
    T_STATE = 32,
    T_PRIORITY = 40,
    T_IS_CALL = 48,
    T_BLOCKED = 56,
    T_EP_NEXT = 64,
    T_ALL_NEXT = 72,
    T_NAME = 80,
    T_SLOTS = 128
};

typedef struct {
    uint8_t *table;
    uint32_t entries, strings;
} builder_t;

static uint16_t add_name(builder_t *b, const char *name)
{
    char *strings =
        (char *)b->table + sizeof(u4_inspect_header_t) + 128 * sizeof(u4_inspect_entry_t);
    uint16_t at = (uint16_t)b->strings;
    strcpy(strings + at, name);
    b->strings += (uint32_t)strlen(name) + 1;
    return at;
}

static void add(builder_t *b, uint8_t kind, const char *name, uint64_t value, uint32_t size,
                uint32_t count)
{
    u4_inspect_entry_t entry = {
        .kind = kind, .name = add_name(b, name), .value = value, .size = size, .count = count};
    memcpy(b->table + sizeof(u4_inspect_header_t) + b->entries++ * sizeof(entry), &entry,
           sizeof(entry));
}

static void add_structs(builder_t *b)
{
    add(b, U4_INSPECT_STRUCT, "cap", 0, 16, 1);
    add(b, U4_INSPECT_FIELD, "w0", 0, 8, 1);
    add(b, U4_INSPECT_FIELD, "w1", 8, 8, 1);
    add(b, U4_INSPECT_STRUCT, "slot", 0, SLOT, 1);
    add(b, U4_INSPECT_FIELD, "cap", 0, 16, 1);
    add(b, U4_INSPECT_FIELD, "prev", 16, 8, 1);
    add(b, U4_INSPECT_FIELD, "next", 24, 8, 1);
    add(b, U4_INSPECT_STRUCT, "tcb", 0, TCB_SIZE, 1);
    add(b, U4_INSPECT_FIELD, "regs", T_PC, 32, 4);
    add(b, U4_INSPECT_FIELD, "state", T_STATE, 8, 1);
    add(b, U4_INSPECT_FIELD, "priority", T_PRIORITY, 8, 1);
    add(b, U4_INSPECT_FIELD, "is_call", T_IS_CALL, 1, 1);
    add(b, U4_INSPECT_FIELD, "blocked_on", T_BLOCKED, 8, 1);
    add(b, U4_INSPECT_FIELD, "ep_next", T_EP_NEXT, 8, 1);
    add(b, U4_INSPECT_FIELD, "all_next", T_ALL_NEXT, 8, 1);
    add(b, U4_INSPECT_FIELD, "name", T_NAME, 32, 32);
    add(b, U4_INSPECT_FIELD, "slots", T_SLOTS, 5 * SLOT, 5);
    add(b, U4_INSPECT_STRUCT, "endpoint", 0, 16, 1);
    add(b, U4_INSPECT_FIELD, "head", 0, 8, 1);
    add(b, U4_INSPECT_STRUCT, "hart", 0, 16, 1);
    add(b, U4_INSPECT_FIELD, "current", 0, 8, 1);
}

static void add_rest(builder_t *b)
{
    add(b, U4_INSPECT_CONST, "phys_window", WINDOW, 0, 0);
    add(b, U4_INSPECT_CONST, "phys_window_top", WINDOW + (1ull << 37), 0, 0);
    add(b, U4_INSPECT_CONST, "slot_bits", 5, 0, 0);
    add(b, U4_INSPECT_CONST, "cap_type_shift", 59, 0, 0);
    add(b, U4_INSPECT_CONST, "cap_ptr_bits", 39, 0, 0);
    add(b, U4_INSPECT_CONST, "slot_flags", 3, 0, 0);
    add(b, U4_INSPECT_CONST, "slot_revocable", 1, 0, 0);
    add(b, U4_INSPECT_CONST, "slot_first_badged", 2, 0, 0);
    add(b, U4_INSPECT_ENUM, "thread_state", 0, 0, 0);
    add(b, U4_INSPECT_VALUE, "running", 1, 0, 0);
    add(b, U4_INSPECT_VALUE, "blocked_recv", 3, 0, 0);
    add(b, U4_INSPECT_VALUE, "blocked_reply", 5, 0, 0);
    add(b, U4_INSPECT_CAP, "untyped", TRACE_CAPTYPE_UNTYPED, 0, 0);
    add(b, U4_INSPECT_BITS, "size_bits", 52, 6, 0);
    add(b, U4_INSPECT_CAP, "endpoint", TRACE_CAPTYPE_ENDPOINT, 0, 0);
    add(b, U4_INSPECT_BITS, "rights", 55, 4, 0);
    add(b, U4_INSPECT_BITS, "badge", 0, 64, 1);
    add(b, U4_INSPECT_CAP, "cnode", TRACE_CAPTYPE_CNODE, 0, 0);
    add(b, U4_INSPECT_BITS, "radix", 53, 6, 0);
    add(b, U4_INSPECT_BITS, "guard_size", 47, 6, 0);
    add(b, U4_INSPECT_BITS, "guard", 0, 64, 1);
    add(b, U4_INSPECT_SYMBOL, "tcb_all_head", VIRT(VARIABLES), 8, 1);
    add(b, U4_INSPECT_SYMBOL, "harts", VIRT(VARIABLES + 16), 16, 1);
    add(b, U4_INSPECT_SYMBOL, "num_harts", VIRT(VARIABLES + 8), 8, 1);
}

static void put(uint8_t *memory, uint64_t offset, uint64_t value)
{
    memcpy(memory + offset, &value, sizeof(value));
}

static uint64_t cap(uint64_t type, uint64_t fields, uint64_t offset)
{
    return type << 59 | fields | (VIRT(offset) & ((1ull << 39) - 1));
}

static void put_slot(uint8_t *memory, uint64_t offset, uint64_t w0, uint64_t w1, uint64_t prev,
                     uint64_t next, uint64_t flags)
{
    put(memory, offset, w0);
    put(memory, offset + 8, w1);
    put(memory, offset + 16, prev ? VIRT(prev) : 0);
    put(memory, offset + 24, (next ? VIRT(next) : 0) | flags);
}

static void put_thread(uint8_t *memory, uint64_t at, const char *name, uint64_t state,
                       uint64_t next)
{
    put(memory, at + T_PC, 0x10000 + at);
    put(memory, at + T_STATE, state);
    put(memory, at + T_PRIORITY, 100);
    put(memory, at + T_ALL_NEXT, next ? VIRT(next) : 0);
    strcpy((char *)memory + at + T_NAME, name);
    put_slot(memory, at + T_SLOTS,
             cap(TRACE_CAPTYPE_CNODE, 3ull << 53 | 61ull << 47, STATE_SIM_CNODE), 0, 0, 0, 0);
    put_slot(memory, at + T_SLOTS + SLOT, cap(TRACE_CAPTYPE_PAGE_TABLE, 0, STATE_SIM_ROOT), 0, 0, 0,
             0);
}

/* Untyped -> endpoint -> a badged copy, in a list; all in the CNode. */
static void put_caps(uint8_t *memory)
{
    const uint64_t slot = STATE_SIM_CNODE;
    put_slot(memory, slot + SLOT, cap(TRACE_CAPTYPE_UNTYPED, 13ull << 52, 0x2000), 0, 0,
             slot + 2 * SLOT, 3);
    put_slot(memory, slot + 2 * SLOT, cap(TRACE_CAPTYPE_ENDPOINT, 15ull << 55, STATE_SIM_ENDPOINT),
             0, slot + SLOT, slot + 5 * SLOT, 3);
    put_slot(memory, slot + 5 * SLOT, cap(TRACE_CAPTYPE_ENDPOINT, 1ull << 55, STATE_SIM_ENDPOINT),
             7, slot + 2 * SLOT, 0, 3);
    put(memory, STATE_SIM_ENDPOINT, VIRT(STATE_SIM_WAITER) | 2);
}

static void put_tables(uint8_t *memory)
{
    const uint64_t middle = STATE_SIM_ROOT + 0x1000, leaf = STATE_SIM_ROOT + 0x2000;
    put(memory, STATE_SIM_ROOT, (SOURCE_RAM_BASE + middle) >> 12 << 10 | 1);
    put(memory, middle, (SOURCE_RAM_BASE + leaf) >> 12 << 10 | 1);
    put(memory, leaf + 8 * 16, 0x80001ull << 10 | 0x1f);
    put(memory, leaf + 8 * 17, 0x80002ull << 10 | 0x17);
}

void state_sim_fill(uint8_t memory[STATE_SIM_SIZE])
{
    builder_t b = {.table = memory + STATE_SIM_TABLE, .strings = 1};
    memset(memory, 0, STATE_SIM_SIZE);
    add_structs(&b);
    add_rest(&b);
    u4_inspect_header_t header = {
        .magic = U4_INSPECT_MAGIC,
        .version = U4_INSPECT_VERSION,
        .entry_size = sizeof(u4_inspect_entry_t),
        .entries = b.entries,
        .entries_offset = sizeof(header),
        .strings_offset = sizeof(header) + 128 * sizeof(u4_inspect_entry_t),
    };
    header.size = header.strings_offset + b.strings;
    memcpy(b.table, &header, sizeof(header));
    put_thread(memory, STATE_SIM_WAITER, "waiter", 3, STATE_SIM_SERVER);
    put_thread(memory, STATE_SIM_SERVER, "server", 1, STATE_SIM_CLIENT);
    put_thread(memory, STATE_SIM_CLIENT, "client", 5, 0);
    put(memory, STATE_SIM_WAITER + T_BLOCKED, VIRT(STATE_SIM_ENDPOINT));
    put_slot(memory, STATE_SIM_SERVER + T_SLOTS + 3 * SLOT,
             cap(TRACE_CAPTYPE_REPLY, 0, STATE_SIM_CLIENT), 0, 0, 0, 0);
    put_caps(memory);
    put_tables(memory);
    put(memory, VARIABLES, VIRT(STATE_SIM_WAITER));
    put(memory, VARIABLES + 8, 1);
    put(memory, VARIABLES + 16, VIRT(STATE_SIM_SERVER));
}

typedef struct {
    source_t source;
    uint8_t *memory;
} sim_source_t;

static void *sim_map(source_t *source, uint64_t paddr, size_t length)
{
    uint64_t offset = paddr - SOURCE_RAM_BASE;
    bool inside = offset <= STATE_SIM_SIZE && length <= STATE_SIM_SIZE - offset;
    return inside ? ((sim_source_t *)source)->memory + offset : NULL;
}

static bool sim_read(source_t *source, uint64_t paddr, void *to, size_t length)
{
    const void *from = sim_map(source, paddr, length);
    if (from) {
        memcpy(to, from, length);
    }
    return from;
}

static bool sim_extent(source_t *source, uint64_t from, uint64_t *start, uint64_t *length)
{
    (void)source;
    *start = SOURCE_RAM_BASE;
    *length = STATE_SIM_SIZE;
    return from < SOURCE_RAM_BASE + STATE_SIM_SIZE && from <= SOURCE_RAM_BASE;
}

static void sim_close(source_t *source)
{
    free(source);
}

source_t *state_sim_source(uint8_t *memory)
{
    static const source_ops_t ops = {.kind = "memory",
                                     .read = sim_read,
                                     .map = sim_map,
                                     .extent = sim_extent,
                                     .close = sim_close};
    static char name[] = "memory";
    sim_source_t *sim = calloc(1, sizeof(*sim));
    sim->source = (source_t){.ops = &ops, .name = name};
    sim->memory = memory;
    return &sim->source;
}
