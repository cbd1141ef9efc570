/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's state as of one moment, read out of a guest's memory by the kernel's own inspect
 * table (abi/u4/inspect.h): threads, capabilities with their derivation, endpoints and
 * notifications, address spaces. Any source will do (a RAM file, a GDB stub, a core, a snapshot
 * in a trace file); of a guest that runs, what is read may contradict itself, so pause it first.
 *
 * Nothing in guest memory is believed: each address is checked before it is followed, each walk
 * has an end, and what is wrong is told in `problems` and left out. All addresses are physical;
 * their low 32 bits are the references that events carry.
 */
#ifndef U4TRACE_STATE_H
#define U4TRACE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "u4trace/error.h"
#include "trace/ids.h"
#include "u4trace/kernel.h"
#include "u4trace/model.h"
#include "u4trace/source.h"

#define STATE_NONE UINT32_MAX /* in place of an index: there is none */

enum { STATE_NAME_MAX = 64, STATE_MAX_PROBLEMS = 32 };

/* Rights of endpoint and notification capabilities. */
enum {
    STATE_RIGHT_SEND = 1,
    STATE_RIGHT_RECEIVE = 2,
    STATE_RIGHT_GRANT = 4,
    STATE_RIGHT_GRANT_REPLY = 8,
};

/* Of frames. */
enum { STATE_FRAME_READ = 1, STATE_FRAME_WRITE = 2 };

typedef struct {
    uint64_t object; /* address of what it stands for; interrupt number; 0: nothing */
    uint64_t size;   /* bytes of the object, 0: none */
    uint64_t badge;  /* endpoint, notification: badge; CNode: guard */
    uint64_t used;   /* Untyped: bytes handed out; zombie: slots left */
    uint64_t vaddr;  /* frame, page table: where it is mapped */
    uint64_t words[2];
    uint16_t asid; /* frame, page table: of the address space it is mapped in; 0: unmapped */
    uint8_t type;  /* TRACE_CAPTYPE_*, or a number that this tool does not know */
    uint8_t rights;
    uint8_t radix, guard_size; /* CNode */
    bool device;               /* Untyped, frame */
    bool master, grant;        /* reply */
} state_cap_t;

/* An occupied slot. */
typedef struct {
    state_cap_t cap;
    uint64_t address;
    uint64_t prev, next; /* addresses of its neighbours in the derivation list; 0: none */
    uint32_t table;      /* index in `tables` */
    uint32_t number;     /* in that table */
    /* The derivation tree, by index in `slots`. */
    uint32_t parent, first_child, next_sibling;
    uint32_t depth;     /* 0: a root of the tree */
    uint32_t next_same; /* the next slot with a capability to the same object */
    bool revocable, first_badged;
} state_slot_t;

typedef enum {
    STATE_TABLE_CNODE,
    STATE_TABLE_THREAD, /* the slots in a TCB */
    STATE_TABLE_IRQ,    /* interrupt handlers' notifications */
    STATE_TABLE_DYING,  /* a TCB or CNode that is being deleted */
    STATE_TABLE_LOOSE,  /* one slot that only the derivation list leads to */
} state_table_kind_t;

/* Slots in a row. Its occupied ones are `slots` [first_slot, first_slot + occupied), ascending. */
typedef struct {
    uint64_t address;
    uint32_t count; /* slots */
    uint32_t first_slot, occupied;
    uint32_t thread; /* THREAD: index in `threads` */
    state_table_kind_t kind;
} state_table_t;

/* A thread's own slots, in the kernel's order. */
enum {
    STATE_SLOT_CSPACE,
    STATE_SLOT_VSPACE,
    STATE_SLOT_REPLY,
    STATE_SLOT_CALLER,
    STATE_SLOT_BUFFER,
    STATE_THREAD_SLOTS,
};

typedef struct {
    uint64_t address;
    char name[STATE_NAME_MAX]; /* "" if it has none */
    thread_state_t state;      /* in the model's terms: RUNNING only if current on a hart */
    uint32_t hart;             /* that it belongs to */
    uint8_t priority, mcp, domain;
    bool idle;
    bool is_call;           /* it sends and waits for a reply */
    uint64_t pc, sp;        /* where it goes on */
    uint64_t badge;         /* of the capability that it sends over */
    uint64_t blocked_on;    /* endpoint or notification; 0: none */
    uint64_t queue_next;    /* thread behind it in that one's queue; 0: none */
    uint64_t bound;         /* notification; 0: none */
    uint64_t fault_handler; /* capability pointer */
    uint64_t buffer;        /* user address of its IPC buffer */
    uint64_t fault;         /* fault_kind value; 0: none */
    uint64_t fault_address;
    uint32_t slots[STATE_THREAD_SLOTS]; /* index in `slots`; STATE_NONE: empty */
    uint64_t vspace;                    /* root page table; 0: none */
    uint64_t caller;                    /* who waits for its reply; 0: nobody */
} state_thread_t;

