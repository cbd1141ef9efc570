/* SPDX-License-Identifier: BSD-2-Clause */
/* Several harts: affinity, and everything that is done to a thread while it runs on another one. */
#include "test.h"

#if U4_SMP && !U4_MCS

#include "faulting.h"
#include "harts.h"

/* What threads of other harts write: they go on until the test's objects are revoked, so it may not
 * lie on the stack of the test. */
static volatile seL4_Word words[8];

static volatile seL4_Word *fresh_word(void)
{
    words[0] = 0;
    return &words[0];
}

TEST(smp, affinity_errors, "SetAffinity needs a core that exists")
{
    u4_thread_t *t = thread("thread", PRIO_LOW, count_for_ever, NULL);
    CHECK_ERROR(raw(t->tcb, TCBSetAffinity, 0, 0), seL4_TruncatedMessage);
    CHECK_ERROR(seL4_TCB_SetAffinity(t->tcb, cores()), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_SetAffinity(t->tcb, ~0ul), seL4_IllegalOperation);
    CHECK_OK(seL4_TCB_SetAffinity(t->tcb, 0));
}

TEST(smp, parallel, "threads of several harts run at the same time")
{
    (void)last_core();
    for (seL4_Word core = 1; core < cores(); core++) {
        words[core] = 0;
        start(thread_on(core, PRIO_LOW, count_for_ever, (void *)&words[core]));
    }
    for (unsigned round = 0; round < 3; round++)
        for (seL4_Word core = 1; core < cores(); core++)
            await_change(&words[core], words[core]);
}

TEST(smp, suspend, "a thread that runs on another hart is suspended, read and resumed")
{
    volatile seL4_Word *word = fresh_word();
    seL4_UserContext registers = {0};
    u4_thread_t *t = thread_on(last_core(), PRIO_LOW, count_for_ever, (void *)word);
    start(t);
    for (unsigned round = 0; round < 20; round++) {
        await_change(word, *word);
        CHECK_OK(seL4_TCB_Suspend(t->tcb));
        seL4_Word stopped = *word;
        CHECK_OK(
            seL4_TCB_ReadRegisters(t->tcb, 0, 0, sizeof registers / sizeof(seL4_Word), &registers));
        CHECK(registers.pc >= (seL4_Word)count_for_ever &&
              registers.pc < (seL4_Word)count_for_ever + 64);
        seL4_Yield();
        CHECK_EQ(*word, stopped);
        CHECK_OK(seL4_TCB_Resume(t->tcb));
    }
    await_change(word, *word);
}

TEST(smp, copy_registers,
     "the registers of a thread that runs on another hart are copied; it is suspended")
{
    volatile seL4_Word *word = fresh_word();
    seL4_UserContext registers = {0};
    seL4_CPtr to = make_tcb();
    u4_thread_t *t = thread_on(last_core(), PRIO_LOW, count_for_ever, (void *)word);
    start(t);
    for (unsigned round = 0; round < 20; round++) {
        bool suspend = round % 2;
        await_change(word, *word);
        CHECK_OK(seL4_TCB_CopyRegisters(to, t->tcb, suspend, 0, 1, 1, 0));
        CHECK_OK(
            seL4_TCB_ReadRegisters(to, 0, 0, sizeof registers / sizeof(seL4_Word), &registers));
        CHECK(registers.pc >= (seL4_Word)count_for_ever &&
              registers.pc < (seL4_Word)count_for_ever + 64);
        if (!suspend)
            continue;
        seL4_Word stopped = *word;
        for (unsigned i = 0; i < 1000; i++)
            seL4_Yield();
        CHECK_EQ(*word, stopped);
        CHECK_OK(seL4_TCB_Resume(t->tcb));
    }
    await_change(word, *word);
}

TEST(smp, delete, "a thread that runs on another hart is deleted")
{
    volatile seL4_Word *word = fresh_word();
    u4_thread_t *t = thread_on(last_core(), PRIO_LOW, count_for_ever, (void *)word);
    start(t);
    await_change(word, 0);
    CHECK_OK(seL4_CNode_Delete(CNODE, t->tcb, DEPTH));
    seL4_Word stopped = *word;
    seL4_Yield();
    CHECK_EQ(*word, stopped);
}

TEST(smp, migrate, "a running thread moves from hart to hart, with its floating point")
{
    (void)last_core();
    volatile seL4_Word *word = fresh_word();
    u4_thread_t *t = thread_on(1, PRIO_LOW, count_for_ever, (void *)word);
    start(t);
    for (unsigned round = 0; round < 40; round++) {
        await_change(word, *word);
        CHECK_OK(seL4_TCB_SetAffinity(t->tcb, 1 + round % (cores() - 1)));
    }
    await_change(word, *word);
}

