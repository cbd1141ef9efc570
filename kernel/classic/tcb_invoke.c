/* SPDX-License-Identifier: GPL-2.0-only */
/* Invocations of TCBs that name fault handlers by their cptr. */
#include "abi/sel4/invocation.h"
#include "kernel/ipc/message.h"
#include "kernel/object/own.h"
#include "kernel/object/tcb_spaces.h"
#include "kernel/sched/sched.h"
#include "kernel/trace/trace.h"

static status_t configure(tcb_t *t, word_t length)
{
    if (length < 4 || !hart->extra[0] || !hart->extra[1] || !hart->extra[2])
        return fail_truncated();
    space_t cspace, vspace, buffer;
    word_t address = syscall_arg(3);
    status_t status = tcb_check_buffer(address, hart->extra[2], &buffer);
    if (status == OK)
        status = tcb_check_spaces(t, syscall_arg(1), hart->extra[0], &cspace, syscall_arg(2),
                                  hart->extra[1], &vspace);
    if (status != OK)
        return status;
    t->own.fault_handler = syscall_arg(0);
    status = tcb_set_spaces(t, &cspace, &vspace);
    if (status == OK)
        status = tcb_set_buffer(t, address, &buffer);
    tcb_touched(t);
    return status;
}

static status_t set_space(tcb_t *t, word_t length)
{
    if (length < 3 || !hart->extra[0] || !hart->extra[1])
        return fail_truncated();
    space_t cspace, vspace;
    status_t status = tcb_check_spaces(t, syscall_arg(1), hart->extra[0], &cspace, syscall_arg(2),
                                       hart->extra[1], &vspace);
    if (status != OK)
        return status;
    t->own.fault_handler = syscall_arg(0);
    status = tcb_set_spaces(t, &cspace, &vspace);
    tcb_touched(t);
    return status;
}

static status_t set_sched_params(tcb_t *t, word_t length)
{
    if (length < 2 || !hart->extra[0])
        return fail_truncated();
    word_t mcp = syscall_arg(0), priority = syscall_arg(1);
    status_t status = tcb_check_priority(mcp);
    if (status == OK)
        status = tcb_check_priority(priority);
    if (status != OK)
        return status;
    t->mcp = mcp;
    TRACE(sched_priority, priority, mcp, TRACE_REF(t));
    sched_set_priority(t, priority);
    return OK;
}

status_t own_tcb_invoke(tcb_t *t, word_t label, word_t length)
{
    switch (label) {
    case TCBConfigure: return configure(t, length);
    case TCBSetSpace: return set_space(t, length);
    case TCBSetSchedParams: return set_sched_params(t, length);
    default: return fail_illegal(REASON(UNKNOWN_LABEL));
    }
}
