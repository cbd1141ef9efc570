/* SPDX-License-Identifier: BSD-2-Clause */
/* The server of the IPC tests, and client coroutines. */
#ifndef TESTS_ASYNC_PEER_H
#define TESTS_ASYNC_PEER_H

#include <u4/trace.h>

#include "async.h"

/* What the server does by label; any other: the label and each word plus one. */
enum {
    LABEL_SLOW = 1000, /* answers after 10 ms */
    LABEL_HELD,        /* answers after release_server() */
    LABEL_ADD,         /* adds word 0 to its count; sent */
    LABEL_COUNT,       /* answers the count */
    LABEL_BULK,        /* sums the bytes of (offset, length); label 1 if out of range */
    LABEL_LEAVE,       /* disconnects instead of answering */
};

typedef struct {
    u4_conn_t *conn;
    seL4_Word label, length, words[seL4_MsgMaxLength];
    unsigned repeat; /* times, 0: once */
    unsigned timeout_ms;
    u4_status_t status; /* of the last call */
    seL4_Word answer_label, answer_length;
    uint64_t ended;
} call_t;

/* A thread of lower priority, on the last hart, with an executor, a port and that many server coroutines. */
seL4_CPtr start_server(unsigned coroutines, u4_accept_t accept);
/* The same in steps: made, perhaps traced, started. */
seL4_CPtr make_server(unsigned coroutines, u4_accept_t accept);
seL4_TCB server_tcb(void);
void release_server(void);
void trace_server(trace_ring_t *ring);
void start_server_thread(void);
/* How many connections the server has: open ones, or structures for them. */
unsigned server_conns(bool open);
/* A connection of a fresh executor of the root thread. */
u4_conn_t *connect_to(seL4_CPtr endpoint, unsigned log2, seL4_Word data_size);

/* trace.c: a ring for all events; the test is skipped if the kernel has none. */
trace_ring_t *new_ring(seL4_TCB tcb);
/* The COUNTth record (from 0) of EVENT in RING, null if there are fewer. */
const trace_record_t *record(const trace_ring_t *ring, unsigned event, unsigned count);
/* The same; the test fails if there are fewer. */
const trace_record_t *need(const trace_ring_t *ring, unsigned event, unsigned count);

/* Coroutines; the argument is a call_t. */
void make_call(void *argument);
void make_sends(void *argument);

#endif
