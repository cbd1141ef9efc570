/* SPDX-License-Identifier: BSD-2-Clause */
/* User interrupts beside Signal and Wait; what a figure includes is said at its function. */
#include <u4/uintr.h>

#include "bench.h"

static u4_uintr_t self;
static seL4_CPtr own, waiting, plain;
static volatile bool seen;

/* A handler that only reads the counter: the thread is interrupted before its next instruction. */
__attribute__((naked, aligned(4))) static void first_instruction(void)
{
    __asm__ volatile("rdinstret t6\n"
                     "csrci 0x044, 1\n"                 /* uip */
                     ".insn r 0x7b, 6, 1, x0, x0, x0\n" /* uipi read */
                     ".word 0x00200073");               /* uret */
}

/* From before uipi send to the handler's first instruction; from there to the one after uret. */
static void to_handler(void)
{
    seL4_Word index = u4_uintr_sender(own)->index;
    seL4_Word handler = u4_ucsr_read(U4_CSR_UTVEC);

    u4_ucsr_write(U4_CSR_UTVEC, first_instruction);
    for (int part = 0; part < 2; part++) {
        for (unsigned i = 0; i < BENCH_ROUNDS; i++) {
            uint64_t a, handled, b;

            __asm__ volatile("rdinstret %0\n .insn r 0x7b, 6, 0, x0, %3, x0\n nop\n"
                             "rdinstret %2\n mv %1, t6"
                             : "=&r"(a), "=&r"(handled), "=&r"(b)
                             : "r"(index)
                             : "t6", "memory");
            if (part)
                bench_take(handled, b);
            else
                bench_take(a, handled);
        }
        bench_report(part ? "uintr_handler_return" : "uintr_to_handler");
    }
    u4_ucsr_write(U4_CSR_UTVEC, handler);
}

/* reL4_Signal() alone: the receiver does not run. */
static void send(void)
{
    (void)u4_uintr_disable();
    for (unsigned i = 0; i < BENCH_ROUNDS; i++) {
        uint64_t a = bench_now();
        (void)reL4_Signal(own);
        uint64_t b = bench_now();
        bench_take(a, b);
    }
    (void)reL4_Poll();
    u4_uintr_enable();
    bench_report("uintr_send");
}

static void on_vector(unsigned vector, void *argument)
{
    seen = true;
    (void)vector;
    (void)argument;
}

/* A whole notification: reL4_Signal(), handler with its callback, return. */
static void notification(void)
{
    for (unsigned i = 0; i < BENCH_ROUNDS; i++) {
        seen = false;
        uint64_t a = bench_now();
        (void)reL4_Signal(own);
        while (!seen)
            ;
        uint64_t b = bench_now();
        bench_take(a, b);
    }
    bench_report("uintr_notification");
}

static void plain_waiter(u4_thread_t *thread)
{
    (void)thread;
    for (;;)
        seL4_Wait(plain, NULL);
}

/* The same with Signal and Wait: a more important thread is woken, waits again, and its signaller
 * goes on. */
static void signal_and_wait(void)
{
    bench_start(plain_waiter, BENCH_PRIORITY + 20);
    for (unsigned i = 0; i < BENCH_ROUNDS; i++) {
        uint64_t a = bench_now();
        seL4_Signal(plain);
        uint64_t b = bench_now();
        bench_take(a, b);
    }
    bench_report("uintr_signal_and_wait");
}

static void receiver(u4_thread_t *thread)
{
    static u4_uintr_t u;

    bench_need(!u4_uintr_init(&u, thread->tcb, 0) && !u4_uintr_receive(&u, waiting, 0),
               "receive user interrupts");
    for (;;)
        (void)reL4_Wait();
}

/* And with reL4_Signal() to a more important receiver that waits in the kernel. */
static void wake(void)
{
    bench_start(receiver, BENCH_PRIORITY + 20);
    for (unsigned i = 0; i < BENCH_ROUNDS; i++) {
        uint64_t a = bench_now();
        (void)reL4_Signal(waiting);
        uint64_t b = bench_now();
        bench_take(a, b);
    }
    bench_report("uintr_wake");
}

void bench_uintr(void)
{
    seL4_CPtr table = bench_object(u4_SenderTableObject, u4_MinSenderTableBits);

    own = bench_object(seL4_NotificationObject, 0);
    waiting = bench_object(seL4_NotificationObject, 0);
    plain = bench_object(seL4_NotificationObject, 0);
    bench_need(!u4_uintr_init(&self, seL4_CapInitThreadTCB, table) &&
                   !u4_uintr_receive(&self, own, 0) && !u4_uintr_register(own),
               "receive user interrupts");
    u4_uintr_on(&self, 0, on_vector, NULL);
    to_handler();
    send();
    notification();
    signal_and_wait();
    wake();
}
