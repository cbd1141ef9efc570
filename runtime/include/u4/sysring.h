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

#include <u4/coro.h>
#include <u4/ring.h>

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
seL4_Error u4_async_invoke(seL4_CPtr service, seL4_Word label, seL4_Word caps, seL4_Word words,
                           seL4_Word mr[4]);

/* Whether a call with LABEL would go through the ring now, and why, for people. */
bool u4_calls_async(seL4_Word label, const char **why);

/* The executor's part (exec.c): tell the kernel of what was submitted, fetch completions. */
bool sysring_submit(u4_sysring_t *ring);
void sysring_poll(u4_sysring_t *ring);
bool sysring_prepare_sleep(u4_sysring_t *ring);

#endif
