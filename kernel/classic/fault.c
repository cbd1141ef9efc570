/* SPDX-License-Identifier: GPL-2.0-only */
/* The handler of a fault is found by its cptr in the faulting thread's own CSpace. */
#include "kernel/hart.h"
#include "kernel/ipc/message.h"
#include "kernel/lib/print.h"
#include "kernel/object/endpoint.h"
#include "kernel/object/lookup.h"
#include "kernel/trace/trace.h"

static void unhandled(tcb_t *t, const fault_t *fault)
{
    TRACE(fault_unhandled, fault_kind(fault->type), hart->lookup.type, t->own.fault_handler);
#ifdef U4_DEBUG
    kprintf("Caught cap fault in send phase at address %p\n", (void *)t->own.fault_handler);
#endif
    fault_stop(t, fault);
}

void fault_handle(tcb_t *t)
{
    fault_t fault = hart->fault;
    lookup_failure_t failure = hart->lookup;
    fault_trace(t, &fault);
    const slot_t *slot = cspace_lookup(t, t->own.fault_handler);
    if (!slot) {
        unhandled(t, &fault);
        return;
    }
    cap_t cap = slot->cap;
    if (!cap_is(cap, CAP_ENDPOINT) || !cap_may(cap, RIGHT_SEND) ||
        !(cap_may(cap, RIGHT_GRANT) || cap_may(cap, RIGHT_GRANT_REPLY))) {
        hart->lookup = (lookup_failure_t){.type = seL4_MissingCapability};
        unhandled(t, &fault);
        return;
    }
    t->fault = fault;
    t->lookup = failure;
    ep_send(cap_ptr(cap), t,
            (send_t){.blocking = true,
                     .call = true,
                     .can_grant = cap_may(cap, RIGHT_GRANT),
                     .can_grant_reply = true,
                     .badge = cap_badge(cap)});
}

word_t fault_set_own(tcb_t *sender, tcb_t *receiver, seL4_IPCBuffer *buffer)
{
    (void)receiver;
    (void)buffer;
    panic("thread %p waits with fault %lu", (void *)sender, sender->fault.type);
}

bool fault_apply_own(tcb_t *faulted, tcb_t *handler, const seL4_IPCBuffer *buffer, word_t length)
{
    (void)handler;
    (void)buffer;
    (void)length;
    panic("thread %p is answered a fault %lu", (void *)faulted, faulted->fault.type);
}
