/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the views ask about a trace at any moment of it: who was in which state, who ran where,
 * which calls there were, what was lost. A sink fills it in one pass over the events, in a thread
 * of its own; afterwards every question is a binary search. It costs a few bytes an event; the
 * events themselves are in the spool.
 *
 * All times are ticks. Everything here is read and changed under `lock` only.
 */
#ifndef VIEWER_INDEX_H
#define VIEWER_INDEX_H

#include <pthread.h>
#include <stdatomic.h>

#include "index_async.h"
#include "index_fields.h"
#include "reftable.h"
#include "spool.h"
#include "u4trace/histogram.h"
#include "u4trace/pipeline.h"
#include "u4trace/u4t.h"

/* From `time` on the thread is in `state`, until the next band. A row of a series, as the others
 * here that are all of 64-bit words. */
typedef struct {
    uint64_t time;
    uint64_t state;   /* thread_state_t */
    uint64_t object;  /* reference that it waits on; POSTPONED: its scheduling context; 0: none
                        or unknown */
    uint64_t peer;    /* REPLY: uid of the server; RUNNING: hart; POSTPONED: ticks to wait */
    uint64_t busy;    /* ticks it has run before */
    uint64_t imposed; /* ticks that servers have run for its calls before */
} band_t;

/* From `time` on the scheduler treats a thread so. */
typedef struct {
    uint64_t time;
    uint64_t priority;
    uint64_t sc;   /* reference of its scheduling context; 0: none */
    uint64_t hart; /* that it ran on last, + 1; 0: unknown */
} setting_t;

/* From `time` on a scheduling context is worth this. */
typedef struct {
    uint64_t time;
    uint64_t owner;                /* uid; 0: nobody, or unknown */
    uint64_t budget_us, period_us; /* 0: unknown */
} share_t;

typedef struct {
    uint64_t time;
    uint64_t row;
} fault_t;

typedef struct {
    uint64_t time;
    uint64_t thread; /* uid; 0: unknown, records were lost */
} turn_t;

/* A call, send or fault that is over. */
typedef struct {
    uint64_t done;
    uint64_t client, server;           /* uids */
    uint64_t replied, received, begun; /* 0: did not happen */
    uint64_t whole;                    /* was not cancelled, and no record of it is lost */
} message_t;

typedef struct {
    thread_t thread; /* as the model had it last; its pointers are not valid, but `process` */
    process_t process;
    series_t bands;        /* band_t */
    series_t settings;     /* setting_t */
    series_t faults;       /* fault_t */
    uint64_t imposed;      /* ticks that servers ran for its calls */
    uint64_t signalled;    /* woken by a notification then and not yet run; 0: no */
    uint32_t signalled_by; /* reference of the notification */
} life_t;

/* What is known by number has an odd reference, which is no object's: interrupt n is 2n + 1. */
enum {
    THING_RECEIVERS = 0x10001, /* entry 0 of the UINTC */
    THING_NO_ENTRY = 512,      /* entries */
    THING_RECEIVER = 255,      /* type of these */
    THING_LOCK_REF = 0x20001,  /* the kernel's lock */
    THING_LOCK = 254,          /* its type */
};

typedef struct {
    uint32_t ref;
    uint8_t type;
    uint64_t transfers, signals, merged, woke, received, blocked, first_time, last_time;
    uint64_t gone;        /* its memory became something else then, or was freed; 0: no */
    uint64_t raised;      /* interrupt, receiver: came then and is not yet taken; 0: no */
    uint32_t raised_by;   /* receiver: uid of who did; 0: an interrupt, or unknown */
    uint32_t bound;       /* interrupt: its notification; receiver: uid of its thread */
    series_t shares;      /* scheduling context: share_t */
    histogram_t *latency; /* ns; calls: begin to end, notifications: signal to running,
                             interrupts: arrival to acknowledgement,
                             receivers: post or send to taking,
                             the kernel's lock: waiting for it,
                             scheduling contexts: waiting for budget */
} thing_t;

