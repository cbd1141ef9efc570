/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Running: an executor's loop, and looking at connections within it. An active one is looked at on each round. Before the thread sleeps
 * their rings are armed; a few stay active all the same, others that are quiet are taken from the
 * list: many of those cost nothing. The bit in a peer's notification says which to take up again.
 */
#include <u4/sysring.h>

#include "answer.h"
#include "conn.h"
#include "trace.h"

enum { KEEP = 4 }; /* connections that stay active though they are quiet */

/* Let RECEIVER, which waits for requests, have those of CONN at once. */
U4_FAST void go_to_receiver(u4_exec_t *e, u4_conn_t *conn, u4_coro_t *receiver)
{
    u4_queue_t *queue = &conn->port->receivers;

    queue->head = receiver->next;
    if (queue->head)
        queue->head->prev = NULL;
    else
        queue->tail = NULL;
    receiver->in = NULL;
    receiver->status = U4_OK;
    receiver->state = U4_CORO_RUNNING;
    receiver->wait = U4_WAIT_NONE;
    conn->port->current = conn;
    e->current = receiver;
    e->patience = PATIENCE;
    (void)u4_switch(&e->main, &receiver->context, NULL);
}

/* Requests stay in the ring until somebody receives: that is the client's back-pressure. */
U4_FAST void offer_requests(u4_exec_t *e, u4_conn_t *conn)
{
    u4_queue_t *receivers = &conn->port->receivers;

    if (!receivers->head)
        return;
    if (conn->rx.tail == conn->rx.known && !u4_consumer_refresh(&conn->rx)) {
        conn_close(conn);
        return;
    }
    while (e->direct && !e->ready && conn->rx.tail != conn->rx.known && receivers->head &&
           receivers->head->how == 0)
        go_to_receiver(e, conn, receivers->head);
    for (uint64_t n = conn->rx.known - conn->rx.tail; n > 0; n--)
        if (!u4_queue_wake(receivers, U4_OK))
            break;
}

static void offer_room(u4_conn_t *conn)
{
    if (!u4_producer_refresh(&conn->tx)) {
        conn_close(conn);
    } else if (conn->tx.limit != conn->offered) {
        conn->offered = conn->tx.limit;
        while (u4_queue_wake(&conn->room, U4_OK))
            ;
    }
}

/* The peer has left, and all that it said before was heard. */
static void see_closed(u4_conn_t *conn)
{
    bool broken = false;

    u4_fence_acquire();
    if (u4_ring_empty(&conn->rx, &broken))
        conn_close(conn);
}

U4_FAST void look_at(u4_exec_t *e, u4_conn_t *conn)
{
    if (u4_shared(conn->rx.control->armed))
        u4_shared(conn->rx.control->armed) = 0;
    if (conn->port)
        offer_requests(e, conn);
    else if (!answers_take(e, &conn->rx, U4_WAIT_CALL, conn))
        conn_close(conn);
    if (U4_RARELY(conn->room.head))
        offer_room(conn);
    else if (U4_RARELY(conn->tx.limit - conn->tx.head <= conn->tx.mask / 2 + 1) && !e->traced &&
             !u4_producer_refresh(&conn->tx))
        conn_close(conn);
    if (U4_RARELY(u4_shared(conn->rx.control->closed) & U4_RING_PRODUCER_CLOSED))
        see_closed(conn);
}

/* Who can go on does so, or becomes ready. */
U4_FAST void look_at_all(u4_exec_t *e)
{
    u4_conn_t **place = &e->active;

    while (*place) {
        u4_conn_t *conn = *place;

        if (conn->open)
            look_at(e, conn);
        /* Coroutines that ran meanwhile may have put others in front. */
        while (U4_RARELY(*place != conn))
            place = &(*place)->next_active;
        if (conn->open)
            place = &conn->next_active;
        else
            conn_deactivate(e, place);
    }
}

/* Does the peer want to be notified of what was sent and taken since it was last asked? */
U4_FAST bool tell(u4_conn_t *conn)
{
    bool wanted = false;

    if (conn->sent != conn->tx.head) {
        uint64_t lines = conn->tx.head - conn->sent;

        conn->sent = conn->tx.head;
        wanted = u4_ring_wants(&conn->tx.control->armed);
        if (U4_RARELY(conn->exec->traced))
            U4_TRACE(async_notify, wanted, conn->id, lines);
        if (!wanted)
            conn->avoided++;
    }
    if (conn->taken != conn->rx.tail) {
        conn->taken = conn->rx.tail;
        if (U4_RARELY(u4_ring_wants(&conn->rx.control->starved))) {
            if (!wanted)
                U4_TRACE(async_notify, true, conn->id, 0);
            wanted = true;
        }
    }
    conn->notified += wanted;
    return wanted;
}

U4_FAST const u4_conn_t *tell_all(const u4_exec_t *e)
{
    const u4_conn_t *last = NULL;

    for (u4_conn_t *conn = e->active; conn; conn = conn->next_active) {
        if (!tell(conn))
            continue;
        if (last)
            bell_ring(last);
        last = conn;
    }
    return last;
}

/* Notify peers that asked for it, of what was sent and taken since. */
static void tell_peers(const u4_exec_t *e)
{
    const u4_conn_t *last;

    for (u4_conn_t *conn = e->active; conn; conn = conn->next_active)
        u4_consumer_publish(&conn->rx);
    u4_fence_full();
    last = tell_all(e);
    if (last)
        bell_ring(last);
}

