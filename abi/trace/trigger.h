/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Triggers: what the kernel does by itself when an event with given fields is emitted. A table of
 * TRACE_TRIGGERS of them lies trigger_offset bytes behind the trace header (layout.h); hosts,
 * debuggers and, through the trace capability, programs fill them in; docs/tracing.md explains.
 *
 * Who arms one: fills it in while its state is OFF or FIRED, stores ARMED last, then adds 1 to the
 * header's `changes`. The kernel takes it over as it takes over masks, and turns its event on.
 * While any is armed each record is looked at behind the ring's protocol; none costs nothing.
 */
#ifndef ABI_TRACE_TRIGGER_H
#define ABI_TRACE_TRIGGER_H

#include "abi/trace/layout.h"

enum { TRACE_TRIGGERS = 8, TRACE_CONDITIONS = 4 };

enum trace_trigger_state {
    TRACE_TRIGGER_OFF = 0,
    TRACE_TRIGGER_ARMED = 1,    /* looks for its event */
    TRACE_TRIGGER_COUNTING = 2, /* found it; `left` records to go until it acts */
    TRACE_TRIGGER_FIRED = 3,    /* has acted; off unless TRACE_TRIGGER_REPEAT */
};

/* What it does, any of them together, in this order. */
enum trace_trigger_action {
    /* without any: only counts, in `fired` */
    TRACE_TRIGGER_MARK = 1,    /* remember the time under its key, for another one's `since` */
    TRACE_TRIGGER_MASK = 2,    /* harts' masks = (mask & ~clear) | set */
    TRACE_TRIGGER_FREEZE = 4,  /* all masks, those of user rings too, become 0 */
    TRACE_TRIGGER_STOP = 8,    /* call u4_trace_stop(): a debugger has a breakpoint there */
    TRACE_TRIGGER_HOLD = 16,   /* wait, in the kernel, until the host stores 0 to header.held */
    TRACE_TRIGGER_REPEAT = 32, /* armed again afterwards */
};

enum trace_op {
    TRACE_OP_EQ = 0, /* comparisons are unsigned */
    TRACE_OP_NE = 1,
    TRACE_OP_LT = 2,
    TRACE_OP_GE = 3,
    TRACE_OP_ANY = 4,  /* has any of the bits of `value` */
    TRACE_OP_NONE = 5, /* has none of them */
};

/* Where a field lies in a record seen as four words of 64 bits, and what is asked of it: the
 * field is word >> shift & mask. */
typedef struct {
    uint64_t mask;
    uint64_t value;
    uint8_t word;  /* 0..3: time, head and thread, ab, cd */
    uint8_t shift; /* 0..63 */
    uint8_t op;    /* enum trace_op; a key has none */
    uint8_t reserved[5];
} trace_condition_t;

typedef struct {
    /* Written by who arms it. */
    uint32_t state;      /* enum trace_trigger_state */
    uint16_t event;      /* id, 0: any. ipc.reply_wait is seen as the transfer and block it is */
    uint16_t actions;    /* TRACE_TRIGGER_* */
    uint32_t skip;       /* matches that do nothing first */
    uint32_t after;      /* records, of all harts, from the match until it acts */
    uint32_t since;      /* 1 + index of a trigger that marks, 0: none: matches only if it */
    uint32_t conditions; /*   marked the same key, for the last time more than `ticks` ago */
    uint64_t ticks;
    trace_condition_t key; /* mask 0: no key, one mark for all */
    trace_condition_t condition[TRACE_CONDITIONS];
    uint64_t clear[TRACE_MASK_WORDS], set[TRACE_MASK_WORDS];
    /* Written by the kernel. */
    uint64_t fired;        /* how often it has acted since it was armed */
    uint64_t matched;      /* how often event and conditions did */
    uint64_t position;     /* of the last match: number in its hart's ring */
    trace_record_t record; /* ... and the record */
    uint32_t hart;
    uint32_t left;
} trace_trigger_t;

_Static_assert(sizeof(trace_trigger_t) == 280, "trigger layout");

/* What U4TraceSetTrigger's message carries: the words before `fired`. */
#define TRACE_TRIGGER_WORDS (__builtin_offsetof(trace_trigger_t, fired) / sizeof(uint64_t))

#endif
