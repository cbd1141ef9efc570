/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/sched/domain.h"

#include "abi/sel4/invocation.h"
#include "kernel/ipc/message.h"
#include "kernel/object/object.h"
#include "kernel/sched/policy.h"
#include "kernel/smp/smp.h"
#include "kernel/syscall/error.h"
#include "kernel/trace/trace.h"

domain_entry_t domain_schedule[DOMAIN_SCHEDULE_LENGTH];
word_t domain_start;

void domain_schedule_init(void)
{
    domain_schedule[0] = (domain_entry_t){.domain = 0, .duration = DOMAIN_DURATION_MAX};
    for (word_t i = 0; i < num_harts; i++) {
        harts[i].domain = 0;
        harts[i].domain_index = 0;
        harts[i].domain_time = DOMAIN_DURATION_MAX;
    }
}

void domain_next(void)
{
    hart->domain_index++;
    if (hart->domain_index >= DOMAIN_SCHEDULE_LENGTH ||
        domain_schedule[hart->domain_index].duration == 0)
        hart->domain_index = domain_start;
    hart->domain = domain_schedule[hart->domain_index].domain;
    hart->domain_time = domain_schedule[hart->domain_index].duration;
    policy_domain_changed();
    hart->switch_reason = TRACE_SWITCH_REASON_DOMAIN;
    TRACE(sched_domain, hart->domain, 0, hart->domain_time);
}

static status_t invoke_set(word_t length)
{
    if (length == 0)
        return fail_truncated();
    word_t domain = syscall_arg(0);
    if (domain >= U4_DOMAINS)
        return fail_argument(0, REASON(DOMAIN_RANGE));
    if (!hart->extra[0])
        return fail(seL4_TruncatedMessage, REASON(MISSING_EXTRA_CAP));
    cap_t cap = hart->extra[0]->cap;
    if (!cap_is(cap, CAP_TCB))
        return fail_argument(1, REASON(TCB_AUTHORITY));
    smp_stall(cap_ptr(cap));
    sched_set_domain(cap_ptr(cap), domain);
    return OK;
}

static status_t invoke_configure(word_t length)
{
    if (length < 3)
        return fail_truncated();
    word_t index = syscall_arg(0), domain = syscall_arg(1), duration = syscall_arg(2);
    if (index >= DOMAIN_SCHEDULE_LENGTH - 1)
        return fail_range(0, DOMAIN_SCHEDULE_LENGTH - 2, REASON(DOMAIN_RANGE));
    if (domain >= U4_DOMAINS)
        return fail_range(0, U4_DOMAINS - 1, REASON(DOMAIN_RANGE));
    if (duration > DOMAIN_DURATION_MAX)
        return fail_argument(2, REASON(DOMAIN_RANGE));
    if (duration == 0 && domain != 0)
        return fail_argument(1, REASON(DOMAIN_RANGE));
    if (index == domain_start && duration == 0)
        return fail_argument(2, REASON(DOMAIN_RANGE));
    domain_schedule[index] = (domain_entry_t){.domain = domain, .duration = duration};
    return OK;
}

static status_t invoke_start(word_t length)
{
    if (length < 1)
        return fail_truncated();
    word_t index = syscall_arg(0);
    if (index >= DOMAIN_SCHEDULE_LENGTH)
        return fail_range(0, DOMAIN_SCHEDULE_LENGTH - 1, REASON(DOMAIN_RANGE));
    if (domain_schedule[index].duration == 0)
        return fail_argument(0, REASON(DOMAIN_RANGE));
    domain_start = index;
    /* The next choice starts there: one before it, with no time left. */
    hart->domain_index = DOMAIN_SCHEDULE_LENGTH;
    hart->domain_time = 0;
    sched_reschedule();
    return OK;
}

status_t domain_invoke(word_t label, word_t length)
{
    switch (label) {
    case DomainSetSet: return invoke_set(length);
    case DomainScheduleConfigure: return invoke_configure(length);
    case DomainScheduleSetStart: return invoke_start(length);
    default: return fail_illegal(REASON(UNKNOWN_LABEL));
    }
}
