/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The common case of what coroutines do all the time, inline: with it a call costs what the ring
 * and the switch cost, and what does not fit goes to the functions whose names end in _slowly.
 * Included by u4/conn.h; not for itself.
 */
#ifndef U4_FAST_H
#define U4_FAST_H

#define U4_FAST static inline __attribute__((always_inline))
#define U4_RARELY(x) __builtin_expect(!!(x), 0)

/* A coroutine's state, reason to wait and status in one store or comparison. */
typedef uint32_t __attribute__((may_alias)) u4_coro_word_t;
#define U4_CORO_WORD(c) (*(u4_coro_word_t *)&(c)->state)
_Static_assert(offsetof(u4_coro_t, state) % 4 == 0, "the four make a word");
enum {
    U4_IS_RUNNING = U4_CORO_RUNNING,
    U4_IS_READY = U4_CORO_READY,
    U4_IS_CALLING = U4_CORO_BLOCKED | U4_WAIT_CALL << 8,
    U4_IS_RECEIVING = U4_CORO_BLOCKED | U4_WAIT_RECV << 8,
    U4_IS_IN_SYSCALL = U4_CORO_BLOCKED | U4_WAIT_SYSCALL << 8,
};

/* ---- switching ---- */

/*
 * From the running context to another one, which gets GIFT. Returns when somebody switches back,
 * with what that one gives. What the compiler needs afterwards it has put on the stack, so only
 * the stack, the frame and the place where to go on are exchanged: seven instructions. That place
 * is stored by the other side, behind the jump.
 */
U4_FAST const void *u4_switch(u4_context_t *from, const u4_context_t *to, const void *gift)
{
    register u4_context_t *a0 __asm__("a0") = from;
    register const u4_context_t *a1 __asm__("a1") = to;
    register const void *a2 __asm__("a2") = gift;

    __asm__ volatile("sd sp, 8(a0)\n\t"
                     "sd s0, 16(a0)\n\t"
                     "ld t0, 0(a1)\n\t"
                     "ld sp, 8(a1)\n\t"
                     "ld s0, 16(a1)\n\t"
                     "jalr t1, t0\n\t"
                     "sd t1, 0(a0)"
                     : "+r"(a0), "+r"(a1), "+r"(a2)
                     :
                     : "memory", "ra", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "a3", "a4", "a5",
                       "a6", "a7", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10",
                       "s11");
    return a2;
}

/* coro.c: the same, with fs0..fs11 kept. */
const void *u4_switch_fpu(u4_context_t *from, const u4_context_t *to, const void *gift);

U4_FAST const void *u4_go(const u4_exec_t *e, u4_context_t *from, const u4_context_t *to,
                          const void *gift)
{
    return U4_RARELY(e->fpu) ? u4_switch_fpu(from, to, gift) : u4_switch(from, to, gift);
}

/* ---- the ready queue ---- */

/* coro.c: the last ready one that is more important than PRIORITY, null if none is. */
u4_coro_t *u4_ready_above(const u4_exec_t *e, unsigned priority);

/* A coroutine becomes ready: behind the others of its priority. */
U4_FAST void u4_ready_push(u4_exec_t *e, u4_coro_t *c)
{
    u4_coro_t *last = e->last[c->priority];
    u4_coro_t **place;

    if (!last || last->state != U4_CORO_READY)
        last = u4_ready_above(e, c->priority);
    place = last ? &last->next : &e->ready;
    c->next = *place;
    *place = c;
    e->last[c->priority] = c;
    c->state = U4_CORO_READY;
}

/* Whose turn it is: a ready coroutine's or, from time to time, the executor's own. */
U4_FAST const u4_context_t *u4_choose(u4_exec_t *e)
{
    u4_coro_t *next = e->ready;

    if (next && e->patience-- > 0) {
        e->ready = next->next;
        e->current = next;
        next->state = U4_CORO_RUNNING;
        return &next->context;
    }
    e->current = NULL;
    return &e->main;
}

/* ---- answers ---- */

