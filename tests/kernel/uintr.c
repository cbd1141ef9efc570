/* SPDX-License-Identifier: BSD-2-Clause */
/* User interrupts: sending, handling, waiting, what follows a thread. */
#include "uintr.h"

TEST_U4(uintr, self, "a thread interrupts itself: each vector reaches its callback")
{
    self_receive(0);
    for (seL4_Word v = 0; v < U4_UINTR_VECTORS; v++) {
        CHECK_OK(reL4_Signal(vector_cap(self.ntfn, v)));
        CHECK_EQ(self.seen, v == 63 ? ~0ul : (1ul << (v + 1)) - 1);
    }
    CHECK_EQ(self.calls, U4_UINTR_VECTORS);
}

TEST_U4(uintr, masked, "with interrupts off vectors add up and come when they are on again")
{
    seL4_CPtr cap;

    self_receive(U4_UINTR_MASKED);
    cap = vector_cap(self.ntfn, 5);
    CHECK_OK(reL4_Signal(cap));
    CHECK_OK(reL4_Signal(cap));
    CHECK_OK(reL4_Signal(vector_cap(self.ntfn, 40)));
    CHECK_EQ(self.calls, 0);
    u4_uintr_enable();
    CHECK_EQ(self.seen, 1ul << 5 | 1ul << 40);
    CHECK_EQ(self.calls, 2);
}

TEST_U4(uintr, poll, "reL4_Poll takes what is pending; then there is nothing to handle")
{
    self_receive(U4_UINTR_MASKED);
    CHECK_EQ(reL4_Poll(), 0);
    CHECK_OK(reL4_Signal(vector_cap(self.ntfn, 9)));
    CHECK_EQ(reL4_Poll(), 1ul << 9);
    CHECK_EQ(reL4_Poll(), 0);
    u4_uintr_enable();
    CHECK_EQ(self.calls, 0);
}

TEST_U4(uintr, instructions, "uipi write, read, activate and deactivate act on the own entry")
{
    self_receive(U4_UINTR_MASKED);
    u4_uipi_write(0x8000000000000001ul);
    CHECK_EQ(u4_uipi_read(), 0x8000000000000001ul);
    CHECK_EQ(u4_uipi_read(), 0);
    u4_uintr_enable();
    u4_ucsr_clear(U4_CSR_UIP, U4_UIE_SOFTWARE);
    u4_uipi_deactivate();
    u4_uipi_write(6);
    CHECK_EQ(self.calls, 0);
    seL4_Yield(); /* stays as the thread has left it */
    CHECK_EQ(self.calls, 0);
    u4_uipi_activate();
    CHECK_EQ(self.seen, 6);
}

TEST_U4(uintr, registers, "the user CSRs hold what they are specified to")
{
    self_receive(U4_UINTR_MASKED);
    u4_ucsr_write(U4_CSR_USTATUS, ~0ul);
    CHECK_EQ(u4_ucsr_read(U4_CSR_USTATUS), 0x11);
    u4_ucsr_write(U4_CSR_USTATUS, 0);
    u4_ucsr_write(U4_CSR_UIE, ~0ul);
    CHECK_EQ(u4_ucsr_read(U4_CSR_UIE), 1);
    u4_ucsr_write(U4_CSR_UEPC, 0x1235);
    CHECK_EQ(u4_ucsr_read(U4_CSR_UEPC), 0x1234);
    u4_ucsr_write(U4_CSR_UTVEC, 0x1000);
    u4_ucsr_write(U4_CSR_UTVEC, 0x2002); /* a reserved mode changes nothing */
    CHECK_EQ(u4_ucsr_read(U4_CSR_UTVEC), 0x1000);
    u4_ucsr_write(U4_CSR_UIP, 0);
    CHECK_EQ(u4_ucsr_read(U4_CSR_UIP), 0);
    u4_ucsr_set(U4_CSR_UIP, ~0ul);
    CHECK_EQ(u4_ucsr_read(U4_CSR_UIP), 1);
    u4_ucsr_clear(U4_CSR_UIP, 1);
    u4_ucsr_write(U4_CSR_USCRATCH, 0x77);
    u4_ucsr_set(U4_CSR_USCRATCH, 0x88);
    u4_ucsr_clear(U4_CSR_USCRATCH, 0x11);
    CHECK_EQ(u4_ucsr_read(U4_CSR_USCRATCH), 0xee);
}

