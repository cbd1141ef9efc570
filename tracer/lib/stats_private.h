/* SPDX-License-Identifier: BSD-2-Clause */
/* What the two files of the statistics share: the sink (stats.c) and its tables. */
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
    F(EXIT_WHY, "kernel.exit", "why")

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
};

/* stats_tables.c: the row of a thread, endpoint ..., made if there is none. */
stats_thread_t *stats_thread_row(stats_t *stats, uint32_t uid);
stats_endpoint_t *stats_endpoint_row(stats_t *stats, const object_t *object);
stats_ntfn_t *stats_ntfn_row(stats_t *stats, uint32_t uid, uint32_t ref);
stats_pair_t *stats_pair_row(stats_t *stats, const call_t *call);
/* stats_imposed.c */
void stats_on_imposed(stats_t *stats, const model_t *model, const event_t *event);
void stats_end_imposed(stats_t *stats, const model_t *model);
/* Keeps a kernel section if it is among the longest. */
void stats_add_section(stats_t *stats, stats_section_t section);
/* Counts an invocation's result. */
void stats_add_invocation(stats_t *stats, stats_invocation_t key);
void stats_sort(stats_t *stats);

#endif
