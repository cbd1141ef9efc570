/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * U-notification: signals between threads, also of different address spaces, without the kernel.
 * A receiver names a notification of its own; whoever holds a capability to it with send right
 * and a badge of 0 to 63, the vector, can send. docs/uintr.md explains the model.
 *
 *   static u4_uintr_t u;
 *   u4_uintr_init(&u, own_tcb, sender_table);      each thread, once; table: 0 if it never sends
 *   u4_uintr_on(&u, 3, callback, argument);
 *   u4_uintr_receive(&u, notification, 0);
 *   ...
 *   reL4_Signal(other_notification);               in any thread that was initialised
 *
 * Handler: entered with further interrupts off, calls the callback of each pending vector, lowest
 * first, on the interrupted stack. A callback can do what a signal handler can: it must not block,
 * nor use the IPC buffer or what the interrupted code may be in the middle of; it may signal what
 * the thread has registered for (u4_uintr_register()). It is never interrupted by another one (do not set ustatus.UIE in it). It may use the FPU only if
 * U4_UINTR_FLOAT was given.
 */
#ifndef U4_UINTR_H
#define U4_UINTR_H

#include <stdbool.h>

#include <sel4/sel4.h>
#include <u4/uipi.h>

#include "abi/trace/layout.h"
#include "abi/u4/extensions.h"

enum { U4_UINTR_VECTORS = 64, U4_UINTR_CACHE = 32 };

/* Flags of u4_uintr_receive(). */
enum {
    U4_UINTR_FLOAT = 1,  /* callbacks use floating point: save its registers too */
    U4_UINTR_MASKED = 2, /* begin with interrupts off: u4_uintr_enable() turns them on */
};

typedef void (*u4_uintr_callback_t)(unsigned vector, void *argument);

typedef struct {
    seL4_CPtr ntfn;
    seL4_Word index;
} u4_uintr_sender_t;

/* What a thread knows of its user interrupts; zero before u4_uintr_init(). */
typedef struct u4_uintr {
    seL4_TCB tcb;
    seL4_CPtr table;
    seL4_CPtr ntfn;             /* that it receives, 0: none */
    volatile seL4_Word arrived; /* vectors handled since the last reL4_Wait() */
    /* An executor that has the thread: reL4_Wait() of its coroutines. False: not in a coroutine. */
    bool (*wait)(seL4_Word *vectors);
    seL4_Word untraced; /* handled in the middle of an event of the thread's own */
    struct {
        u4_uintr_callback_t call;
        void *argument;
    } on[U4_UINTR_VECTORS];
    /* Where its signals go, by capability; ntfn 0: free. */
    u4_uintr_sender_t sender[U4_UINTR_CACHE];
} u4_uintr_t;

/* The calling thread's; null before u4_uintr_init(). */
extern __thread u4_uintr_t *u4_uintr_self;

/*
 * The calling thread, whose TCB is TCB, will use user interrupts, and send by TABLE (a sender
 * table; 0: it only receives). Errors: those of binding the table.
 */
seL4_Error u4_uintr_init(u4_uintr_t *u, seL4_TCB tcb, seL4_CPtr table);

/* CALL is called with ARGUMENT for VECTOR (0..63); null: nobody is. */
void u4_uintr_on(u4_uintr_t *u, unsigned vector, u4_uintr_callback_t call, void *argument);

/*
 * The calling thread, initialised as U, becomes NTFN's receiver (a capability with receive right).
 * FLAGS: U4_UINTR_*. Errors: IllegalOperation: the notification is in use or the thread is a
 * receiver already; InvalidCapability; NotEnoughMemory: all 512 receiver entries are taken.
 */
seL4_Error u4_uintr_receive(u4_uintr_t *u, seL4_CPtr ntfn, unsigned flags);

/* It is so no more: every sender's registration ends too. */
seL4_Error u4_uintr_stop(u4_uintr_t *u);

/* Interrupts of the calling thread off and on; returns whether they were on. */
static inline bool u4_uintr_disable(void)
{
    seL4_Word old;

    __asm__ volatile("csrrci %0, 0x000, 1" : "=r"(old)::"memory");
    return old & U4_USTATUS_UIE;
}
static inline void u4_uintr_enable(void)
{
    __asm__ volatile("csrsi 0x000, 1" ::: "memory");
}

/* Registers the calling thread as a sender to NTFN before its first signal, or gives the error:
 * RangeError: the badge is above 63; InvalidCapability; IllegalOperation: nobody receives;
 * NotEnoughMemory: the table is full. */
seL4_Error u4_uintr_register(seL4_CPtr ntfn);
/* Ends that registration. To be called before the capability's slot is used for another one. */
seL4_Error u4_uintr_unregister(seL4_CPtr ntfn);

/* The registration made for NTFN, or where it would be kept. */
static inline u4_uintr_sender_t *u4_uintr_sender(seL4_CPtr ntfn)
{
    return &u4_uintr_self->sender[ntfn % U4_UINTR_CACHE];
}

/* The event uintr.send, for a thread with a trace ring (u4/trace.h). */
extern __thread trace_ring_t *u4_trace_ring;
void u4_uintr_trace_send(const u4_uintr_sender_t *sender);

/*
 * Sends NTFN's badge as a vector. Registers on first use (an error is that of
 * u4_uintr_register()); after that it is a few instructions and one uipi send, without the kernel.
 * If the receiver has gone, nothing happens and there is no error.
 */
static inline seL4_Error reL4_Signal(seL4_CPtr ntfn)
{
    const u4_uintr_sender_t *sender = u4_uintr_sender(ntfn);

    if (__builtin_expect(sender->ntfn != ntfn, 0)) {
        seL4_Error error = u4_uintr_register(ntfn);

        if (error)
            return error;
    }
    if (__builtin_expect(u4_trace_ring != NULL, 0))
        u4_uintr_trace_send(sender);
    u4_uipi_send(sender->index);
    return seL4_NoError;
}

/* Takes the calling thread's pending vectors without calling anybody, without the kernel. */
static inline seL4_Word reL4_Poll(void)
{
    /* The edge first: a send in between raises it again. */
    u4_ucsr_clear(U4_CSR_UIP, U4_UIE_SOFTWARE);
    return u4_uipi_read();
}

/*
 * Waits until vectors have arrived since the last time, calls their callbacks (unless the handler
 * has), returns them. Not in callbacks. In a coroutine the
 * coroutine waits, not the thread: for vectors that are the program's (u4_exec_notices()), and 0
 * if it was cancelled.
 */
seL4_Word reL4_Wait(void);

#endif