/* Could its ring make somebody go on now? */
U4_FAST bool has_work(u4_conn_t *conn)
{
    if (!conn->port || conn->port->receivers.head)
        if (conn->rx.known != conn->rx.tail || u4_shared(conn->rx.control->head) != conn->rx.tail)
            return true;
    if (U4_RARELY(conn->room.head) &&
        (!u4_producer_refresh(&conn->tx) || conn->tx.limit != conn->offered))
        return true;
    return u4_shared(conn->rx.control->closed) & U4_RING_PRODUCER_CLOSED;
}

/* The same, but the last one is left for the system call that sleeps: *LAST, null if there is
 * none; and say that this side stops looking. False if there is something to do after all. */
U4_FAST bool stop_looking(u4_exec_t *e, const u4_conn_t **last)
{
    u4_conn_t **place = &e->active;
    unsigned quiet = 0;

    for (u4_conn_t *conn = e->active; conn; conn = conn->next_active) {
        u4_consumer_publish(&conn->rx);
        u4_shared(conn->rx.control->armed) = 1;
        if (U4_RARELY(conn->room.head))
            u4_shared(conn->tx.control->starved) = 1;
    }
    u4_fence_full();
    *last = tell_all(e);
    while (*place) {
        u4_conn_t *conn = *place;

        if (U4_RARELY(!conn->open)) {
            conn_deactivate(e, place);
            continue;
        }
        if (has_work(conn))
            return false;
        /* Requests that nobody can receive yet are found when somebody does. */
        if (conn->rx.tail == conn->rx.known && U4_RARELY(++quiet > KEEP))
            conn_deactivate(e, place);
        else
            place = &conn->next_active;
    }
    return true;
}

/* Is nothing left that could wake somebody? */
static bool stuck(const u4_exec_t *e, uint64_t deadline)
{
    return deadline == U4_NEVER && !e->active && !e->quiet && !e->acceptor && !e->notified.head &&
           !(e->sysring && e->sysring->in_flight);
}

/* Did a peer on another hart, or the kernel there, come up with something meanwhile? */
static bool look_longer(const u4_exec_t *e)
{
    tell_peers(e);
    for (unsigned n = e->looks; n > 0 && !e->hints; n--) {
        for (u4_conn_t *conn = e->active; conn; conn = conn->next_active)
            if (conn->open && has_work(conn))
                return true;
        if (e->sysring && sysring_answered(e->sysring))
            return true;
    }
    return false;
}

/* Nothing is ready: tell peers, and wait in the kernel unless something has come meanwhile. */
U4_FAST u4_status_t rest(u4_exec_t *e)
{
    uint64_t deadline = e->timer_count ? timer_first(e) : U4_NEVER;
    const u4_conn_t *last;

    if (U4_RARELY(e->looks) && look_longer(e))
        return U4_OK;
    if (!stop_looking(e, &last) || (e->sysring && !sysring_prepare_sleep(e->sysring))) {
        if (last)
            bell_ring(last);
        return U4_OK;
    }
    if (!last && stuck(e, deadline))
        return U4_STUCK;
    if (U4_RARELY(e->uintr) && !exec_hold_interrupts(e)) {
        if (last)
            bell_ring(last);
        exec_look(e);
        return U4_OK;
    }
    e->sleeps++;
    exec_sleep(e, last ? last->peer : 0, deadline);
    return U4_OK;
}

/* The thread got a trace ring, or lost it. */
static __attribute__((noinline)) void change_traced(u4_exec_t *e)
{
    e->traced = u4_trace_ring != NULL;
    for (u4_conn_t *conn = e->active; conn; conn = conn->next_active)
        conn_open_path(conn);
    if (e->sysring)
        e->sysring->tx.limit = e->sysring->tx.head;
}

/*
 * Runs what is ready until all wait, and sleeps, until CORO has ended (null: until all have); or,
 * with SLEEPS false, until all wait. One function, since all that switches has to keep every
 * register.
 */
static u4_status_t run(u4_exec_t *e, const u4_coro_t *coro, bool sleeps)
{
    uint32_t sequence = coro ? coro->sequence : 0;

    for (;;) {
        if (U4_RARELY(e->traced != (u4_trace_ring != NULL)))
            change_traced(e);
        e->direct = e->priorities <= 1 && !e->fpu && !e->traced;
        if (e->timer_count)
            timer_expire(e);
        look_at_all(e);
        if (e->sysring)
            sysring_poll(e->sysring);
        if (e->ready) {
            e->patience = PATIENCE;
            (void)u4_go(e, &e->main, coro_choose(e), NULL);
            if (e->ready) { /* they have not come to rest: others wait, here and at the peers */
                tell_peers(e);
                exec_look(e);
                continue;
            }
        }
        /* System calls that all wait for are made at once. */
        if (e->sysring && sysring_submit(e->sysring))
            continue;
        if (sleeps && coro ? coro->state == U4_CORO_FREE || coro->sequence != sequence
                           : e->live == 0) {
            tell_peers(e);
            return U4_OK;
        }
        if (!sleeps)
            return U4_STUCK;
        if (rest(e) != U4_OK)
            return U4_STUCK;
    }
}

u4_status_t u4_exec_run_until_blocked(u4_exec_t *e)
{
    u4_status_t status;

    /* Twice: what coroutines have sent to others may already be answered. */
    exec_look(e);
    (void)run(e, NULL, false);
    status = run(e, NULL, false);
    tell_peers(e);
    return status;
}

u4_status_t u4_exec_run_until_complete(u4_exec_t *e, const u4_coro_t *coro)
{
    return run(e, coro, true);
}
