/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files about connections share. */
#ifndef U4_ASYNC_CONN_H
#define U4_ASYNC_CONN_H

#include "internal.h"

/* To be looked at on each round from now on. */
void conn_activate(u4_conn_t *conn);
void conn_close(u4_conn_t *conn);
/* Not any more; *PLACE is its place in the list. */
void conn_deactivate(u4_exec_t *e, u4_conn_t **place);
/* connect.c: a free structure with a notification bit, and a capability for the peer in ->bell. */
u4_status_t conn_make(u4_exec_t *e, u4_conn_t **out);
/* Give the structure and its memory's mapping back. */
void conn_free(u4_conn_t *conn);
/* Lay the rings over the shared memory at RINGS. */
void conn_set_rings(u4_conn_t *conn, void *rings, unsigned log2, seL4_Word data_size, bool server);
/* Frames of a connection's shared memory; 0 if the sizes are out of range. */
unsigned conn_frame_count(seL4_Word log2, seL4_Word data_size);

/* Wake a peer. The capability came from it, so it may be anything: this never blocks. */
static inline void bell_send(seL4_CPtr peer)
{
    seL4_NBSend(peer, seL4_MessageInfo_new(0, 0, 0, 0));
}
/* The same, traced. */
void bell_ring(const u4_conn_t *conn);

/* Receiving from an endpoint or notification, in either configuration of the kernel. */
static inline seL4_MessageInfo_t recv_any(seL4_CPtr from, seL4_Word *badge, seL4_CPtr reply)
{
#if U4_MCS
    return seL4_Recv(from, badge, reply);
#else
    (void)reply;
    return seL4_Recv(from, badge);
#endif
}

static inline seL4_MessageInfo_t recv_now(seL4_CPtr from, seL4_Word *badge, seL4_CPtr reply)
{
#if U4_MCS
    return seL4_NBRecv(from, badge, reply);
#else
    (void)reply;
    return seL4_NBRecv(from, badge);
#endif
}

/* Badges of notifications have this bit, those of endpoints do not. */
#define BADGE_NOTIFIED ((seL4_Word)1 << 63)

enum { GROUP_KERNEL = 63 }; /* of the kernel's completions */

/* The badge that tells a peer's notification from others': a bit, or its number as a vector. */
static inline seL4_Word bell_badge(const u4_exec_t *e, unsigned group)
{
    if (e->uintr)
        return group;
    return group == GROUP_KERNEL ? BADGE_NOTIFIED : BADGE_NOTIFIED | (seL4_Word)1 << group;
}

#endif
