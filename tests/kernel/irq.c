/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts: handlers, their notifications, a real interrupt from the UART. */
#include <u4/uintr.h>

#include "test.h"

enum { TIMER_IRQ = U4_SMP ? 98 : 96, UNUSED_IRQ = 40 };
#define CONTROL seL4_CapIRQControl

static seL4_CPtr handler_for(seL4_Word irq)
{
    seL4_CPtr slot = make_slot();

    CHECK_OK(seL4_IRQControl_Get(CONTROL, irq, CNODE, slot, DEPTH));
    return slot;
}

TEST(irq, once, "an interrupt has one handler; it can be taken again after deletion")
{
    seL4_CPtr handler = handler_for(UNUSED_IRQ);

    CHECK_ERROR(seL4_IRQControl_Get(CONTROL, UNUSED_IRQ, CNODE, make_slot(), DEPTH),
                seL4_RevokeFirst);
    CHECK_ERROR(seL4_IRQControl_GetTrigger(CONTROL, UNUSED_IRQ, 0, CNODE, make_slot(), DEPTH),
                seL4_RevokeFirst);
    CHECK_OK(seL4_CNode_Delete(CNODE, handler, DEPTH));
    CHECK_OK(seL4_IRQControl_GetTrigger(CONTROL, UNUSED_IRQ, 1, CNODE, handler, DEPTH));
}

TEST(irq, range, "interrupt numbers go from 1 to the kernel's timer, which is taken")
{
    seL4_CPtr slot = make_slot();

    CHECK_ERROR(seL4_IRQControl_Get(CONTROL, 0, CNODE, slot, DEPTH), seL4_RangeError);
    CHECK_WORDS(1, TIMER_IRQ);
    CHECK_ERROR(seL4_IRQControl_Get(CONTROL, TIMER_IRQ + 1, CNODE, slot, DEPTH), seL4_RangeError);
    CHECK_WORDS(1, TIMER_IRQ);
    CHECK_ERROR(seL4_IRQControl_GetTrigger(CONTROL, 0, 0, CNODE, slot, DEPTH), seL4_RangeError);
    CHECK_ERROR(seL4_IRQControl_Get(CONTROL, TIMER_IRQ, CNODE, slot, DEPTH), seL4_RevokeFirst);
}

#if U4_SMP
TEST(irq, ipis, "inter-processor interrupts are the kernel's")
{
    for (seL4_Word irq = 96; irq < TIMER_IRQ; irq++)
        CHECK_ERROR(seL4_IRQControl_Get(CONTROL, irq, CNODE, make_slot(), DEPTH), seL4_RevokeFirst);
}
#endif

TEST(irq, destination, "Get: slots that will not do")
{
    CHECK_ERROR(seL4_IRQControl_Get(CONTROL, UNUSED_IRQ, CNODE, make_endpoint(), DEPTH),
                seL4_DeleteFirst);
    CHECK_ERROR(seL4_IRQControl_Get(CONTROL, UNUSED_IRQ, CNODE, make_slot(), 0), seL4_RangeError);
    CHECK_WORDS(1, seL4_WordBits);
    CHECK_ERROR(seL4_IRQControl_Get(CONTROL, UNUSED_IRQ, make_endpoint(), 1, DEPTH),
                seL4_FailedLookup);
    CHECK_WORDS(0, seL4_InvalidRoot);
    CHECK_ERROR(seL4_IRQControl_GetTrigger(CONTROL, UNUSED_IRQ, 0, CNODE, make_endpoint(), DEPTH),
                seL4_DeleteFirst);
}