static void on_float(unsigned vector, void *argument)
{
    volatile double *sum = argument;

    *sum = *sum * 1.5 + vector;
}

/* Every register that a callback may change is the interrupted code's to keep. */
TEST_U4(uintr, float, "a handler that uses floating point leaves the interrupted code's alone")
{
    volatile double handled = 0;
    double a = 1, b = 2, c = 3, d = 4;
    seL4_CPtr cap;

    self_receive(U4_UINTR_FLOAT);
    cap = vector_cap(self.ntfn, 1);
    u4_uintr_on(&self.u, 1, on_float, (void *)&handled);
    CHECK_OK(u4_uintr_register(cap));
    for (int i = 0; i < 100; i++) {
        const u4_uintr_sender_t *sender = u4_uintr_sender(cap);

        __asm__ volatile("fmv.d ft0, %0\n fmv.d fa0, %1\n fmv.d fa7, %2\n fmv.d ft11, %3\n"
                         ".insn r 0x7b, 6, 0, x0, %4, x0\n"
                         "fmv.d %0, ft0\n fmv.d %1, fa0\n fmv.d %2, fa7\n fmv.d %3, ft11"
                         : "+&f"(a), "+&f"(b), "+&f"(c), "+&f"(d)
                         : "r"(sender->index)
                         : "ft0", "fa0", "fa7", "ft11", "memory");
    }
    CHECK(handled > 1);
    CHECK(a == 1 && b == 2 && c == 3 && d == 4);
}

TEST_U4(uintr, wait, "a receiver that waits is woken at once by a less important sender")
{
    static peer_t peer;
    seL4_CPtr cap;

    self_send();
    peer_start(&peer, PEER_WAIT, PRIO_HIGH);
    cap = vector_cap(peer.ntfn, 17);
    CHECK_EQ(peer.rounds, 0);
    CHECK_OK(reL4_Signal(cap));
    CHECK_EQ(peer.rounds, 1);
    CHECK_EQ(peer.waited, 1ul << 17);
    CHECK_EQ(peer.calls, 1);
    for (unsigned i = 2; i < 50; i++) {
        CHECK_OK(reL4_Signal(cap));
        CHECK_EQ(peer.rounds, i);
    }
}

TEST_U4(uintr, less_important, "one that is less important handles it when it runs")
{
    static peer_t peer;

    self_send();
    peer_start(&peer, PEER_SPIN, ROOT_PRIO);
    CHECK_OK(seL4_TCB_SetPriority(peer.thread->tcb, seL4_CapInitThreadTCB, PRIO_LOW));
    CHECK_OK(reL4_Signal(vector_cap(peer.ntfn, 3)));
    CHECK_EQ(peer.seen, 0);
    CHECK_OK(seL4_TCB_SetPriority(peer.thread->tcb, seL4_CapInitThreadTCB, ROOT_PRIO));
    seL4_Yield();
    CHECK_EQ(peer.seen, 1ul << 3);
}

TEST_U4(uintr, suspended, "one that is suspended handles it after it was resumed")
{
    static peer_t peer;

    self_send();
    peer_start(&peer, PEER_SPIN, ROOT_PRIO);
    CHECK_OK(seL4_TCB_Suspend(peer.thread->tcb));
    CHECK_OK(reL4_Signal(vector_cap(peer.ntfn, 3)));
    CHECK_OK(reL4_Signal(vector_cap(peer.ntfn, 4)));
    seL4_Yield();
    CHECK_EQ(peer.seen, 0);
    CHECK_OK(seL4_TCB_Resume(peer.thread->tcb));
    seL4_Yield();
    CHECK_EQ(peer.seen, 3ul << 3);
}

