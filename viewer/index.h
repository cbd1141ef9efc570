/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the views ask about a trace at any moment of it: who was in which state, who ran where,
 * which calls there were, what was lost. A sink fills it in one pass over the events, in a thread
 * of its own; afterwards every question is a binary search. It costs some ten bytes an event; the
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

/* From `time` on the thread is in `state`, until the next band. */
typedef struct {
    uint64_t time;
    uint64_t busy : 56; /* ticks it has run before */
    uint64_t state : 8; /* thread_state_t */
    uint32_t object;    /* reference that it waits on; POSTPONED: its scheduling context; 0: none
                           or unknown */
    uint32_t peer;      /* REPLY: uid of the server; RUNNING: hart; POSTPONED: ticks to wait */
} band_t;

typedef struct {
    uint64_t time;
    uint32_t thread; /* uid; 0: unknown, records were lost */
} turn_t;

/* A call, send or fault that is over. */
typedef struct {
    uint64_t begun, received, replied, done; /* 0: did not happen */
    uint32_t client, server;                 /* uids */
    uint32_t endpoint, id;
    uint8_t kind, cancelled, certain, fast;
} message_t;

typedef struct {
    thread_t thread; /* as the model had it last; its pointers are not valid, but `process` */
    process_t process;
    band_t *bands;
    size_t band_count, band_room;
    uint64_t faults, last_fault_row; /* row + 1; 0: none */
    uint64_t imposed;                /* ticks that servers ran for its calls */
    uint64_t signalled;              /* woken by a notification then and not yet run; 0: no */
    uint32_t signalled_by;           /* reference of the notification */
} life_t;

/* What is known by number has an odd reference, which is no object's: interrupt n is 2n + 1. */
enum {
    THING_RECEIVERS = 0x10001, /* entry 0 of the UINTC */
    THING_NO_ENTRY = 512,      /* entries */
    THING_RECEIVER = 255,      /* type of these */
};

typedef struct {
    uint32_t ref;
    uint8_t type;
    uint64_t transfers, signals, merged, woke, received, blocked, first_time, last_time;
    uint64_t gone;        /* its memory became something else then, or was freed; 0: no */
    uint64_t raised;      /* interrupt, receiver: came then and is not yet taken; 0: no */
    uint32_t bound;       /* interrupt: its notification; receiver: uid of its thread */
    histogram_t *latency; /* ns; calls: begin to end, notifications: signal to running,
                             interrupts: arrival to acknowledgement,
                             receivers: post to taking,
                             scheduling contexts: waiting for budget */
} thing_t;

/* A thread was woken, or got a user interrupt. */
typedef struct {
    uint64_t time;
    uint32_t from, to; /* uids; from 0: an interrupt */
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

typedef struct {
    turn_t *turns;
    size_t turn_count, turn_room;
    uint32_t current;
} lane_t;

typedef struct index {
    pthread_mutex_t lock;
    atomic_int wanted; /* somebody waits for the lock: the indexing thread lets go at once */
    spool_t spool;
    const model_t *model;
    const trace_info_t *info;
    index_fields_t fields;
    life_t **lives; /* by uid; NULL where there is none */
    size_t life_room, life_count;
    uint32_t *order; /* uids in order of appearance */
    lane_t lanes[MODEL_MAX_HARTS];
    message_t *messages;
    size_t message_count, message_room;
    wake_t *wakes;
    size_t wake_count, wake_room;
    thing_t **things;
    size_t thing_count, thing_room;
    reftable_t thing_table; /* by reference */
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

/* Bytes of memory, the spool's not included. */
uint64_t index_memory(const index_t *index);

bool index_open(index_t *index, u4_error_t *err);
void index_close(index_t *index);
void index_lock(index_t *index);
void index_unlock(index_t *index);

extern const sink_ops_t index_sink;

/* The band of a time; NULL before the thread's first. */
const band_t *index_band(const life_t *life, uint64_t time);

/* The position of the first band after `time`. */
size_t index_band_after(const life_t *life, uint64_t time);

/* Ticks that the thread had run until `time`. */
uint64_t index_busy(const life_t *life, uint64_t time);

life_t *index_life(const index_t *index, uint32_t uid);

/* Name of a thread; "-" for 0. */
const char *index_name(const index_t *index, uint32_t uid);

/* The thread that a reference meant at `time`: 0 if none is known. */
uint32_t index_uid(const index_t *index, uint32_t ref, uint64_t time);

/* The first event after a console line. */
uint64_t index_line_row(const index_t *index, size_t line);

/* The first wake at or after `time`. */
size_t index_wake(const index_t *index, uint64_t time);

/* The first message that was over at or after `time`. */
size_t index_message(const index_t *index, uint64_t time);

/* "endpoint 802b1520" and the like: short, for columns. By reference: the latest one there. */
const char *thing_name(const thing_t *thing, char *text, size_t size);
const char *index_thing_name(const index_t *index, uint32_t ref, char *text, size_t size);

#endif
