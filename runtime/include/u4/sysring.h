/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Async system calls: invocations that coroutines submit in a ring shared with the kernel. One
 * kernel entry serves all that were submitted until every coroutine waits, or none if the kernel
 * comes by at its tick.
 *
 * rel4/stubs.h has the invocations by name (reL4_RISCV_Page_Map() and so on), with the meaning
 * and errors of seL4's. Each chooses, by its kind and the mode, between the ring and a trap.
 */
#ifndef U4_SYSRING_H
#define U4_SYSRING_H

#include <u4/conn.h>

#include "abi/sel4/invocation.h"

/* How the named invocations choose. */
typedef enum {
    U4_CALLS_AUTO,  /* the ring for kinds that gain by it, when other coroutines could share it */
    U4_CALLS_SYNC,  /* always a trap */
    U4_CALLS_ASYNC, /* the ring, except for what it cannot do */
} u4_calls_t;

typedef struct u4_sysring {
    u4_exec_t *exec;
    u4_rings_t *rings;
    u4_producer_t tx;
    u4_consumer_t rx;
    seL4_TCB tcb;
    seL4_CPtr frame, bell;
    u4_calls_t mode;
    bool open;
    bool elsewhere; /* the program's choice: another hart, if one is free, makes the calls, and this
                       thread goes on or sleeps meanwhile */
    uint64_t submitted;                      /* tx.head at the last wake call */
    unsigned in_flight;                      /* coroutines that wait for a completion */
    u4_queue_t room;                         /* coroutines that wait for room in tx */
    uint64_t async_calls, sync_calls, wakes; /* how often it was chosen, and trapped */
} u4_sysring_t;

/*
 * Give this thread, whose TCB is named, a ring of 2^LOG2 lines (U4_RING_MIN_LOG2 in 4 KiB, above
 * that in 2 MiB). A call takes one line if it has up to six words, the capabilities included.
 */
u4_status_t u4_sysring_open(u4_sysring_t *ring, seL4_TCB tcb, unsigned log2);
/* What is still in it is not executed; coroutines that wait end with U4_CLOSED. */
void u4_sysring_close(u4_sysring_t *ring);

/*
 * Make any invocation asynchronously: words and extra capabilities as in seL4_Call. The answer's
 * words are stored to WORDS, at most MAX. The coroutine waits, the thread does not. U4_CLOSED if
 * the ring is gone (its memory was revoked): whether the call was made is then unknown.
 */
u4_status_t u4_syscall(seL4_CPtr service, seL4_MessageInfo_t *info, const seL4_CPtr *caps,
                       seL4_Word *words, uint64_t max);

/* Words of the longest named invocation: TCB_WriteRegisters. */
enum { U4_INVOKE_WORDS = 34 };

/* The error of a named invocation whose ring went away. */
enum { U4_ErrorClosed = 0x75 };

/* What rel4/stubs.h calls in place of u4_invoke(). */
static inline seL4_Error u4_async_invoke(seL4_CPtr service, seL4_Word label, seL4_Word caps,
                                         seL4_Word words, seL4_Word mr[4]);

/* Whether a call with LABEL would go through the ring now, and why, for people. */
bool u4_calls_async(seL4_Word label, const char **why);

/* The executor's part (exec.c): tell the kernel of what was submitted, fetch completions. */
bool sysring_submit(u4_sysring_t *ring);
void sysring_poll(u4_sysring_t *ring);
bool sysring_answered(const u4_sysring_t *ring);
bool sysring_prepare_sleep(u4_sysring_t *ring);

/* ---- the common case, inline ---- */

/* Does a call gain by the ring? Memory and capabilities come in numbers; threads and interrupts
 * are waited for one by one. */
U4_FAST bool u4_call_gains(seL4_Word label)
{
    switch (label) {
    case UntypedRetype:
    case CNodeRevoke:
    case CNodeDelete:
    case CNodeCancelBadgedSends:
    case CNodeCopy:
    case CNodeMint:
    case CNodeMove:
    case CNodeMutate:
    case CNodeRotate:
    case RISCVPageTableMap:
    case RISCVPageTableUnmap:
    case RISCVPageMap:
    case RISCVPageUnmap:
    case RISCVPageGetAddress:
    case RISCVASIDPoolAssign: return true;
    default: return false;
    }
}

/* choice.c: any invocation; and an answer's words to where a trapping call leaves them. */
seL4_Error u4_async_invoke_slowly(seL4_CPtr service, seL4_Word label, seL4_Word caps,
                                  seL4_Word words, seL4_Word mr[4]);
void u4_invoke_details(seL4_Word mr[4], const seL4_Word *words, seL4_Word info);

/* Would the ring be chosen by now, and is there room? */
U4_FAST bool u4_submits_at_once(const u4_exec_t *e, const u4_coro_t *self, const u4_sysring_t *ring)
{
    if (U4_RARELY(!ring || !self) || U4_RARELY(self->cancelled || e->traced))
        return false;
    if (U4_RARELY(ring->mode != U4_CALLS_ASYNC) && (ring->mode == U4_CALLS_SYNC || e->live < 2))
        return false;
    return ring->tx.limit != ring->tx.head;
}

/* A request of one line, whose words are in MR and capabilities in the IPC buffer. */
U4_FAST void u4_submit_line(u4_sysring_t *ring, uint64_t first, seL4_CPtr service, seL4_Word info,
                            seL4_Word caps, seL4_Word words, const seL4_Word mr[4])
{
    const seL4_CPtr *cap = seL4_GetIPCBuffer()->caps_or_badges;
    uint64_t head = ring->tx.head;
    u4_ring_line_t *line = u4_producer_line(&ring->tx, head);

    line->first = first;
    line->info = info;
    line->words[0] = service;
    u4_ring_write(&line->words[1], cap, caps);
    u4_ring_write(&line->words[1 + caps], mr, words);
    u4_producer_publish(&ring->tx, head + 1);
}

U4_FAST seL4_Error u4_async_invoke(seL4_CPtr service, seL4_Word label, seL4_Word caps,
                                   seL4_Word words, seL4_Word mr[4])
{
    u4_exec_t *e = u4_exec_self;
    u4_coro_t *self = e ? e->current : NULL;
    u4_sysring_t *ring = e ? e->sysring : NULL;
    const u4_ring_line_t *line;
    uint64_t info;

    if (!u4_call_gains(label) || words > 4 || 1 + caps + words > U4_RING_FIRST_WORDS ||
        U4_RARELY(!u4_submits_at_once(e, self, ring)))
        return u4_async_invoke_slowly(service, label, caps, words, mr);
    self->token += U4_RING_NEXT_TOKEN;
    u4_submit_line(ring, self->token, service, seL4_MessageInfo_new(label, 0, caps, words).words[0],
                   caps, words, mr);
    ring->async_calls++;
    ring->in_flight++;
    line = u4_wait_answer(e, self, &ring->rx, U4_IS_IN_SYSCALL, ring);
    ring->in_flight--;
    if (U4_RARELY(!line) && !(line = u4_kept_answer(ring->exec)))
        return (seL4_Error)U4_ErrorClosed;
    info = u4_shared(line->info);
    if (U4_RARELY(info & 0x7f))
        u4_invoke_details(mr, line->words, info);
    return (seL4_Error)(info >> SEL4_INFO_LABEL_SHIFT);
}

#endif