/* A thread was woken, or got a user interrupt. */
typedef struct {
    uint64_t time;
    uint64_t to, from; /* uids; from 0: an interrupt */
} wake_t;

typedef struct {
    uint32_t client, server, endpoint;
    uint8_t kind;
    uint64_t cancelled, worst_row;
    histogram_t latency;       /* ns */
    uint64_t wait, run, reply; /* ns, sums */
} pair_t;

typedef struct {
    uint64_t time; /* ticks */
    uint64_t row;  /* see index_line_row() */
    bool placed;   /* `row` is final */
    char *text;
} line_t;

typedef struct {
    loss_t loss;
    uint64_t row; /* first event after it */
} hole_t;

typedef struct index {
    pthread_mutex_t lock;
    atomic_int wanted;  /* so many wait for the lock: a thread in the background lets go soon */
    series_pool_t pool; /* of all series here */
    spool_t spool;
    const model_t *model;
    const trace_info_t *info;
    index_fields_t fields;
    life_t **lives; /* by uid; NULL where there is none */
    size_t life_room, life_count;
    uint32_t *order;                 /* uids in order of appearance */
    series_t turns[MODEL_MAX_HARTS]; /* turn_t, by hart */
    series_t messages;               /* message_t, by the time at which they were over */
    series_t wakes;                  /* wake_t */
    thing_t **things;
    size_t thing_count, thing_room;
    reftable_t thing_table;    /* by reference */
    reftable_t receiver_table; /* receivers of user interrupts, by notification */
    uint64_t uintr_sent;       /* by the model's count, up to now */
    pair_t **pairs;
    size_t pair_count, pair_room;
    async_t async;
    line_t *lines;
    size_t line_count, line_room;
    char line[1024]; /* console text without its end yet */
    size_t line_length;
    hole_t *holes;
    size_t hole_count, hole_room;
    uint64_t first_time, last_time;
    uint64_t records; /* compound ones are one record and several rows */
    const u4t_reader_t *reader;
    uint64_t size; /* of its file, bytes, when it was opened */
    unsigned batch;
    bool contexts; /* there are scheduling contexts: an MCS kernel */
    bool done;     /* all of the trace is in */
    atomic_bool stop;
    u4_error_t problem; /* why not all could be read; "" if nothing is wrong */
} index_t;

/* Bytes of memory or of unlinked files, the spool's not included. */
uint64_t index_memory(const index_t *index);

bool index_open(index_t *index, u4_error_t *err);
void index_close(index_t *index);
void index_lock(index_t *index);
void index_unlock(index_t *index);
/* Lets go of the lock for as long as others want it: views, which are in a hurry, and threads that
 * write or index. */
void index_breathe(index_t *index);

extern const sink_ops_t index_sink;

/* Ticks that a thread had run until `time`, which is in the band. */
static inline uint64_t band_busy(const band_t *band, uint64_t time)
{
    bool runs = band->state == THREAD_RUNNING || band->state == THREAD_IDLE;
    return band->busy + (runs ? time - band->time : 0);
}

/* The band of a time; false before the thread's first. */
static inline bool index_band(const life_t *life, uint64_t time, band_t *band)
{
    return series_at(&life->bands, time, band);
}

/* Ticks that the thread had run until `time`. */
uint64_t index_busy(const life_t *life, uint64_t time);

life_t *index_life(const index_t *index, uint32_t uid);

/* Name of a thread; "-" for 0. */
const char *index_name(const index_t *index, uint32_t uid);

/* The thread that a reference meant at `time`: 0 if none is known. */
uint32_t index_uid(const index_t *index, uint32_t ref, uint64_t time);

/* The first event after a console line. */
uint64_t index_line_row(const index_t *index, size_t line);

/* "endpoint 802b1520" and the like: short, for columns. By reference: the latest one there. */
const char *thing_name(const thing_t *thing, char *text, size_t size);
const char *index_thing_name(const index_t *index, uint32_t ref, char *text, size_t size);

#endif
