/* SPDX-License-Identifier: BSD-2-Clause */
/* Scheduling contexts and their control: parameters, binding, budgets, timeouts. */
#include "time.h"

#define CONTROL u4_boot_sched_control()
#define SELF seL4_CapInitThreadTCB
enum { MIN_US = 20 };
#define MAX_US (UINT64_MAX / 10 / 8)

static seL4_CPtr make_sc(seL4_Word bits)
{
    return make(seL4_SchedContextObject, bits);
}

static seL4_Error configure(seL4_CPtr sc, seL4_Time budget, seL4_Time period, seL4_Word refills)
{
    return seL4_SchedControl_ConfigureFlags(CONTROL, sc, budget, period, refills, 0, 0);
}

TEST(sched_context, size, "a scheduling context has at least 2^7 bytes")
{
    CHECK_ERROR(seL4_Untyped_Retype(make_untyped(12), seL4_SchedContextObject, 6, CNODE, 0, 0,
                                    make_slot(), 1),
                seL4_InvalidArgument);
    CHECK_WORDS(1);
    make_sc(7);
    make_sc(12);
}

TEST(sched_context, times, "budget and period are 20 us at least, the budget within the period")
{
    seL4_CPtr sc = make_sc(8);

    CHECK_ERROR(configure(sc, MIN_US - 1, 100, 0), seL4_RangeError);
    CHECK_WORDS(MIN_US, MAX_US);
    CHECK_ERROR(configure(sc, MAX_US + 1, MAX_US, 0), seL4_RangeError);
    CHECK_WORDS(MIN_US, MAX_US);
    CHECK_ERROR(configure(sc, 100, MAX_US + 1, 0), seL4_RangeError);
    CHECK_WORDS(MIN_US, MAX_US);
    CHECK_ERROR(configure(sc, 1001, 1000, 0), seL4_RangeError);
    CHECK_WORDS(MIN_US, 1000);
    CHECK_OK(configure(sc, MIN_US, MIN_US, 0));
    CHECK_OK(configure(sc, MIN_US, MAX_US, 0));
}

TEST(sched_context, refills, "the object's size limits the number of refills")
{
    seL4_CPtr small = make_sc(7), large = make_sc(8);

    CHECK_OK(configure(small, 100, 1000, 0));
    CHECK_ERROR(configure(small, 100, 1000, 1), seL4_RangeError);
    CHECK_WORDS(0, 0);
    CHECK_OK(configure(large, 100, 1000, 8));
    CHECK_ERROR(configure(large, 100, 1000, 9), seL4_RangeError);
    CHECK_WORDS(0, 8);
}

TEST(sched_context, control_errors, "a control's invocations: wrong capability, label, length")
{
    CHECK_ERROR(configure(make_endpoint(), 100, 1000, 0), seL4_InvalidCapability);
    CHECK_WORDS(1);
    seL4_SetCap(0, make_sc(7));
    CHECK_ERROR(raw(CONTROL, SchedControlConfigureFlags, 1, 4), seL4_TruncatedMessage);
    CHECK_ERROR(raw(CONTROL, SchedControlConfigureFlags, 0, 5), seL4_TruncatedMessage);
    CHECK_ERROR(raw(CONTROL, SchedContextBind, 1, 5), seL4_IllegalOperation);
    CHECK_ERROR(raw(make_sc(7), SchedControlConfigureFlags, 1, 5), seL4_IllegalOperation);
}

TEST(sched_context, bind, "one thread and one notification to a scheduling context")
{
    seL4_CPtr sc = make_sc(7), other = make_sc(7), tcb = make_tcb(), ntfn = make_notification();

    CHECK_OK(seL4_SchedContext_Bind(sc, tcb));
    CHECK_ERROR(seL4_SchedContext_Bind(sc, make_tcb()), seL4_IllegalOperation);
    CHECK_ERROR(seL4_SchedContext_Bind(other, tcb), seL4_IllegalOperation);
    CHECK_OK(seL4_SchedContext_Bind(sc, ntfn));
    CHECK_ERROR(seL4_SchedContext_Bind(sc, make_notification()), seL4_IllegalOperation);
    CHECK_ERROR(seL4_SchedContext_Bind(other, ntfn), seL4_IllegalOperation);
    CHECK_ERROR(seL4_SchedContext_Bind(sc, make_endpoint()), seL4_InvalidCapability);
    CHECK_WORDS(1);
    CHECK_ERROR(raw(sc, SchedContextBind, 0, 0), seL4_TruncatedMessage);
    CHECK_ERROR(seL4_SchedContext_UnbindObject(other, tcb), seL4_IllegalOperation);
    CHECK_ERROR(seL4_SchedContext_UnbindObject(other, ntfn), seL4_IllegalOperation);
    CHECK_ERROR(seL4_SchedContext_UnbindObject(sc, make_frame()), seL4_InvalidCapability);
    CHECK_OK(seL4_SchedContext_UnbindObject(sc, tcb));
    CHECK_OK(seL4_SchedContext_UnbindObject(sc, ntfn));
    CHECK_OK(seL4_SchedContext_Bind(other, tcb));
    CHECK_OK(seL4_SchedContext_Unbind(other));
}

TEST(sched_context, own, "a thread cannot take its own time away")
{
    CHECK_ERROR(seL4_SchedContext_Unbind(seL4_CapInitThreadSC), seL4_IllegalOperation);
    CHECK_ERROR(seL4_SchedContext_UnbindObject(seL4_CapInitThreadSC, SELF), seL4_IllegalOperation);
    CHECK_EQ(seL4_SchedContext_YieldTo(seL4_CapInitThreadSC).error, seL4_IllegalOperation);
    CHECK_EQ(seL4_SchedContext_YieldTo(make_sc(7)).error, seL4_IllegalOperation);
}

