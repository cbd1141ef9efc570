/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The runtime's events, classes coro and async. A thread that has a trace ring is `traced`: then
 * nothing takes the inline paths, which emit nothing, and so pay nothing when nobody looks.
 */
#ifndef U4_ASYNC_TRACE_H
#define U4_ASYNC_TRACE_H

#include <u4/trace.h>

#include "internal.h"

/* What traces call a coroutine; null: the executor itself. */
static inline uint32_t coro_id(const u4_coro_t *c)
{
    return c ? c->sequence << 16 | c->index : 0;
}

static inline uint64_t label_of(uint64_t info)
{
    return info >> SEL4_INFO_LABEL_SHIFT & UINT32_MAX;
}

/* A connection's ring: lines that the peer has not given back. */
static inline uint64_t lines_sent(const u4_producer_t *tx)
{
    return tx->head - u4_shared(tx->control->tail);
}

/* The inline paths are open, or closed, to messages over CONN. */
static inline void conn_open_path(u4_conn_t *conn)
{
    if (conn->exec->traced)
        conn->tx.limit = conn->tx.head;
}

#endif
