/* SPDX-License-Identifier: BSD-2-Clause */
/* Notifications: signal, wait, poll, binding. */
#include "test.h"

typedef struct {
    seL4_CPtr cap;
    char letter;
    seL4_Word badge;
    seL4_MessageInfo_t info;
} waiter_t;

static void wait_once(u4_thread_t *self)
{
    waiter_t *w = self->argument;

    w->info = seL4_Recv(w->cap, &w->badge);
    log_add(w->letter);
}

static void send_once(u4_thread_t *self)
{
    waiter_t *w = self->argument;

    seL4_SetMR(0, 5);
    seL4_Send(w->cap, seL4_MessageInfo_new(1, 0, 0, 1));
    log_add(w->letter);
}

TEST(notification, stored, "a signal that nobody waits for is kept; Wait takes it")
{
    seL4_CPtr ntfn = make_notification();
    seL4_Word badge;

    seL4_Signal(mint(ntfn, seL4_AllRights, 6));
    seL4_Wait(ntfn, &badge);
    CHECK_EQ(badge, 6);
    (void)seL4_Poll(ntfn, &badge);
    CHECK_EQ(badge, 0);
}

TEST(notification, merged, "badges of several signals are joined by OR")
{
    seL4_CPtr ntfn = make_notification();
    seL4_Word badge;

    seL4_Signal(mint(ntfn, seL4_AllRights, 0x1));
    seL4_Signal(mint(ntfn, seL4_AllRights, 0x6));
    seL4_Signal(mint(ntfn, seL4_AllRights, 0x4));
    (void)seL4_Poll(ntfn, &badge);
    CHECK_EQ(badge, 7);
}

TEST(notification, badge_zero, "a signal without a badge is received as 0")
{
    seL4_CPtr ntfn = make_notification();
    waiter_t w = {.cap = ntfn, .letter = 'w', .badge = 9};

    seL4_Signal(ntfn);
    start(thread("waiter", PRIO_HIGH, wait_once, &w));
    CHECK_LOG("w");
    CHECK_EQ(w.badge, 0);
}

TEST_CLASSIC(notification, wakes, "a signal wakes one waiter, in the order in which they came")
{
    seL4_CPtr ntfn = make_notification(), badged[3];
    waiter_t w[3];

    for (int i = 0; i < 3; i++) {
        badged[i] = mint(ntfn, seL4_AllRights, 10 + (seL4_Word)i);
        w[i] = (waiter_t){.cap = ntfn, .letter = (char)('a' + i)};
        start(thread("waiter", PRIO_HIGH + (seL4_Word)i, wait_once, &w[i]));
    }
    for (int i = 0; i < 3; i++) {
        seL4_Signal(badged[i]);
        CHECK_EQ(w[i].badge, 10 + (seL4_Word)i);
    }
    CHECK_LOG("abc");
}

TEST(notification, registers, "a notification changes the badge register and no other")
{
    seL4_CPtr ntfn = make_notification();
    u4_sys_regs_t r;

    seL4_Signal(mint(ntfn, seL4_AllRights, 3));
    r = u4_sys(seL4_SysRecv, (u4_sys_regs_t){ntfn, 4, {5, 6, 7, 8}}, 0);
    CHECK_EQ(r.a0, 3);
    CHECK_EQ(r.info, 4);
    for (seL4_Word i = 0; i < 4; i++)
        CHECK_EQ(r.mr[i], 5 + i);
}

TEST(notification, call, "Call on a notification signals and is answered at once")
{
    seL4_CPtr ntfn = make_notification();
    seL4_Word badge;

    CHECK_OK(raw(mint(ntfn, seL4_AllRights, 2), 0, 0, 0));
    (void)seL4_Poll(ntfn, &badge);
    CHECK_EQ(badge, 2);
}

TEST(notification, no_send_right, "a signal without write right is dropped, Call gets an error")
{
    seL4_CPtr ntfn = make_notification(), reader = mint(ntfn, seL4_CanRead, 4);
    seL4_Word badge;

    seL4_Signal(reader);
    (void)seL4_Poll(ntfn, &badge);
    CHECK_EQ(badge, 0);
    CHECK_ERROR(raw(reader, 0, 0, 0), seL4_InvalidCapability);
    CHECK_WORDS(0);
}

TEST(notification, delete, "deleting a notification makes its waiters try again and fault")
{
    seL4_CPtr ntfn = make_notification(), fault_ep = make_endpoint();
    waiter_t w = {.cap = ntfn, .letter = 'w'};
    seL4_MessageInfo_t info;

    start(thread_faulting("waiter", PRIO_HIGH, wait_once, &w, fault_ep));
    CHECK_OK(seL4_CNode_Delete(CNODE, ntfn, DEPTH));
    info = seL4_Recv(fault_ep, NULL);
    CHECK_EQ(seL4_MessageInfo_get_label(info), seL4_Fault_CapFault);
    CHECK_EQ(seL4_GetMR(seL4_CapFault_Addr), ntfn);
    CHECK_EQ(seL4_GetMR(seL4_CapFault_InRecvPhase), 1);
    CHECK_EQ(seL4_GetMR(seL4_CapFault_LookupFailureType), seL4_MissingCapability);
    CHECK_EQ(seL4_GetMR(seL4_CapFault_BitsLeft), 0);
    CHECK_LOG("");
}

