/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sleeping until notified: the one place where the runtime waits in the kernel. On u4 the peer's
 * notification and the wait are one system call, with a deadline; on seL4 they are two, and a
 * deadline is waited for by yielding.
 */
#include <u4/u4.h>
#include <u4/uintr.h>

#include "conn.h"

void u4_exec_notices(u4_exec_t *e, uint64_t mask)
{
    e->notice_mask = mask & ~BADGE_NOTIFIED;
}

u4_status_t u4_notice_wait(uint64_t *bits, uint64_t deadline)
{
    u4_exec_t *e = u4_exec_self;

    while (!e->notices) {
        u4_status_t status = u4_queue_wait(&e->notified, U4_WAIT_NOTIFY, e, deadline);

        if (status != U4_OK)
            return status;
    }
    *bits = e->notices;
    e->notices = 0;
    return U4_OK;
}

/* The bits that came with a notification: the program's, connections'. */
static void exec_notified(u4_exec_t *e, uint64_t bits)
{
    if (bits & e->notice_mask) {
        e->notices |= bits & e->notice_mask;
        while (u4_queue_wake(&e->notified, U4_OK))
            ;
    }
    if (e->quiet)
        conn_hint(e, bits & ~e->notice_mask);
}

U4_FAST void came(u4_exec_t *e, seL4_Word badge, seL4_MessageInfo_t info)
{
    if (badge & BADGE_NOTIFIED || !e->acceptor) {
        e->notified_count += badge != 0;
        if (e->quiet || U4_RARELY(e->notice_mask))
            exec_notified(e, badge & ~BADGE_NOTIFIED);
        return;
    }
    if (seL4_MessageInfo_get_label(info) != U4_LABEL_TIMEOUT)
        accept_message(e, badge, info);
}

U4_FAST seL4_CPtr reply_cap(const u4_exec_t *e)
{
    return e->acceptor ? e->acceptor->reply : 0;
}

/* False if nothing was there. */
static bool look(u4_exec_t *e)
{
    seL4_Word badge = 0;
    seL4_MessageInfo_t info = recv_now(e->wait_on, &badge, reply_cap(e));

    if (!badge && !(e->acceptor && seL4_MessageInfo_get_label(info)))
        return false;
    came(e, badge, info);
    return true;
}

/* What the handler was told of. */
static uint64_t take_hints(u4_exec_t *e)
{
    return __atomic_exchange_n(&e->hints, 0, __ATOMIC_RELAXED);
}

void exec_look(u4_exec_t *e)
{
    if (e->uintr) { /* no system call to know that */
        uint64_t hints = take_hints(e);

        e->notified_count += hints != 0;
        exec_notified(e, hints & ~BADGE_NOTIFIED);
        return;
    }
    while (look(e))
        ;
}

bool exec_hold_interrupts(const u4_exec_t *e)
{
    u4_uintr_disable();
    if (!e->hints)
        return true;
    u4_uintr_enable();
    return false;
}

void exec_sleep(u4_exec_t *e, seL4_CPtr signal, uint64_t deadline)
{
    seL4_Word badge = 0;
    seL4_MessageInfo_t info;

    if (e->on_u4) {
        info = u4_signal_wait(e->wait_on, &badge, signal, deadline == U4_NEVER ? 0 : deadline,
                              reply_cap(e));
    } else {
        if (signal)
            bell_send(signal);
        while (deadline != U4_NEVER) {
            if (u4_now() >= deadline || look(e))
                return;
            seL4_Yield();
        }
        info = recv_any(e->wait_on, &badge, reply_cap(e));
    }
    if (U4_RARELY(e->uintr))
        u4_uintr_enable();
    came(e, badge, info);
}