/* An endpoint or notification, and who waits on it. */
typedef struct {
    uint64_t address;
    uint8_t type; /* TRACE_CAPTYPE_ENDPOINT, _NOTIFICATION */
    bool sending; /* endpoint: those who wait want to send */
    bool active;  /* notification: `badges` wait to be received */
    uint64_t badges;
    uint64_t bound;          /* notification: thread; 0: none */
    uint32_t first, waiting; /* `waiters` [first, first + waiting): in the queue's order */
    uint32_t slot;           /* first slot with a capability to it; next_same leads to the others */
} state_queue_t;

/* A page of an address space. */
typedef struct {
    uint64_t vaddr, paddr;
    uint8_t size_bits; /* 12, 21, 30 */
    uint8_t flags;     /* of the page table entry, from bit 0: V R W X U G A D */
} state_mapping_t;

typedef struct {
    uint64_t root;            /* root page table */
    uint16_t asid;            /* 0: none */
    uint32_t first, mappings; /* `mappings` [first, first + mappings): by address */
} state_space_t;

typedef struct {
    uint64_t current, idle; /* threads; 0: none */
    uint32_t id;            /* the hart's number */
} state_hart_t;

typedef struct state {
    state_thread_t *threads; /* oldest first; idle threads at the end */
    uint32_t thread_count;
    state_table_t *tables;
    uint32_t table_count;
    state_slot_t *slots;
    uint32_t slot_count;
    state_queue_t *queues; /* by address */
    uint32_t queue_count;
    uint64_t *waiters; /* threads */
    uint32_t waiter_count;
    state_space_t *spaces; /* by root */
    uint32_t space_count;
    state_mapping_t *mappings;
    uint32_t mapping_count;
    state_hart_t *harts;
    uint32_t hart_count;
    bool debug, mcs, smp; /* what the kernel was built as */
    uint64_t bytes_read;
    uint32_t problem_count; /* all; the first STATE_MAX_PROBLEMS are kept */
    char *problems[STATE_MAX_PROBLEMS];
    struct state_private *private;
} state_t;

/* Where the inspect table lies: at the kernel's symbol u4_inspect or, without a kernel, by a
 * search of the source. */
bool state_find_table(source_t *source, const kernel_t *kernel, uint64_t *paddr, u4_error_t *err);

/* Reads everything. Fails only if there is no usable inspect table at `table` or if the kernel
 * has not come up yet. */
state_t *state_read(source_t *source, uint64_t table, u4_error_t *err);
void state_free(state_t *state);

/* ---- looking things up: NULL or STATE_NONE if there is no such thing ---- */

const state_thread_t *state_thread(const state_t *state, uint64_t address);
const state_queue_t *state_queue(const state_t *state, uint64_t address);
const state_space_t *state_space(const state_t *state, uint64_t root);
const state_table_t *state_table(const state_t *state, uint64_t address);
uint32_t state_slot(const state_t *state, uint64_t address);

/* The first of all slots with a capability to the object at an address (any type, but not
 * interrupt handlers); state->slots[i].next_same leads on. */
uint32_t state_holder(const state_t *state, uint64_t object);

/* ---- capability spaces ---- */

typedef struct {
    uint32_t slot;      /* index in `slots` */
    uint64_t cptr;      /* capability pointer that leads there, all 64 bits resolved */
    uint32_t bits_left; /* not yet resolved: 0 except in CNodes on the way */
    uint32_t level;     /* 0: in the root CNode */
} state_place_t;

/* Calls `visit` for each occupied slot that a CSpace reaches, in order, CNodes before what is in
 * them; a CNode is not entered again below itself. Stops when visit returns false. */
typedef bool state_visit_fn(void *context, const state_t *state, const state_place_t *place);
void state_walk_cspace(const state_t *state, const state_cap_t *root, state_visit_fn *visit,
                       void *context);

/* What a capability pointer of a CSpace names: index in `slots`, STATE_NONE if nothing. */
uint32_t state_lookup(const state_t *state, const state_cap_t *root, uint64_t cptr);

/* ---- words: appended to a bounded buffer as in format.h ---- */

/* "endpoint 0x80a01000 rwgp badge 0x3" */
char *state_format_cap(char *at, const char *end, const state_t *state, const state_cap_t *cap);
/* "fs.cspace", "cnode 0x80a04000[5]", "irq 9" */
char *state_format_place(char *at, const char *end, const state_t *state, uint32_t slot);
/* A thread's name, else "tcb@80a03000". */
char *state_format_thread(char *at, const char *end, const state_t *state, uint64_t address);

/* "endpoint", "frame" ...; NULL if the number is unknown. */
const char *state_cap_type_name(uint8_t type);

#endif