/* ---- Bound notifications ---- */

TEST(notification, bound, "a bound notification reaches a thread that receives on an endpoint")
{
    seL4_CPtr ntfn = make_notification();
    waiter_t w = {.cap = make_endpoint(), .letter = 'w'};
    u4_thread_t *t = thread("waiter", PRIO_HIGH, wait_once, &w);

    CHECK_OK(seL4_TCB_BindNotification(t->tcb, ntfn));
    start(t);
    seL4_Signal(mint(ntfn, seL4_AllRights, 0x30));
    CHECK_LOG("w");
    CHECK_EQ(w.badge, 0x30);
}

TEST(notification, bound_first, "an active bound notification goes before waiting senders")
{
    seL4_CPtr ntfn = make_notification(), endpoint = make_endpoint();
    waiter_t sender = {.cap = mint(endpoint, seL4_AllRights, 1), .letter = 's'};
    waiter_t w = {.cap = endpoint, .letter = 'w'};
    u4_thread_t *t = thread("waiter", PRIO_HIGH, wait_once, &w);

    start(thread("sender", PRIO_HIGH, send_once, &sender));
    CHECK_OK(seL4_TCB_BindNotification(t->tcb, ntfn));
    seL4_Signal(mint(ntfn, seL4_AllRights, 0x31));
    start(t);
    CHECK_LOG("w");
    CHECK_EQ(w.badge, 0x31);
}

TEST(notification, bound_wait, "the bound thread can wait on the notification itself")
{
    seL4_CPtr ntfn = make_notification();
    waiter_t w = {.cap = ntfn, .letter = 'w'};
    u4_thread_t *t = thread("waiter", PRIO_HIGH, wait_once, &w);

    CHECK_OK(seL4_TCB_BindNotification(t->tcb, ntfn));
    start(t);
    seL4_Signal(mint(ntfn, seL4_AllRights, 0x32));
    CHECK_LOG("w");
    CHECK_EQ(w.badge, 0x32);
}

TEST(notification, bound_other, "another thread cannot wait on a bound notification")
{
    seL4_CPtr ntfn = make_notification(), fault_ep = make_endpoint();
    u4_thread_t *owner = thread("owner", PRIO_LOW, wait_once, NULL);
    waiter_t w = {.cap = ntfn, .letter = 'w'};

    CHECK_OK(seL4_TCB_BindNotification(owner->tcb, ntfn));
    start(thread_faulting("waiter", PRIO_HIGH, wait_once, &w, fault_ep));
    CHECK_EQ(seL4_MessageInfo_get_label(seL4_Recv(fault_ep, NULL)), seL4_Fault_CapFault);
    CHECK_EQ(seL4_GetMR(seL4_CapFault_Addr), ntfn);
    CHECK_EQ(seL4_GetMR(seL4_CapFault_LookupFailureType), seL4_MissingCapability);
}

TEST(notification, unbind, "after UnbindNotification signals stay in the notification")
{
    seL4_CPtr ntfn = make_notification();
    waiter_t w = {.cap = make_endpoint(), .letter = 'w'};
    u4_thread_t *t = thread("waiter", PRIO_HIGH, wait_once, &w);
    seL4_Word badge;

    CHECK_OK(seL4_TCB_BindNotification(t->tcb, ntfn));
    start(t);
    CHECK_OK(seL4_TCB_UnbindNotification(t->tcb));
    seL4_Signal(mint(ntfn, seL4_AllRights, 0x33));
    CHECK_LOG("");
    (void)seL4_Poll(ntfn, &badge);
    CHECK_EQ(badge, 0x33);
}

TEST(notification, bind_errors, "what can be bound to what")
{
    seL4_CPtr ntfn = make_notification(), other = make_notification();
    waiter_t w = {.cap = other, .letter = 'w'};
    seL4_CPtr tcb = make_tcb(), second = make_tcb();

    CHECK_ERROR(raw(tcb, TCBBindNotification, 0, 0), seL4_TruncatedMessage);
    CHECK_ERROR(seL4_TCB_BindNotification(tcb, make_endpoint()), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_BindNotification(tcb, copy(ntfn, seL4_CanWrite)), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_UnbindNotification(tcb), seL4_IllegalOperation);
    start(thread("waiter", PRIO_HIGH, wait_once, &w));
    CHECK_ERROR(seL4_TCB_BindNotification(tcb, other), seL4_IllegalOperation);
    CHECK_OK(seL4_TCB_BindNotification(tcb, ntfn));
    CHECK_ERROR(seL4_TCB_BindNotification(tcb, make_notification()), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_BindNotification(second, ntfn), seL4_IllegalOperation);
}

TEST(notification, delete_bound, "deleting the thread or the notification unbinds")
{
    seL4_CPtr ntfn = make_notification(), tcb = make_tcb(), second = make_tcb();

    CHECK_OK(seL4_TCB_BindNotification(tcb, ntfn));
    CHECK_OK(seL4_CNode_Delete(CNODE, tcb, DEPTH));
    CHECK_OK(seL4_TCB_BindNotification(second, ntfn));
    CHECK_OK(seL4_CNode_Delete(CNODE, ntfn, DEPTH));
    CHECK_ERROR(seL4_TCB_UnbindNotification(second), seL4_IllegalOperation);
}