TEST(irq, messages, "short messages and other labels")
{
    seL4_CPtr handler = handler_for(UNUSED_IRQ);

    seL4_SetCap(0, CNODE);
    CHECK_ERROR(raw(CONTROL, IRQIssueIRQHandler, 1, 2), seL4_TruncatedMessage);
    CHECK_ERROR(raw(CONTROL, IRQIssueIRQHandler, 0, 3), seL4_TruncatedMessage);
    CHECK_ERROR(raw(CONTROL, RISCVIRQIssueIRQHandlerTrigger, 1, 3), seL4_TruncatedMessage);
    CHECK_ERROR(raw(CONTROL, RISCVIRQIssueIRQHandlerTrigger, 0, 4), seL4_TruncatedMessage);
    CHECK_ERROR(raw(CONTROL, IRQAckIRQ, 0, 0), seL4_IllegalOperation);
    CHECK_ERROR(raw(handler, IRQSetIRQHandler, 0, 0), seL4_TruncatedMessage);
    CHECK_ERROR(raw(handler, IRQIssueIRQHandler, 0, 0), seL4_IllegalOperation);
}

TEST(irq, notification, "SetNotification wants a notification with write right")
{
    seL4_CPtr handler = handler_for(UNUSED_IRQ), ntfn = make_notification();

    CHECK_OK(seL4_IRQHandler_SetNotification(handler, ntfn));
    CHECK_OK(seL4_IRQHandler_SetNotification(handler, make_notification()));
    CHECK_ERROR(seL4_IRQHandler_SetNotification(handler, make_endpoint()), seL4_InvalidCapability);
    CHECK_WORDS(0);
    CHECK_ERROR(seL4_IRQHandler_SetNotification(handler, copy(ntfn, seL4_CanRead)),
                seL4_InvalidCapability);
    CHECK_WORDS(0);
    CHECK_OK(seL4_IRQHandler_Ack(handler));
    CHECK_OK(seL4_IRQHandler_Clear(handler));
    CHECK_OK(seL4_IRQHandler_Clear(handler));
}

TEST(irq, copies, "copies of a handler are handlers; the last one frees the interrupt")
{
    seL4_CPtr handler = handler_for(UNUSED_IRQ), again = copy(handler, seL4_AllRights);

    CHECK_OK(seL4_CNode_Delete(CNODE, handler, DEPTH));
    CHECK_OK(seL4_IRQHandler_Ack(again));
    CHECK_ERROR(seL4_IRQControl_Get(CONTROL, UNUSED_IRQ, CNODE, handler, DEPTH), seL4_RevokeFirst);
    CHECK_OK(seL4_CNode_Delete(CNODE, again, DEPTH));
    CHECK_OK(seL4_IRQControl_Get(CONTROL, UNUSED_IRQ, CNODE, handler, DEPTH));
}

/* ---- The UART's "transmitter empty" interrupt, which comes when it is enabled ---- */

TEST(irq, signal, "an interrupt signals its notification with the badge that was set")
{
    volatile uint8_t *regs = map_uart();
    seL4_CPtr ntfn = make_notification(), handler = handler_for(U4_UART_IRQ);
    seL4_Word badge;

    CHECK_OK(seL4_IRQHandler_SetNotification(handler, mint(ntfn, seL4_AllRights, 0x1a)));
    for (int round = 0; round < 3; round++) {
        regs[UART_IER] = IER_TRANSMIT;
        seL4_Wait(ntfn, &badge);
        CHECK_EQ(badge, 0x1a);
        (void)regs[UART_IIR];
        regs[UART_IER] = 0;
        CHECK_OK(seL4_IRQHandler_Ack(handler));
    }
    (void)seL4_Poll(ntfn, &badge);
    CHECK_EQ(badge, 0);
}

static void wait_for(u4_thread_t *self)
{
    seL4_Wait((seL4_CPtr)(seL4_Word)self->argument, NULL);
    log_add('i');
}

TEST(irq, preempts, "an interrupt's thread runs at once if it is more important")
{
    volatile uint8_t *regs = map_uart();
    seL4_CPtr ntfn = make_notification(), handler = handler_for(U4_UART_IRQ);

    CHECK_OK(seL4_IRQHandler_SetNotification(handler, ntfn));
    start(thread("handler", PRIO_HIGH, wait_for, (void *)ntfn));
    regs[UART_IER] = IER_TRANSMIT;
    for (int i = 0; i < 1000 && !log_text()[0]; i++)
        (void)regs[UART_IER];
    regs[UART_IER] = 0;
    CHECK_LOG("i");
}

