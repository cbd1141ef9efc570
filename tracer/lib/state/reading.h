/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the state reader share: the layouts that it looks at, resolved once by name,
 * checked reads, and the places where results are collected.
 */
#ifndef TRACER_READING_H
#define TRACER_READING_H

#include "addrmap.h"
#include "inspect.h"
#include "u4trace/state.h"

/* Limits that only damaged memory reaches. */
enum {
    STATE_MAX_THREADS = 1 << 16,
    STATE_MAX_SLOTS = 1 << 21,
    STATE_MAX_MAPPINGS = 1 << 21,
    STATE_MAX_RADIX = 28,
};

/* NAME, structure, field. One that a kernel lacks reads as 0. */
#define STATE_FIELDS(F) \
    F(CAP_W0, "cap", "w0") \
    F(CAP_W1, "cap", "w1") \
    F(SLOT_PREV, "slot", "prev") \
    F(SLOT_NEXT, "slot", "next") \
    F(FAULT_TYPE, "fault", "type") \
    F(FAULT_CAP_ADDRESS, "fault", "cap_address") \
    F(FAULT_SYSCALL, "fault", "syscall") \
    F(FAULT_NUMBER, "fault", "exception_number") \
    F(FAULT_VM_ADDRESS, "fault", "vm_address") \
    F(TCB_REGS, "tcb", "regs") \
    F(TCB_HART, "tcb", "hart") \
    F(TCB_STATE, "tcb", "state") \
    F(TCB_PRIORITY, "tcb", "priority") \
    F(TCB_MCP, "tcb", "mcp") \
    F(TCB_DOMAIN, "tcb", "domain") \
    F(TCB_IS_CALL, "tcb", "is_call") \
    F(TCB_BADGE, "tcb", "badge") \
    F(TCB_BLOCKED_ON, "tcb", "blocked_on") \
    F(TCB_EP_NEXT, "tcb", "ep_next") \
    F(TCB_BOUND, "tcb", "bound") \
    F(TCB_FAULT, "tcb", "fault") \
    F(TCB_FAULT_HANDLER, "tcb", "fault_handler") \
    F(TCB_BUFFER, "tcb", "buffer") \
    F(TCB_SLOTS, "tcb", "slots") \
    F(TCB_ALL_NEXT, "tcb", "all_next") \
    F(TCB_NAME, "tcb", "name") \
    F(ENDPOINT_HEAD, "endpoint", "head") \
    F(NOTIFICATION_HEAD, "notification", "head") \
    F(NOTIFICATION_BADGES, "notification", "badges") \
    F(NOTIFICATION_BOUND, "notification", "bound") \
    F(ASID_POOL_ROOT, "asid_pool", "root") \
    F(HART_CURRENT, "hart", "current") \
    F(HART_IDLE, "hart", "idle") \
    F(HART_CORE, "hart", "core")

enum state_field {
#define FIELD(name, structure, field) S_##name,
    STATE_FIELDS(FIELD)
#undef FIELD
        STATE_FIELD_COUNT
};

/* NAME, capability, bit field. */
#define STATE_BITS(F) \
    F(UNTYPED_DEVICE, "untyped", "device") \
    F(UNTYPED_SIZE, "untyped", "size_bits") \
    F(UNTYPED_FREE, "untyped", "free_index") \
    F(ENDPOINT_RIGHTS, "endpoint", "rights") \
    F(ENDPOINT_BADGE, "endpoint", "badge") \
    F(NOTIFICATION_RIGHTS, "notification", "rights") \
    F(NOTIFICATION_BADGE, "notification", "badge") \
    F(REPLY_MASTER, "reply", "master") \
    F(REPLY_GRANT, "reply", "grant") \
    F(CNODE_RADIX, "cnode", "radix") \
    F(CNODE_GUARD_SIZE, "cnode", "guard_size") \
    F(CNODE_GUARD, "cnode", "guard") \
    F(IRQ_HANDLER_IRQ, "irq_handler", "irq") \
    F(ZOMBIE_KIND, "zombie", "kind") \
    F(ZOMBIE_LEFT, "zombie", "left") \
    F(FRAME_DEVICE, "frame", "device") \
    F(FRAME_SIZE, "frame", "size") \
    F(FRAME_RIGHTS, "frame", "rights") \
    F(FRAME_ASID, "frame", "asid") \
    F(FRAME_VADDR, "frame", "vaddr") \
    F(PAGE_TABLE_ASID, "page_table", "asid") \
    F(PAGE_TABLE_VADDR, "page_table", "vaddr") \
    F(ASID_POOL_FIRST, "asid_pool", "first")