/* The coroutine at the place that a token names, be it its own or not. */
U4_FAST u4_coro_t *u4_coro_of(const u4_exec_t *e, uint64_t first)
{
    return (u4_coro_t *)((char *)e->coros + (first & e->place_mask));
}

/*
 * The next answer that is known to be in C, if it is for a coroutine that waits in the state WORD
 * on WHAT: that one becomes the current one, *TO its context, and the answer's line is returned.
 * Null if there is none, or it has to be looked at more closely.
 */
U4_FAST const u4_ring_line_t *u4_next_answer(u4_exec_t *e, u4_consumer_t *c, u4_coro_word_t word,
                                             const void *what, const u4_context_t **to)
{
    const u4_ring_line_t *line;
    u4_coro_t *coro;
    uint64_t first, tail = c->tail;

    if (tail == c->known)
        return NULL;
    line = u4_consumer_line(c, tail);
    first = u4_shared(line->first);
    coro = u4_coro_of(e, first);
    /* Its token is that of a message of one line. */
    if (U4_RARELY(coro->token != first) || U4_RARELY(U4_CORO_WORD(coro) != word) ||
        U4_RARELY(coro->waits_for != what))
        return NULL;
    c->tail = tail + 1;
    U4_CORO_WORD(coro) = U4_IS_RUNNING;
    e->current = coro;
    *to = &coro->context;
    return line;
}

/*
 * Wait as WORD says, on WHAT, for what comes in C: a message of one line. Whoever is ready goes
 * first; if nobody is, the next answer's coroutine goes on at once, with the answer's line as its
 * gift. Returns this one's answer; null: u4_kept_answer() knows more.
 */
U4_FAST const u4_ring_line_t *u4_wait_answer(u4_exec_t *e, u4_coro_t *self, u4_consumer_t *c,
                                             u4_coro_word_t word, void *what)
{
    const u4_ring_line_t *line = NULL;
    const u4_context_t *to;

    __asm__("" : "+r"(word)); /* one register for what is compared and stored */
    if (U4_RARELY(e->ready) || U4_RARELY(!(line = u4_next_answer(e, c, word, what, &to)))) {
        to = u4_choose(e);
        U4_CORO_WORD(self) = word;
        self->waits_for = what;
        line = u4_go(e, &self->context, to, NULL);
    } else {
        U4_CORO_WORD(self) = word;
        self->waits_for = what;
        line = u4_switch(&self->context, to, line);
    }
    return line;
}

/* The current coroutine's answer, if it was taken out of the ring before it could go on. Null:
 * its status says how the wait ended. */
U4_FAST const u4_ring_line_t *u4_kept_answer(const u4_exec_t *e)
{
    return e->current->status == U4_OK ? &e->current->answer : NULL;
}

/* ---- calls ---- */

/* Is it a message of one line, and is there room for it? */
U4_FAST bool u4_sends_at_once(const u4_conn_t *conn, uint64_t info)
{
    return conn->tx.limit != conn->tx.head && (info & 0x7f) <= U4_RING_FIRST_WORDS;
}

/* An answer's info, of which only MAX words were stored. */
U4_FAST void u4_store_info(seL4_MessageInfo_t *info, seL4_Word value, uint64_t max)
{
    if (U4_RARELY((value & 0x7f) > max))
        value = (value & ~(seL4_Word)0x7f) | max;
    info->words[0] = value;
}

/* An answer's line, from u4_wait_answer(), to where the caller wants it. */
U4_FAST u4_status_t u4_store_answer(const u4_exec_t *e, const u4_ring_line_t *line,
                                    seL4_MessageInfo_t *info, seL4_Word *words, uint64_t max)
{
    uint64_t what;

    if (U4_RARELY(!line) && !(line = u4_kept_answer(e)))
        return (u4_status_t)e->current->status;
    what = u4_shared(line->info);
    u4_ring_read(words, line->words, (what & 0x7f) < max ? what & 0x7f : max);
    u4_store_info(info, what, max);
    return U4_OK;
}