/* ---- The clock's alarm ---- */

enum { RTC_LOW, RTC_HIGH, RTC_ALARM_LOW, RTC_ALARM_HIGH, RTC_ENABLE, RTC_CLEAR = 7 };

static seL4_CPtr rtc_frame(void)
{
    static seL4_CPtr frame;

    if (!u4_machine_has("google,goldfish-rtc"))
        test_skip("the machine has no clock that interrupts");
    if (!frame)
        CHECK_OK(u4_alloc_device(&boot_alloc, U4_RTC_PADDR, &frame));
    return frame;
}

static uint64_t rtc_time(const volatile uint32_t *regs)
{
    uint64_t low = regs[RTC_LOW];

    return (uint64_t)regs[RTC_HIGH] << 32 | low;
}

/* Let the alarm go off, 100 us from now, and wait until its time is past. */
static void alarm_now(volatile uint32_t *regs)
{
    uint64_t when = rtc_time(regs) + 100 * 1000;

    regs[RTC_ENABLE] = 1;
    regs[RTC_ALARM_HIGH] = (uint32_t)(when >> 32);
    regs[RTC_ALARM_LOW] = (uint32_t)when;
    while (rtc_time(regs) < when + 100 * 1000)
        ;
    regs[RTC_CLEAR] = 1;
    regs[RTC_ENABLE] = 0;
}

TEST(irq, cleared, "after Clear an interrupt signals nothing; set again it does")
{
    volatile uint32_t *regs = map_device(rtc_frame());
    seL4_CPtr ntfn = make_notification(), handler = handler_for(U4_RTC_IRQ);
    seL4_CPtr badged = mint(ntfn, seL4_AllRights, 0x1b);
    seL4_Word badge;

    CHECK_OK(seL4_IRQHandler_SetNotification(handler, badged));
    CHECK_OK(seL4_IRQHandler_Clear(handler));
    alarm_now(regs);
    (void)seL4_Poll(ntfn, &badge);
    CHECK_EQ(badge, 0);
    CHECK_OK(seL4_IRQHandler_SetNotification(handler, badged));
    alarm_now(regs);
    (void)seL4_Poll(ntfn, &badge);
    CHECK_EQ(badge, 0x1b);
}

static void on_alarm(unsigned vector, void *argument)
{
    *(volatile seL4_Word *)argument |= 1ul << vector;
}

TEST_U4(irq, user_interrupt, "with a receiver, an interrupt reaches its handler without Wait")
{
    static u4_uintr_t u;
    volatile seL4_Word vectors = 0;
    volatile uint32_t *regs = map_device(rtc_frame());
    seL4_CPtr ntfn = make_notification(), handler = handler_for(U4_RTC_IRQ);

    CHECK_OK(u4_uintr_init(&u, seL4_CapInitThreadTCB, 0));
    u4_uintr_on(&u, 0x1b, on_alarm, (void *)&vectors);
    CHECK_OK(u4_uintr_receive(&u, ntfn, 0));
    CHECK_OK(seL4_IRQHandler_SetNotification(handler, mint(ntfn, seL4_CanWrite, 0x1b)));
    alarm_now(regs);
    CHECK_EQ(vectors, 1ul << 0x1b);
    vectors = 0;
    alarm_now(regs);
    CHECK_EQ(vectors, 1ul << 0x1b);
    CHECK_OK(u4_uintr_stop(&u));
}

/* ---- Preemption of long operations ---- */

enum { TICKS_PER_US = 10 };

static seL4_Word now(void)
{
    seL4_Word time;

    __asm__ volatile("rdtime %0" : "=r"(time));
    return time;
}

typedef struct {
    seL4_CPtr ntfn;
    volatile seL4_Word woken; /* when */
} sleeper_t;

static void sleep_once(u4_thread_t *self)
{
    sleeper_t *s = self->argument;

    seL4_Wait(s->ntfn, NULL);
    s->woken = now();
}