enum state_bits {
#define BITS(name, cap, field) B_##name,
    STATE_BITS(BITS)
#undef BITS
        STATE_BITS_COUNT
};

/* NAME, enum, value. */
#define STATE_VALUES(F) \
    F(THREAD_RUNNING, "thread_state", "running") \
    F(THREAD_RESTART, "thread_state", "restart") \
    F(THREAD_RECV, "thread_state", "blocked_recv") \
    F(THREAD_SEND, "thread_state", "blocked_send") \
    F(THREAD_REPLY, "thread_state", "blocked_reply") \
    F(THREAD_NTFN, "thread_state", "blocked_ntfn") \
    F(THREAD_IDLE, "thread_state", "idle") \
    F(EP_SEND, "endpoint_state", "send") \
    F(NTFN_ACTIVE, "notification_state", "active")

enum state_value {
#define VALUE(name, of, value) V_##name,
    STATE_VALUES(VALUE)
#undef VALUE
        STATE_VALUE_COUNT
};

typedef struct {
    uint32_t offset, element, count; /* count 0: the kernel has no such field */
} state_layout_t;

typedef struct {
    uint64_t mask;
    uint8_t word, low;
} state_bit_t;

struct state_private {
    inspect_t inspect;
    source_t *source; /* only while reading */
    state_layout_t fields[STATE_FIELD_COUNT];
    state_bit_t bits[STATE_BITS_COUNT];
    uint64_t values[STATE_VALUE_COUNT]; /* UINT64_MAX: none */
    uint64_t window, window_top, image_start, image_end, image, image_phys;
    uint64_t zombie_tcb, slot_flags, slot_revocable, slot_first_badged, user_top;
    unsigned slot_bits, tcb_bits, endpoint_bits, notification_bits, page_table_bits, asid_pool_bits,
        min_untyped_bits, type_shift, ptr_bits;
    uint32_t tcb_size, slot_size;
    addrmap_t thread_at, table_at, slot_at, queue_at, space_at, holder_at;
    uint32_t thread_room, table_room, slot_room, queue_room, waiter_room, space_room, mapping_room;
};

/* layout.c: resolves all of that. False: the table lacks what nothing can be read without. */
bool state_bind(state_t *state, u4_error_t *err);
const u4_inspect_entry_t *state_symbol(const state_t *state, const char *name);

/* Element `index` of a field of the structure whose bytes are at `raw`. */
uint64_t state_get(const state_t *state, enum state_field field, const uint8_t *raw,
                   uint32_t index);

/* Physical address of a kernel virtual one; false if it is none. */
bool state_phys(const state_t *state, uint64_t vaddr, uint64_t *paddr);
/* Both at once: the pointer in a field; 0 if it is null or no kernel address. */
uint64_t state_pointer(state_t *state, enum state_field field, const uint8_t *raw);

bool state_read_bytes(state_t *state, uint64_t paddr, void *to, size_t length);
void state_problem(state_t *state, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Room for one element more in *items; returns it, zeroed. */
void *state_append(void **items, uint32_t *count, uint32_t *room, size_t size);

/* The stages of reading, in order; each in its own file. */
void state_read_threads(state_t *state); /* threads, harts */
void state_read_slots(state_t *state);   /* tables, slots */
void state_link_slots(state_t *state);   /* derivation, holders, threads' own slots */
void state_read_queues(state_t *state);  /* endpoints, notifications */
void state_read_spaces(state_t *state);  /* address spaces */

/* caps.c */
void state_decode_cap(const state_t *state, uint64_t w0, uint64_t w1, state_cap_t *cap);
bool state_same_region(const state_cap_t *a, const state_cap_t *b);

#endif