u4_status_t u4_call_slowly(u4_conn_t *conn, seL4_MessageInfo_t *info, seL4_Word *words,
                           uint64_t max, uint64_t deadline);

U4_FAST u4_status_t u4_call(u4_conn_t *conn, seL4_MessageInfo_t *info, seL4_Word *words,
                            uint64_t max, uint64_t deadline)
{
    u4_exec_t *e = conn->exec;
    u4_coro_t *self = e->current;
    const u4_ring_line_t *line;

    if (U4_RARELY(deadline != U4_NEVER || max > U4_RING_FIRST_WORDS || self->cancelled ||
                  !u4_sends_at_once(conn, info->words[0])))
        return u4_call_slowly(conn, info, words, max, deadline);
    self->token += U4_RING_NEXT_TOKEN;
    u4_ring_push_line(&conn->tx, self->token, info->words[0], words);
    line = u4_wait_answer(e, self, &conn->rx, U4_IS_CALLING, conn);
    /* Where the executor is, is better read again than kept over the switch. */
    return u4_store_answer(conn->exec, line, info, words, max);
}

u4_status_t u4_reply_slowly(u4_coro_t *self, seL4_MessageInfo_t info, const seL4_Word *words);

/* Take the next request of CONN, which SELF serves, if it is known to be there, and a line. */
U4_FAST bool u4_recv_at_once(u4_conn_t *conn, u4_coro_t *self, u4_conn_t **from,
                             seL4_MessageInfo_t *info, seL4_Word *words, uint64_t max)
{
    uint64_t what, first;

    if (U4_RARELY(conn->rx.tail == conn->rx.known))
        return false;
    first = u4_ring_peek(&conn->rx, &what);
    if (U4_RARELY(u4_ring_kind(first) != U4_RING_REQUEST))
        return false;
    u4_ring_take_line(&conn->rx, what, words, max);
    self->served_token = first;
    u4_store_info(info, what, max);
    if (from)
        *from = conn;
    return true;
}

/* Wait for requests to PORT; self->status says how that ended. False at once if there are several connections: u4_recv() looks at
 * the others first. */
U4_FAST bool u4_await_request(u4_port_t *port, u4_coro_t *self)
{
    u4_exec_t *e = port->exec;
    u4_queue_t *queue = &port->receivers;

    if (U4_RARELY(e->active && e->active->next_active))
        return false;
    self->next = NULL;
    self->prev = queue->tail;
    if (U4_RARELY(queue->tail))
        queue->tail->next = self;
    else
        queue->head = self;
    queue->tail = self;
    self->in = queue;
    U4_CORO_WORD(self) = U4_IS_RECEIVING;
    self->waits_for = port;
    (void)u4_go(e, &self->context, u4_choose(e), NULL);
    return true;
}

U4_FAST u4_status_t u4_reply_recv(u4_port_t *port, u4_conn_t **from, seL4_MessageInfo_t *info,
                                  seL4_Word *words, uint64_t max, uint64_t deadline)
{
    u4_coro_t *self = port->exec->current;
    u4_conn_t *conn = self->served;

    /* A client that has left is no error of ours. */
    if (U4_RARELY(!conn || !u4_sends_at_once(conn, info->words[0]))) {
        (void)u4_reply_slowly(self, *info, words);
        self->served = NULL;
        return u4_recv(port, from, info, words, max, deadline);
    }
    u4_ring_push_line(&conn->tx, self->served_token, info->words[0], words);
    if (U4_RARELY(!u4_recv_at_once(conn, self, from, info, words, max))) {
        self->served = NULL;
        if (deadline == U4_NEVER && !self->cancelled && u4_await_request(port, self)) {
            if (U4_RARELY(self->status != U4_OK))
                return (u4_status_t)self->status;
            conn = port->current;
            if (conn && u4_recv_at_once(conn, self, from, info, words, max)) {
                self->served = conn;
                return U4_OK;
            }
        }
        return u4_recv(port, from, info, words, max, deadline);
    }
    return U4_OK;
}

#endif