static void count(u4_thread_t *self)
{
    volatile seL4_Word *counter = self->argument;

    for (;;)
        ++*counter;
}

TEST(sched_context, no_time, "a thread runs only while it has a configured scheduling context")
{
    volatile seL4_Word counter = 0;
    u4_thread_t *t = thread("count", PRIO_HIGH, count, (void *)&counter);
    seL4_CPtr unconfigured = make_sc(7);

    CHECK_OK(seL4_SchedContext_Unbind(t->sched_context));
    start(t);
    CHECK_EQ(counter, 0);
    CHECK_OK(seL4_SchedContext_Bind(unconfigured, t->tcb));
    CHECK_EQ(counter, 0);
    CHECK_OK(configure(unconfigured, 500, 100000, 0));
    CHECK(counter != 0);
}

TEST(sched_context, budget, "a thread gets its budget in each period, and no more")
{
    volatile seL4_Word counter = 0;
    u4_thread_t *t = thread("count", PRIO_HIGH, count, (void *)&counter);
    seL4_SchedContext_Consumed_t used;

    CHECK_OK(configure(t->sched_context, 1000, 10000, 0));
    start(t);
    CHECK(counter != 0);
    used = seL4_SchedContext_Consumed(t->sched_context);
    CHECK_EQ(used.error, seL4_NoError);
    CHECK(used.consumed >= 900 && used.consumed <= 1100);
    spend(50000);
    used = seL4_SchedContext_Consumed(t->sched_context);
    CHECK(used.consumed >= 4000 && used.consumed <= 6000);
    CHECK_EQ(seL4_SchedContext_Consumed(t->sched_context).consumed, 0);
    CHECK_OK(seL4_TCB_Suspend(t->tcb));
}

TEST(sched_context, timeout, "a used-up budget is reported to the timeout handler")
{
    volatile seL4_Word counter = 0;
    u4_thread_t *t = thread("count", PRIO_HIGH, count, (void *)&counter);
    seL4_CPtr handler = make_endpoint();
    seL4_MessageInfo_t info;
    seL4_Word badge;

    CHECK_OK(seL4_TCB_SetTimeoutEndpoint(t->tcb, mint(handler, seL4_AllRights, 5)));
    CHECK_OK(seL4_SchedControl_ConfigureFlags(CONTROL, t->sched_context, 1000, 1000000, 0, 77, 0));
    start(t);
    info = seL4_Recv(handler, &badge);
    CHECK_EQ(badge, 5);
    CHECK_EQ(seL4_MessageInfo_get_label(info), seL4_Fault_Timeout);
    CHECK_EQ(seL4_MessageInfo_get_length(info), 2);
    CHECK_EQ(seL4_GetMR(0), 77);
    CHECK(seL4_GetMR(1) >= 900 && seL4_GetMR(1) <= 1100);
    /* With more time it goes on, until that is used up too. */
    CHECK_OK(configure(t->sched_context, 1000, 1000000, 0));
    counter = 0;
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0));
    CHECK(counter != 0);
    CHECK_EQ(seL4_MessageInfo_get_label(seL4_Recv(handler, NULL)), seL4_Fault_Timeout);
}

static char names[] = "ab";

static void log_once(u4_thread_t *self)
{
    log_add(*(const char *)self->argument);
}

TEST(sched_context, yield_to, "YieldTo lets another thread go first, and tells what it used")
{
    u4_thread_t *a = thread("a", ROOT_PRIO, log_once, &names[0]),
                *b = thread("b", ROOT_PRIO, log_once, &names[1]);
    seL4_SchedContext_YieldTo_t result;

    start(a);
    start(b);
    result = seL4_SchedContext_YieldTo(b->sched_context);
    CHECK_EQ(result.error, seL4_NoError);
    log_add('r');
    CHECK_LOG("br");
    seL4_Yield();
    CHECK_LOG("bra");
}

TEST(sched_context, handlers, "handlers are endpoints with send and grant right, or none")
{
    seL4_CPtr tcb = make_tcb(), endpoint = make_endpoint(), sc = make_sc(7);
    seL4_CPtr weak = copy(endpoint, seL4_ReadWrite);

    CHECK_ERROR(seL4_TCB_SetTimeoutEndpoint(tcb, weak), seL4_InvalidCapability);
    CHECK_WORDS(1);
    CHECK_ERROR(seL4_TCB_SetSpace(tcb, weak, CNODE, 0, seL4_CapInitThreadVSpace, 0),
                seL4_InvalidCapability);
    CHECK_WORDS(1);
    CHECK_ERROR((seL4_TCB_SetSchedParams)(tcb, SELF, 1, 1, sc, weak), seL4_InvalidCapability);
    CHECK_WORDS(3);
    CHECK_ERROR((seL4_TCB_SetSchedParams)(tcb, SELF, 1, 1, endpoint, 0), seL4_InvalidCapability);
    CHECK_WORDS(2);
    CHECK_ERROR((seL4_TCB_SetSchedParams)(SELF, SELF, 255, ROOT_PRIO, 0, 0), seL4_IllegalOperation);
    CHECK_OK((seL4_TCB_SetSchedParams)(tcb, SELF, 1, 1, sc, endpoint));
    CHECK_OK(seL4_TCB_SetTimeoutEndpoint(tcb, endpoint));
}