TEST_U4(uintr, elsewhere, "one that is blocked on an endpoint stays so, and handles it afterwards")
{
    static peer_t peer;

    self_send();
    peer_start(&peer, PEER_ENDPOINT, PRIO_HIGH);
    CHECK_OK(reL4_Signal(vector_cap(peer.ntfn, 3)));
    CHECK_EQ(peer.seen, 0);
    CHECK_EQ(peer.rounds, 0);
    seL4_NBSend(peer.endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
    CHECK_EQ(peer.seen, 1ul << 3);
    CHECK_EQ(peer.rounds, 1);
}

TEST_U4(uintr, suspended_wait, "suspending and resuming a waiting receiver loses nothing")
{
    static peer_t peer;
    seL4_CPtr cap;

    self_send();
    peer_start(&peer, PEER_WAIT, PRIO_HIGH);
    cap = vector_cap(peer.ntfn, 2);
    CHECK_OK(seL4_TCB_Suspend(peer.thread->tcb));
    CHECK_OK(reL4_Signal(cap));
    CHECK_EQ(peer.rounds, 0);
    CHECK_OK(seL4_TCB_Resume(peer.thread->tcb));
    CHECK_EQ(peer.waited, 1ul << 2);
    CHECK_OK(reL4_Signal(cap));
    CHECK_EQ(peer.rounds, 2);
}

TEST_U4(uintr, own_state, "each thread has its own registers; one without has zeros")
{
    static peer_t a, b;

    peer_start(&a, PEER_SPIN, ROOT_PRIO);
    peer_start(&b, PEER_SPIN, ROOT_PRIO);
    for (int i = 0; i < 20; i++)
        seL4_Yield();
    CHECK_EQ(u4_ucsr_read(U4_CSR_USCRATCH), 0);
    CHECK_EQ(u4_ucsr_read(U4_CSR_UTVEC), 0);
    CHECK_EQ(u4_ucsr_read(U4_CSR_UIE), 0);
    self_send();
    for (unsigned v = 0; v < 30; v++) {
        CHECK_OK(reL4_Signal(vector_cap(v % 2 ? a.ntfn : b.ntfn, v)));
        seL4_Yield();
    }
    CHECK_EQ(a.seen, 0x2aaaaaaa);
    CHECK_EQ(b.seen, 0x15555555);
}

TEST_U4(uintr, signal, "Signal posts the badge as a vector; what is no vector is dropped")
{
    static peer_t peer;

    self_receive(0);
    seL4_Signal(vector_cap(self.ntfn, 11));
    CHECK_EQ(self.seen, 1ul << 11);
    seL4_Signal(self.ntfn);
    CHECK_EQ(self.seen, 1ul << 11 | 1);
    seL4_Signal(vector_cap(self.ntfn, 64));
    CHECK_EQ(self.calls, 2);
    peer_start(&peer, PEER_WAIT, PRIO_HIGH);
    seL4_Signal(vector_cap(peer.ntfn, 63));
    CHECK_EQ(peer.waited, 1ul << 63);
}

TEST_U4(uintr, receive, "Poll and Wait give the receiver its vectors")
{
    seL4_Word vectors = 0;

    self_receive(U4_UINTR_MASKED);
    (void)seL4_Poll(self.ntfn, &vectors);
    CHECK_EQ(vectors, 0);
    CHECK_OK(reL4_Signal(vector_cap(self.ntfn, 5)));
    (void)seL4_Poll(self.ntfn, &vectors);
    CHECK_EQ(vectors, 1ul << 5);
    CHECK_OK(reL4_Signal(vector_cap(self.ntfn, 6)));
    seL4_Wait(self.ntfn, &vectors);
    CHECK_EQ(vectors, 1ul << 6);
    u4_uintr_enable();
    CHECK_EQ(self.calls, 0);
}

TEST_U4(uintr, flood, "a thousand signals are one or more interrupts, and lose no vector")
{
    static peer_t peer;
    seL4_CPtr cap[8];

    self_send();
    peer_start(&peer, PEER_SPIN, ROOT_PRIO);
    for (seL4_Word v = 0; v < 8; v++)
        cap[v] = vector_cap(peer.ntfn, v);
    for (unsigned i = 0; i < 1000; i++)
        CHECK_OK(reL4_Signal(cap[i % 8]));
    seL4_Yield();
    CHECK_EQ(peer.seen, 0xff);
    CHECK(peer.calls >= 8 && peer.calls <= 1000);
}

static void wait_other(u4_thread_t *thread)
{
    (void)seL4_Recv(*(seL4_CPtr *)thread->argument, NULL);
}

TEST_U4(uintr, not_receiver, "only the receiver may wait on its notification")
{
    seL4_CPtr fault_ep = make_endpoint();

    self_receive(0);
    start(thread_faulting("other", PRIO_HIGH, wait_other, &self.ntfn, fault_ep));
    CHECK_EQ(seL4_MessageInfo_get_label(seL4_Recv(fault_ep, NULL)), seL4_Fault_CapFault);
    CHECK_ERROR(seL4_TCB_BindNotification(make_tcb(), self.ntfn), seL4_IllegalOperation);
}
