/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the statistics share: the sink (stats.c), its parts and its tables. */
#ifndef TRACER_STATS_PRIVATE_H
#define TRACER_STATS_PRIVATE_H

#include "reftable.h"
#include "u4trace/stats.h"

/* Fields that this sink reads, by name in the trace's own table. */
#define STATS_FIELDS(F) \
    F(ENTRY_CALL, "kernel.entry", "call") \
    F(RESULT_ERROR, "invoke.result", "error") \
    F(RESULT_TYPE, "invoke.result", "type") \
    F(RESULT_LABEL, "invoke.result", "label") \
    F(RESULT_REASON, "invoke.result", "reason") \
    F(RAISED_KIND, "fault.raised", "kind") \
    F(SIGNAL_OUTCOME, "ntfn.signal", "outcome") \
    F(EXIT_PATH, "kernel.exit", "path") \
    F(EXIT_WHY, "kernel.exit", "why") \
    F(MAKE_OP, "cap.make", "op") \
    F(MAKE_TYPE, "cap.make", "type") \
    F(MAKE_SLOT, "cap.make", "slot") \
    F(MAKE_PARENT, "cap.make", "parent") \
    F(CAP_DELETE_TYPE, "cap.delete", "type") \
    F(CAP_DELETE_SLOT, "cap.delete", "slot") \
    F(CONFIGURE_SC, "sched.sc_configure", "sc") \
    F(BIND_SC, "sched.sc_bind", "sc") \
    F(DONATE_SC, "sched.sc_donate", "sc") \
    F(CHARGE_SC, "sched.sc_charge", "sc") \
    F(POSTPONE_SC, "sched.sc_postpone", "sc") \
    F(RELEASE_SC, "sched.sc_release", "sc")

enum {
#define FIELD(name, event, field) F_##name,
    STATS_FIELDS(FIELD)
#undef FIELD
        FIELDS
};

enum {
    E_ENTRY,
    E_EXIT,
    E_RESULT,
    E_RAISED,
    E_UNHANDLED,
    E_LOOKUP,
    E_SIGNAL,
    E_RECEIVE,
    E_MAKE,
    E_CAP_DELETE,
    E_SC_CONFIGURE,
    E_SC_BIND,
    E_SC_DONATE,
    E_SC_CHARGE,
    E_SC_POSTPONE,
    E_SC_RELEASE,
    EVENTS
};

/* A signal on its way to the thread that it woke. */
typedef struct {
    uint32_t thread_uid;
    uint32_t ntfn_uid;
    uint64_t time;
} flight_t;

/* Whom a thread works for, see stats_imposed.c. */
typedef struct {
    uint32_t uid;
    uint32_t client_uid, client_index; /* uid 0: nobody */
    uint64_t since;                    /* not yet billed from here on, ticks */
    bool running;
} imposed_t;

/* The message that a hart's system call has begun; its path is known at the end. */
typedef struct {
    stats_latency_t *kind, *endpoint, *pair; /* rows to count it in; NULL: none (yet) */
    uint64_t call;                           /* call_t.id; 0: none */
    uint32_t client_index;
} stats_path_t;

/* The path by which a thread's message was begun that nobody has received yet. */
typedef struct {
    uint64_t call; /* call_t.id */
    bool fast;
    uint8_t why;
} stats_sent_t;

/* Who runs on a hart, on which scheduling context, not yet billed from when on (ticks). */
typedef struct {
    uint32_t uid, sc; /* 0: nobody, not known */
    uint64_t since;
} spending_t;

struct stats_private {
    const schema_field_t *fields[FIELDS];
    uint16_t ids[EVENTS]; /* 0: not in this trace's table */
    reftable_t threads;   /* uid -> index + 1 */
    reftable_t endpoints, ntfns;
    stats_pair_t **pair_slots; /* open addressing; pair_mask + 1 of them */
    size_t pair_mask;
    flight_t *flights; /* by thread index */
    size_t flight_room;
    imposed_t *imposed; /* by thread index */
    size_t imposed_room;
    uint8_t entry_call[MODEL_MAX_HARTS]; /* the system call that the hart is in */
    stats_path_t paths[MODEL_MAX_HARTS];
    stats_sent_t *sent; /* by thread index */
    size_t sent_room;
    reftable_t caps;      /* stats_caps_t by owner and type, see stats_caps.c */
    reftable_t cap_slots; /* stats_caps_t by the slot that holds one of its capabilities */
    reftable_t time;      /* stats_time_t by reference */
    spending_t spending[MODEL_MAX_HARTS];
    struct stats_async_private *async; /* stats_async.h */
};

/* stats_tables.c: the row of a thread, endpoint ..., made if there is none. */
stats_thread_t *stats_thread_row(stats_t *stats, uint32_t uid);
stats_endpoint_t *stats_endpoint_row(stats_t *stats, const object_t *object);
stats_ntfn_t *stats_ntfn_row(stats_t *stats, uint32_t uid, uint32_t ref);
stats_pair_t *stats_pair_row(stats_t *stats, const call_t *call);
/* Makes room for one more element; arrays grow by doubling at powers of two. */
void *stats_one_more(void *array, size_t count, size_t size);

/* A field of the event's record, 0 if the table has none of that name. */
static inline uint64_t stats_get(const stats_t *stats, unsigned field, const event_t *event)
{
    return schema_field(stats->private->fields[field], event->record);
}

/* stats_ipc.c; stats_on_path(): a system call left the kernel on this hart, by this path. */
void stats_on_ipc(stats_t *stats, const model_t *model, const event_t *event);
void stats_on_path(stats_t *stats, uint32_t hart, bool fast, unsigned why);
/* stats_caps.c */
void stats_on_cap_made(stats_t *stats, const model_t *model, const event_t *event);
void stats_on_cap_deleted(stats_t *stats, const model_t *model, const event_t *event);
void stats_end_caps(stats_t *stats);
void stats_free_caps(stats_t *stats);
/* stats_async.c */
void stats_begin_async(stats_t *stats, const model_t *model);
void stats_end_async(stats_t *stats, const model_t *model);
void stats_on_async(stats_t *stats, const model_t *model, const event_t *event);
void stats_free_async(stats_t *stats);
/* stats_time.c */
void stats_on_time(stats_t *stats, const model_t *model, const event_t *event);
void stats_end_time(stats_t *stats, const model_t *model);
void stats_free_time(stats_t *stats);
/* stats_imposed.c */
void stats_on_imposed(stats_t *stats, const model_t *model, const event_t *event);
void stats_end_imposed(stats_t *stats, const model_t *model);
/* Keeps a kernel section if it is among the longest. */
void stats_add_section(stats_t *stats, stats_section_t section);
/* Counts an invocation's result. */
void stats_add_invocation(stats_t *stats, stats_invocation_t key);
void stats_sort(stats_t *stats);

#endif
