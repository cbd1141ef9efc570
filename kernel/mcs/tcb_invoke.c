/* SPDX-License-Identifier: GPL-2.0-only */
/* Invocations of TCBs that give handlers as capabilities, and scheduling contexts. */
#include "abi/sel4/invocation.h"
#include "kernel/ipc/message.h"
#include "kernel/object/own.h"
#include "kernel/object/tcb_spaces.h"
#include "kernel/sched/policy.h"
#include "kernel/trace/trace.h"

/* An endpoint that a handler can be called over, or nothing. `number`: of the argument. */
static status_t check_handler(slot_t *from, word_t number, space_t *handler)
{
    cap_t cap = from->cap;
    *handler = (space_t){.cap = cap};
    if (cap_is(cap, CAP_NULL))
        return OK;
    handler->from = from;
    if (!cap_is(cap, CAP_ENDPOINT) || !cap_may(cap, RIGHT_SEND) ||
        !cap_may(cap, RIGHT_GRANT | RIGHT_GRANT_REPLY))
        return fail_cap(number, REASON(TCB_HANDLER));
    return OK;
}

static status_t configure(tcb_t *t, word_t length)
{
    if (length < 3 || !hart->extra[0] || !hart->extra[1] || !hart->extra[2])
        return fail_truncated();
    space_t cspace, vspace, buffer;
    word_t address = syscall_arg(2);
    status_t status = tcb_check_buffer(address, hart->extra[2], &buffer);
    if (status == OK)
        status = tcb_check_spaces(t, syscall_arg(0), hart->extra[0], &cspace, syscall_arg(1),
                                  hart->extra[1], &vspace);
    if (status == OK)
        status = tcb_set_spaces(t, &cspace, &vspace);
    if (status == OK)
        status = tcb_set_buffer(t, address, &buffer);
    tcb_touched(t);
    return status;
}

static status_t set_space(tcb_t *t, word_t length)
{
    if (length < 2 || !hart->extra[0] || !hart->extra[1] || !hart->extra[2])
        return fail_truncated();
    space_t handler, cspace, vspace;
    status_t status = tcb_check_spaces(t, syscall_arg(0), hart->extra[1], &cspace, syscall_arg(1),
                                       hart->extra[2], &vspace);
    if (status == OK)
        status = check_handler(hart->extra[0], 1, &handler);
    if (status == OK)
        status = tcb_replace(t, TCB_SLOT_FAULT, &handler);
    if (status == OK)
        status = tcb_set_spaces(t, &cspace, &vspace);
    tcb_touched(t);
    return status;
}

static status_t set_timeout_endpoint(tcb_t *t)
{
    if (!hart->extra[0])
        return fail_truncated();
    space_t handler;
    status_t status = check_handler(hart->extra[0], 1, &handler);
    return status == OK ? tcb_replace(t, TCB_SLOT_TIMEOUT, &handler) : status;
}

/* The scheduling context that `t` is to have; null: none. */
static status_t check_sched_context(const tcb_t *t, cap_t cap, sched_context_t **result)
{
    *result = NULL;
    if (cap_is(cap, CAP_NULL))
        return t == hart->current ? fail_illegal(REASON(SC_SELF)) : OK;
    if (!cap_is(cap, CAP_SCHED_CONTEXT))
        return fail_cap(2, REASON(SC_OBJECT));
    sched_context_t *sc = cap_ptr(cap);
    if (t->own.sc != sc && (t->own.sc || sc->tcb))
        return fail_illegal(REASON(SC_BOUND));
    if (tcb_blocked(t) && !(sc_active(sc) && sc_ready(sc)))
        return fail_illegal(REASON(SC_NOT_READY));
    *result = sc;
    return OK;
}

static status_t set_sched_params(tcb_t *t, word_t length)
{
    if (length < 2 || !hart->extra[0] || !hart->extra[1] || !hart->extra[2])
        return fail_truncated();
    word_t mcp = syscall_arg(0), priority = syscall_arg(1);
    sched_context_t *sc;
    space_t handler;
    status_t status = tcb_check_priority(mcp);
    if (status == OK)
        status = tcb_check_priority(priority);
    if (status == OK)
        status = check_sched_context(t, hart->extra[1]->cap, &sc);
    if (status == OK)
        status = check_handler(hart->extra[2], 3, &handler);
    if (status == OK)
        status = tcb_replace(t, TCB_SLOT_FAULT, &handler);
    if (status != OK)
        return status;
    t->mcp = mcp;
    TRACE(sched_priority, priority, mcp, TRACE_REF(t));
    sched_set_priority(t, priority);
    if (t->own.sc != sc) {
        if (sc)
            sc_bind_tcb(sc, t);
        else
            sc_unbind_tcb(t->own.sc);
    }
    return OK;
}

status_t own_tcb_invoke(tcb_t *t, word_t label, word_t length)
{
    switch (label) {
    case TCBConfigure: return configure(t, length);
    case TCBSetSpace: return set_space(t, length);
    case TCBSetSchedParams: return set_sched_params(t, length);
    case TCBSetTimeoutEndpoint: return set_timeout_endpoint(t);
    default: return fail_illegal(REASON(UNKNOWN_LABEL));
    }
}

status_t own_cnode_invoke(slot_t *dest)
{
    (void)dest;
    return fail_illegal(REASON(UNKNOWN_LABEL));
}
