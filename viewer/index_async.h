/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Coroutines, connections of async IPC, and rings of async system calls: part of the index. What
 * a coroutine does is kept over time, as threads' states are; of connections and rings how much
 * is under way.
 */
#ifndef VIEWER_INDEX_ASYNC_H
#define VIEWER_INDEX_ASYNC_H

#include <stdbool.h>

#include "reftable.h"
#include "series.h"
#include "u4trace/histogram.h"

typedef enum { CORO_READY, CORO_RUNNING, CORO_WAITING, CORO_ENDED } coro_state_t;

/* From `time` on the coroutine is in `state`, until the next step. */
typedef struct {
    uint64_t time;
    uint64_t state;  /* coro_state_t */
    uint64_t why;    /* WAITING: TRACE_CORO_WAIT_* */
    uint64_t object; /* WAITING: connection or coroutine, by its number */
    uint64_t token;  /* WAITING: of its request */
    uint64_t busy;   /* ticks it has run before */
} coro_step_t;

typedef struct {
    uint32_t thread; /* uid, whose executor runs it */
    uint32_t
        number; /* place in the executor's pool, and above it (<< 16) how often that was used */
    uint8_t priority;
    char name[16];  /* "" if its beginning is not in the trace */
    series_t steps; /* coro_step_t */
    uint64_t runs;
} coro_t;

typedef struct {
    uint32_t thread;  /* uid */
    uint32_t current; /* coroutine's number; 0: the executor itself */
    coro_t **coros;   /* the latest life, by place */
    size_t room;
} executor_t;

/* From `time` on so much was under way. */
typedef struct {
    uint64_t time;
    uint64_t count;
} level_t;

typedef struct {
    series_t levels; /* level_t */
    uint32_t most;
} gauge_t;

/* What becomes of a call over a connection. */
typedef enum { REQUEST_PUT, REQUEST_TAKEN, REQUEST_REPLIED, REQUEST_ANSWERED } request_stage_t;

typedef struct {
    uint64_t time;
    uint64_t stage; /* request_stage_t: is reached now */
    uint64_t token;
    uint64_t server; /* TAKEN: number of the coroutine that took it; 0: unknown */
} request_step_t;

/* A call over a connection, as far as it has come. */
typedef struct {
    bool taken, replied;
    uint32_t server; /* number of the coroutine that took it; 0: unknown */
} request_t;

typedef struct {
    uint32_t number;         /* by which both sides know it */
    uint32_t client, server; /* uids; 0: not heard of yet */
    uint32_t lines;          /* of each ring; 0: unknown */
    uint64_t opened, closed; /* ticks; 0: not in the trace */
    uint64_t sends;
    uint64_t calls;
    series_t steps;      /* request_step_t, of all requests */
    reftable_t open;     /* requests without an answer, by token: when they were put, ticks */
    gauge_t waiting;     /* requests without an answer */
    gauge_t depth;       /* lines in the request ring */
    histogram_t latency; /* ns: request put to answer taken */
    uint64_t worst_row;
} conn_t;

/* A thread's ring of async system calls. */
typedef struct {
    uint32_t thread; /* uid */
    uint32_t lines;
    bool broken;
    uint64_t calls, failed;
    gauge_t depth;         /* in the ring, and in the kernel's hands */
    uint64_t picked_up;    /* when the one in the kernel's hands was; 0: none is */
    uint32_t token, label; /* of that, or of the last one */
    bool submits;          /* there are events of both ends */
    reftable_t begun;      /* times of submission, by token */
    histogram_t latency;   /* ns: submission to fetching, else pick-up to answer */
    uint64_t worst_row;
} callring_t;

typedef struct {
    executor_t **executors;
    size_t executor_count, executor_room;
    coro_t **coros; /* all lives, in order of beginning */
    size_t coro_count, coro_room;
    conn_t **conns;
    size_t conn_count, conn_room;
    callring_t **rings;
    size_t ring_count, ring_room;
} async_t;

/* What a coroutine does at `time`; false before its first event. */
static inline bool coro_step(const coro_t *coro, uint64_t time, coro_step_t *step)
{
    return series_at(&coro->steps, time, step);
}

/* Ticks that it had run until `time`. */
uint64_t coro_busy(const coro_t *coro, uint64_t time);

/* How much was under way at `time`. */
uint32_t gauge_at(const gauge_t *gauge, uint64_t time);

/* The latest request of a token, as it is at `time`; false: there is none. */
bool conn_request(const conn_t *conn, uint32_t token, uint64_t time, request_t *request);

const conn_t *async_conn(const async_t *async, uint32_t number);
const coro_t *async_coro(const async_t *async, uint32_t thread, uint32_t number);

void async_free(async_t *async);
uint64_t async_memory(const async_t *async);

#endif