/* OPERATION must take long; a more important thread whose alarm goes off meanwhile runs soon. */
static void preempt(seL4_Error (*operation)(seL4_CPtr), seL4_CPtr argument)
{
    enum { ALARM_US = 50, LATENCY_US = 50 };
    volatile uint32_t *regs = map_device(rtc_frame());
    sleeper_t sleeper = {.ntfn = make_notification()};
    seL4_CPtr handler = handler_for(U4_RTC_IRQ);
    seL4_Word begin, end, latest;
    uint64_t when;

    CHECK_OK(seL4_IRQHandler_SetNotification(handler, sleeper.ntfn));
    start(thread("sleeper", PRIO_HIGH, sleep_once, &sleeper));
    begin = now();
    when = rtc_time(regs) + ALARM_US * 1000;
    regs[RTC_ENABLE] = 1;
    regs[RTC_ALARM_HIGH] = (uint32_t)(when >> 32);
    regs[RTC_ALARM_LOW] = (uint32_t)when;
    CHECK_OK(operation(argument));
    end = now();
    regs[RTC_CLEAR] = 1;
    regs[RTC_ENABLE] = 0;
    /* Harts that take turns share the clock: it counts the instructions of them all. */
    latest = (ALARM_US + LATENCY_US * seL4_GetBootInfo()->numNodes) * TICKS_PER_US;
    CHECK(end - begin > 2 * (ALARM_US + LATENCY_US) * TICKS_PER_US);
    CHECK(sleeper.woken != 0);
    CHECK(sleeper.woken - begin <= latest);
}

static seL4_Error revoke(seL4_CPtr cap)
{
    return seL4_CNode_Revoke(CNODE, cap, DEPTH);
}

static seL4_Error delete (seL4_CPtr cap)
{
    return seL4_CNode_Delete(CNODE, cap, DEPTH);
}

TEST(irq, preempt_revoke, "a Revoke of many capabilities is preempted and completed")
{
    enum { COUNT = 1500 };
    seL4_CPtr object = make_tcb(), first = u4_alloc_slots(&test_alloc, COUNT);

    for (seL4_CPtr i = 0; i < COUNT; i++)
        CHECK_OK(seL4_CNode_Copy(CNODE, first + i, DEPTH, CNODE, object, DEPTH, seL4_AllRights));
    preempt(revoke, object);
    for (seL4_CPtr i = 0; i < COUNT; i++)
        CHECK(slot_empty(first + i));
}

TEST(irq, preempt_delete, "deleting a full CNode is preempted and completed")
{
    enum { BITS = 11 };
    seL4_CPtr node = make_cnode(BITS), object = make_tcb();

    for (seL4_Word i = 0; i < 1 << BITS; i++)
        CHECK_OK(seL4_CNode_Copy(node, i, BITS, CNODE, object, DEPTH, seL4_AllRights));
    preempt(delete, node);
    CHECK(slot_empty(node));
    CHECK_OK(seL4_TCB_Suspend(object));
}

static seL4_Error retype_mega(seL4_CPtr untyped)
{
    return seL4_Untyped_Retype(untyped, seL4_RISCV_Mega_Page, 0, CNODE, 0, 0, make_slot(), 1);
}

TEST(irq, preempt_retype, "clearing 2 MiB for Retype is preempted and completed")
{
    seL4_CPtr untyped = make_untyped(seL4_LargePageBits);

    CHECK_OK(retype_mega(untyped));
    CHECK_OK(revoke(untyped));
    preempt(retype_mega, untyped);
}

TEST_U4(irq, preempt_senders, "ending the registrations of a receiver is preempted and completed")
{
    enum { BITS = 16, COUNT = 1000 };
    seL4_CPtr table = make(u4_SenderTableObject, BITS), ntfn = make_notification();

    CHECK_OK(u4_TCB_RegisterReceiver(make_tcb(), ntfn));
    for (seL4_Word i = 0; i < COUNT; i++)
        CHECK_OK(u4_SenderTable_Register(table, ntfn).error);
    preempt(delete, ntfn);
    CHECK_ERROR(u4_SenderTable_Unregister(table, COUNT - 1), seL4_InvalidArgument);
}