/* A sum in floating-point registers, step by step as its word is raised. */
typedef struct {
    volatile seL4_Word asked, done;
    volatile double result;
} sum_t;

static void add_up(u4_thread_t *self)
{
    sum_t *sum = self->argument;
    double a = 0, b = 1, c = 2;
    for (seL4_Word step = 0;; step++) {
        while (sum->asked == step)
            ;
        a += b * 0.5;
        b += c * 0.25;
        c += a * 0.125;
        sum->result = a + b + c;
        sum->done = step + 1;
    }
}

TEST(smp, floating_point, "floating-point registers follow a thread from hart to hart")
{
    (void)last_core();
    static sum_t still, moved;
    still = moved = (sum_t){0};
    start(thread_on(1, PRIO_LOW, add_up, &still));
    u4_thread_t *t = thread_on(1, PRIO_LOW, add_up, &moved);
    start(t);
    for (unsigned step = 0; step < 30; step++) {
        still.asked = moved.asked = step + 1;
        await_change(&still.done, step);
        await_change(&moved.done, step);
        CHECK(still.result == moved.result);
        CHECK_OK(seL4_TCB_SetAffinity(t->tcb, 1 + step % (cores() - 1)));
    }
}

static seL4_CPtr echo_endpoint;

static void echo(u4_thread_t *self)
{
    (void)self;
    seL4_MessageInfo_t info = seL4_Recv(echo_endpoint, NULL);
    for (;;) {
        seL4_SetMR(0, seL4_GetMR(0) + 1);
        info = seL4_ReplyRecv(echo_endpoint, info, NULL);
    }
}

TEST(smp, call, "calls between harts")
{
    echo_endpoint = make_endpoint();
    start(thread_on(last_core(), PRIO_LOW, echo, NULL));
    for (seL4_Word i = 0; i < 100; i++) {
        seL4_SetMR(0, i);
        CHECK_EQ(
            seL4_MessageInfo_get_length(seL4_Call(echo_endpoint, seL4_MessageInfo_new(0, 0, 0, 1))),
            1);
        CHECK_EQ(seL4_GetMR(0), i + 1);
    }
}

typedef struct {
    seL4_CPtr notification;
    volatile seL4_Word badges, times;
} waiter_t;

static void wait_for_ever(u4_thread_t *self)
{
    waiter_t *w = self->argument;
    for (;;) {
        seL4_Word badge = 0;
        seL4_Wait(w->notification, &badge);
        w->badges |= badge;
        w->times++;
    }
}

TEST(smp, signal, "signals wake threads of other harts, and preempt less important ones")
{
    static waiter_t w;
    w = (waiter_t){.notification = make_notification()};
    volatile seL4_Word *word = fresh_word();
    seL4_Word core = last_core();
    start(thread_on(core, PRIO_HIGH, wait_for_ever, &w));
    start(thread_on(core, PRIO_LOW, count_for_ever, (void *)word));
    for (unsigned i = 0; i < 50; i++) {
        seL4_Word before = w.times;
        await_change(word, *word);
        seL4_Signal(mint(w.notification, seL4_AllRights, 1ul << i));
        await_change(&w.times, before);
    }
    CHECK_EQ(w.badges, (1ul << 50) - 1);
}

static void read_for_ever(u4_thread_t *self)
{
    volatile seL4_Word *page = self->argument;
    for (;;) {
        (void)page[1];
        page[0]++;
    }
}

TEST(smp, unmap, "a page that is unmapped is gone on every hart")
{
    seL4_CPtr frame, endpoint = make_endpoint();
    seL4_Word *page = make_page(&frame);
    u4_thread_t *t = thread_faulting("remote", PRIO_LOW, read_for_ever, page, endpoint);
    CHECK_OK(seL4_TCB_SetAffinity(t->tcb, last_core()));
    start(t);
    await_change(page, 0);
    CHECK_OK(seL4_RISCV_Page_Unmap(frame));
    CHECK_EQ(seL4_MessageInfo_get_label(seL4_Recv(endpoint, NULL)), seL4_Fault_VMFault);
    CHECK(seL4_GetMR(seL4_VMFault_Addr) - (seL4_Word)page < 16);
}

TEST(smp, revoke, "all of a thread's memory is revoked while it runs on another hart")
{
    seL4_Word core = last_core();
    volatile seL4_Word *word = make_page(NULL);
    for (unsigned round = 0; round < 10; round++) {
        seL4_CPtr memory = make_untyped(seL4_TCBBits), tcb = make_slot();
        CHECK_OK(seL4_Untyped_Retype(memory, seL4_TCBObject, 0, CNODE, 0, 0, tcb, 1));
        static uint8_t stack[4096] __attribute__((aligned(16)));
        seL4_UserContext registers = {.pc = (seL4_Word)count_for_ever,
                                      .sp = (seL4_Word)(stack + sizeof stack)};
        u4_thread_t self = {.argument = (void *)word};
        registers.a0 = (seL4_Word)&self;
        CHECK_OK(seL4_TCB_SetSpace(tcb, 0, CNODE, 0, seL4_CapInitThreadVSpace, 0));
        CHECK_OK(seL4_TCB_SetPriority(tcb, seL4_CapInitThreadTCB, PRIO_LOW));
        CHECK_OK(seL4_TCB_SetAffinity(tcb, core));
        seL4_Word before = *word;
        CHECK_OK(
            seL4_TCB_WriteRegisters(tcb, 1, 0, sizeof registers / sizeof(seL4_Word), &registers));
        await_change(word, before);
        CHECK_OK(seL4_CNode_Revoke(CNODE, memory, DEPTH));
        before = *word;
        seL4_Yield();
        CHECK_EQ(*word, before);
    }
}

static void move_self(u4_thread_t *self)
{
    volatile seL4_Word *moves = self->argument;
    for (seL4_Word i = 0; i < 40; i++) {
        seL4_TCB_SetAffinity(self->tcb, i % cores());
        *moves = i + 1;
    }
}

TEST(smp, debug_calls, "DebugGetThreadAffinity follows a thread; DebugSendIPI disturbs nobody")
{
    volatile seL4_Word *word = fresh_word();
    u4_thread_t *t = thread_on(last_core(), PRIO_LOW, count_for_ever, (void *)word);
    if (!u4_debug_calls())
        test_skip("no debug system calls");
    start(t);
    for (seL4_Word core = 1; core < cores(); core++) {
        CHECK_OK(seL4_TCB_SetAffinity(t->tcb, core));
        CHECK_EQ(seL4_DebugGetThreadAffinity(t->tcb), core);
        for (unsigned target = 0; target <= cores(); target++)
            seL4_DebugSendIPI((seL4_Uint8)target, 0);
        await_change(word, *word);
    }
    CHECK_EQ(seL4_DebugGetThreadAffinity(seL4_CapInitThreadTCB), 0);
}

TEST(smp, timers, "each hart has a timer: threads of one priority share it")
{
    (void)last_core();
    for (seL4_Word core = 1; core < cores(); core++) {
        words[core] = words[0] = 0;
        start(thread_on(core, PRIO_LOW, count_for_ever, (void *)&words[core]));
        start(thread_on(core, PRIO_LOW, count_for_ever, (void *)&words[0]));
        for (unsigned round = 0; round < 3; round++) {
            await_change(&words[core], words[core]);
            await_change(&words[0], words[0]);
        }
    }
}

/* Takes the UART's interrupt for its hart, and counts three of them. */
static void count_interrupts(u4_thread_t *self)
{
    volatile seL4_Word *count = self->argument;
    volatile uint8_t *regs = map_uart();
    seL4_CPtr ntfn = make_notification(), handler = make_slot();

    if (seL4_IRQControl_Get(seL4_CapIRQControl, U4_UART_IRQ, CNODE, handler, DEPTH) ||
        seL4_IRQHandler_SetNotification(handler, ntfn))
        return;
    for (; *count < 3; ++*count) {
        regs[UART_IER] = IER_TRANSMIT;
        seL4_Wait(ntfn, NULL);
        (void)regs[UART_IIR];
        regs[UART_IER] = 0;
        seL4_IRQHandler_Ack(handler);
    }
}

TEST(smp, interrupts, "an interrupt comes to a handler on the hart that asked for it")
{
    volatile seL4_Word *count = fresh_word();
    (void)map_uart();
    start(thread_on(last_core(), PRIO_LOW, count_interrupts, (void *)count));
    for (seL4_Word seen = 0; seen < 3;)
        seen = await_change(count, seen);
}

TEST(smp, move_self, "a thread moves itself to other harts")
{
    volatile seL4_Word *moves = fresh_word();
    u4_thread_t *t = thread_on(last_core(), ROOT_PRIO, move_self, (void *)moves);
    start(t);
    while (*moves < 40)
        seL4_Yield();
}

#endif
