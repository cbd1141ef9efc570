/* SPDX-License-Identifier: BSD-2-Clause */
/* User interrupts: errors of registering, and that every end of a registration is exact. */
#include "uintr.h"

enum { ENTRIES = 512 };
#define NO_SUCH_LABEL (U4_LABEL_BASE + 0x1f)

/* A TCB that never runs, as receiver of a notification of its own. */
typedef struct {
    seL4_CPtr tcb, ntfn;
} idle_receiver_t;

static idle_receiver_t make_receiver(void)
{
    idle_receiver_t r = {make_tcb(), make_notification()};

    CHECK_OK(u4_TCB_RegisterReceiver(r.tcb, r.ntfn));
    return r;
}

TEST_U4(uintr, errors_receiver, "RegisterReceiver and UnregisterReceiver: what is refused")
{
    idle_receiver_t r = make_receiver();
    seL4_CPtr tcb = make_tcb(), ntfn = make_notification();

    CHECK_ERROR(raw(tcb, u4_TCBRegisterReceiver, 0, 0), seL4_TruncatedMessage);
    CHECK_ERROR(u4_TCB_RegisterReceiver(tcb, make_endpoint()), seL4_InvalidCapability);
    CHECK_WORDS(1);
    CHECK_ERROR(u4_TCB_RegisterReceiver(tcb, copy(ntfn, seL4_CanWrite)), seL4_InvalidCapability);
    CHECK_WORDS(1);
    CHECK_ERROR(u4_TCB_RegisterReceiver(tcb, r.ntfn), seL4_IllegalOperation);
    CHECK_ERROR(u4_TCB_RegisterReceiver(r.tcb, ntfn), seL4_IllegalOperation);
    seL4_Signal(ntfn);
    CHECK_ERROR(u4_TCB_RegisterReceiver(tcb, ntfn), seL4_IllegalOperation);
    seL4_Wait(ntfn, NULL);
    CHECK_OK(seL4_TCB_BindNotification(tcb, ntfn));
    CHECK_ERROR(u4_TCB_RegisterReceiver(tcb, ntfn), seL4_IllegalOperation);
    CHECK_OK(seL4_TCB_UnbindNotification(tcb));
    CHECK_ERROR(u4_TCB_UnregisterReceiver(tcb), seL4_IllegalOperation);
    CHECK_OK(u4_TCB_RegisterReceiver(tcb, copy(ntfn, seL4_CanRead)));
    CHECK_ERROR(raw(tcb, NO_SUCH_LABEL, 0, 0), seL4_IllegalOperation);
}

TEST_U4(uintr, errors_table, "SetSenderTable and retyping one: what is refused")
{
    seL4_CPtr tcb = make_tcb(), table = make_sender_table(), slot = make_slot();

    CHECK_ERROR(u4_TCB_ClearSenderTable(tcb), seL4_IllegalOperation);
    CHECK_ERROR(u4_TCB_SetSenderTable(tcb, make_endpoint()), seL4_InvalidCapability);
    CHECK_WORDS(1);
    CHECK_OK(u4_TCB_SetSenderTable(tcb, table));
    CHECK_ERROR(u4_TCB_SetSenderTable(tcb, table), seL4_IllegalOperation);
    CHECK_OK(u4_TCB_ClearSenderTable(tcb));
    CHECK_OK(u4_TCB_SetSenderTable(tcb, table));
    for (seL4_Word bits = 0; bits < u4_MinSenderTableBits; bits += 4) {
        CHECK_ERROR(
            seL4_Untyped_Retype(make_untyped(14), u4_SenderTableObject, bits, CNODE, 0, 0, slot, 1),
            seL4_InvalidArgument);
        CHECK_WORDS(1);
    }
    CHECK_ERROR(seL4_Untyped_Retype(make_untyped(14), u4_SenderTableObject,
                                    u4_MaxSenderTableBits + 1, CNODE, 0, 0, slot, 1),
                seL4_InvalidArgument);
    CHECK_ERROR(
        seL4_Untyped_Retype(make_untyped(14), u4_SenderTableObject + 9, 13, CNODE, 0, 0, slot, 1),
        seL4_InvalidArgument);
    CHECK_WORDS(0);
}

TEST_U4(uintr, errors_sender, "registering and unregistering senders: what is refused")
{
    idle_receiver_t r = make_receiver();
    seL4_CPtr table = make_sender_table();

    CHECK_ERROR(raw(table, u4_SenderTableRegister, 0, 0), seL4_TruncatedMessage);
    CHECK_ERROR(raw(table, u4_SenderTableUnregister, 0, 0), seL4_TruncatedMessage);
    CHECK_ERROR(raw(table, NO_SUCH_LABEL, 0, 0), seL4_IllegalOperation);
    CHECK_ERROR(u4_SenderTable_Register(table, make_tcb()).error, seL4_InvalidCapability);
    CHECK_WORDS(1);
    CHECK_ERROR(u4_SenderTable_Register(table, copy(r.ntfn, seL4_CanRead)).error,
                seL4_InvalidCapability);
    CHECK_WORDS(1);
    CHECK_ERROR(u4_SenderTable_Register(table, vector_cap(r.ntfn, 64)).error, seL4_RangeError);
    CHECK_WORDS(0, 63);
    CHECK_ERROR(u4_SenderTable_Register(table, make_notification()).error, seL4_IllegalOperation);
    CHECK_ERROR(u4_SenderTable_Unregister(table, 0), seL4_InvalidArgument);
    CHECK_WORDS(0);
    CHECK_ERROR(u4_SenderTable_Unregister(table, TABLE_ENTRIES), seL4_RangeError);
    CHECK_WORDS(0, TABLE_ENTRIES - 1);
    CHECK_EQ(register_in(table, r.ntfn), 0);
    CHECK_OK(u4_SenderTable_Unregister(table, 0));
    CHECK_ERROR(u4_SenderTable_Unregister(table, 0), seL4_InvalidArgument);
}

TEST_U4(uintr, table_full, "a full table is an error, and a freed index is used again")
{
    idle_receiver_t r = make_receiver();
    seL4_CPtr table = make_sender_table();

    for (seL4_Word i = 0; i < TABLE_ENTRIES; i++)
        CHECK_EQ(register_in(table, r.ntfn), i);
    CHECK_ERROR(u4_SenderTable_Register(table, r.ntfn).error, seL4_NotEnoughMemory);
    CHECK_WORDS(0);
    CHECK_OK(u4_SenderTable_Unregister(table, 40));
    CHECK_OK(u4_SenderTable_Unregister(table, 7));
    CHECK_EQ(register_in(table, r.ntfn), 40);
    CHECK_EQ(register_in(table, r.ntfn), 7);
    CHECK_ERROR(u4_SenderTable_Register(table, r.ntfn).error, seL4_NotEnoughMemory);
}

TEST_U4(uintr, entries, "there are 512 receivers at a time, far more one after the other")
{
    static seL4_CPtr tcb[ENTRIES];
    seL4_CPtr ntfn[ENTRIES], extra = make_tcb(), extra_ntfn = make_notification();

    for (unsigned i = 0; i < ENTRIES; i++) {
        tcb[i] = make_tcb();
        ntfn[i] = make_notification();
        CHECK_OK(u4_TCB_RegisterReceiver(tcb[i], ntfn[i]));
    }
    CHECK_ERROR(u4_TCB_RegisterReceiver(extra, extra_ntfn), seL4_NotEnoughMemory);
    CHECK_WORDS(0);
    CHECK_OK(u4_TCB_UnregisterReceiver(tcb[100]));
    CHECK_OK(u4_TCB_RegisterReceiver(extra, extra_ntfn));
    CHECK_ERROR(u4_TCB_RegisterReceiver(tcb[100], ntfn[100]), seL4_NotEnoughMemory);
    for (unsigned i = 0; i < 8 * ENTRIES; i++) {
        CHECK_OK(u4_TCB_UnregisterReceiver(extra));
        CHECK_OK(u4_TCB_RegisterReceiver(extra, extra_ntfn));
    }
}

/* ---- Every way in which a registration ends ---- */

/* `self` sends to itself: by `cap`, derived from `parent`, derived from the notification. */
typedef struct {
    seL4_CPtr parent, cap;
    seL4_Word index;
} chain_t;

static chain_t make_chain(void)
{
    chain_t c;

    self_receive(0);
    c.parent = copy(self.ntfn, seL4_AllRights);
    c.cap = vector_cap(c.parent, 12);
    c.index = register_in(self.table, c.cap);
    u4_uipi_send(c.index);
    CHECK_EQ(self.calls, 1);
    return c;
}

/* Nothing arrives by any index that was ever used. */
static void check_silent(void)
{
    unsigned calls = self.calls;

    for (seL4_Word i = 0; i < TABLE_ENTRIES; i++)
        u4_uipi_send(i);
    CHECK_EQ(self.calls, calls);
}

static void check(void)
{
    if (u4_debug_calls())
        u4_sys_plain((seL4_Word)u4_SysCheck, 0, 0);
}

static void delete (seL4_CPtr cap)
{
    CHECK_OK(seL4_CNode_Delete(CNODE, cap, DEPTH));
}

static void revoke(seL4_CPtr cap)
{
    CHECK_OK(seL4_CNode_Revoke(CNODE, cap, DEPTH));
}

TEST_U4(uintr, delete_cap, "deleting the capability registered with ends that registration only")
{
    chain_t c = make_chain();
    seL4_CPtr other = copy(c.cap, seL4_AllRights);
    seL4_Word index = register_in(self.table, other);

    delete (c.cap);
    u4_uipi_send(c.index);
    CHECK_EQ(self.calls, 1);
    u4_uipi_send(index);
    CHECK_EQ(self.calls, 2);
    check();
    delete (other);
    check_silent();
}

TEST_U4(uintr, revoke_cap, "revoking it, or what it was derived from, ends registrations")
{
    chain_t c = make_chain();

    revoke(c.cap);
    check_silent();
    c.index = register_in(self.table, c.cap);
    u4_uipi_send(c.index);
    CHECK_EQ(self.calls, 2);
    revoke(self.ntfn);
    check_silent();
    CHECK(slot_empty(c.cap));
    check();
    /* The receiver's registration was made with the revoked capability, and is gone too. */
    CHECK_ERROR(u4_SenderTable_Register(self.table, self.ntfn).error, seL4_IllegalOperation);
}

TEST_U4(uintr, delete_ntfn, "deleting the notification ends everything, with a signal in flight")
{
    chain_t c = make_chain();

    (void)u4_uintr_disable();
    u4_uipi_send(c.index);
    delete (self.ntfn);
    check_silent();
    u4_uintr_enable();
    CHECK_EQ(self.calls, 1);
    delete (c.parent);
    delete (c.cap);
    check();
    CHECK_EQ(u4_ucsr_read(U4_CSR_UIP), 0);
    CHECK_OK(u4_TCB_RegisterReceiver(seL4_CapInitThreadTCB, make_notification()));
}

TEST_U4(uintr, unregister, "unregistering the sender or the receiver")
{
    chain_t c = make_chain();

    CHECK_OK(u4_SenderTable_Unregister(self.table, c.index));
    check_silent();
    c.index = register_in(self.table, c.cap);
    u4_uipi_send(c.index);
    CHECK_EQ(self.calls, 2);
    CHECK_OK(u4_uintr_stop(&self.u));
    check_silent();
    check();
    CHECK_OK(u4_uintr_receive(&self.u, self.ntfn, 0));
    check_silent();
    c.index = register_in(self.table, c.cap);
    u4_uipi_send(c.index);
    CHECK_EQ(self.calls, 3);
}

TEST_U4(uintr, delete_table, "a table without a thread, and one that is gone")
{
    chain_t c = make_chain();

    CHECK_OK(u4_TCB_ClearSenderTable(seL4_CapInitThreadTCB));
    check_silent();
    CHECK_OK(u4_TCB_SetSenderTable(seL4_CapInitThreadTCB, self.table));
    u4_uipi_send(c.index);
    CHECK_EQ(self.calls, 2);
    revoke(self.table);
    check_silent();
    CHECK_OK(u4_TCB_SetSenderTable(seL4_CapInitThreadTCB, self.table));
    u4_uipi_send(c.index);
    CHECK_EQ(self.calls, 3);
    delete (self.table); /* the thread has its own capability */
    u4_uipi_send(c.index);
    CHECK_EQ(self.calls, 4);
    CHECK_OK(u4_TCB_ClearSenderTable(seL4_CapInitThreadTCB));
    check_silent();
    check();
}

TEST_U4(uintr, delete_tcbs, "deleting the sender's or the receiver's TCB")
{
    seL4_CPtr sender = make_tcb();
    idle_receiver_t r;

    self_receive(0);
    r = make_receiver();
    (void)register_in(self.table, vector_cap(r.ntfn, 1));
    (void)register_in(self.table, self.ntfn);
    CHECK_OK(u4_TCB_SetSenderTable(sender, self.table));
    delete (r.tcb);
    check();
    CHECK_ERROR(u4_SenderTable_Register(self.table, r.ntfn).error, seL4_IllegalOperation);
    u4_uipi_send(0);
    CHECK_EQ(self.calls, 0);
    u4_uipi_send(1);
    CHECK_EQ(self.calls, 1);
    delete (sender);
    u4_uipi_send(1);
    CHECK_EQ(self.calls, 2);
    check();
}

TEST_U4(uintr, memory, "revoking the memory of table, notification and TCB, in any order")
{
    for (unsigned order = 0; order < 6; order++) {
        seL4_CPtr memory[3] = {make_untyped(15), make_untyped(12), make_untyped(12)};
        const unsigned type[3] = {u4_SenderTableObject, seL4_NotificationObject, seL4_TCBObject};
        seL4_CPtr made[3];
        unsigned first = order / 2, second = (first + 1 + order % 2) % 3;

        for (unsigned i = 0; i < 3; i++) {
            made[i] = make_slot();
            CHECK_OK(seL4_Untyped_Retype(memory[i], type[i], 14, CNODE, 0, 0, made[i], 1));
        }
        CHECK_OK(u4_TCB_RegisterReceiver(made[2], made[1]));
        CHECK_OK(u4_TCB_SetSenderTable(made[2], made[0]));
        for (unsigned i = 0; i < 20; i++)
            (void)register_in(made[0], made[1]);
        (void)register_in(made[0], vector_cap(made[1], 3));
        revoke(memory[first]);
        check();
        revoke(memory[second]);
        check();
        revoke(memory[3 - first - second]);
        check();
    }
}

TEST_U4(uintr, waiting_end, "a receiver whose notification ends while it waits is not left waiting")
{
    static peer_t peer;

    self_send();
    peer_start(&peer, PEER_WAIT, PRIO_HIGH);
    CHECK_OK(u4_TCB_UnregisterReceiver(peer.thread->tcb));
    CHECK_EQ(peer.rounds, 0); /* waits again, on a plain notification */
    seL4_Signal(vector_cap(peer.ntfn, 6));
    CHECK_EQ(peer.rounds, 1);
    check();
}

TEST_U4(uintr, many, "thousands of registrations, each ended in another way, leave nothing")
{
    self_receive(0);
    for (unsigned i = 0; i < 3000; i++) {
        seL4_CPtr cap = vector_cap(self.ntfn, i % 64);
        seL4_Word index = register_in(self.table, cap);

        self.seen = 0;
        u4_uipi_send(index);
        CHECK_EQ(self.seen, 1ul << i % 64);
        switch (i % 3) {
        case 0: CHECK_OK(u4_SenderTable_Unregister(self.table, index)); break;
        case 1: revoke(cap); break;
        default: break;
        }
        delete (cap);
        u4_uipi_send(index);
        CHECK_EQ(self.calls, i + 1);
        test_alloc.next--; /* its slot is empty again */
    }
    check();
}

/* ---- What somebody malicious can try ---- */

TEST_U4(uintr, threats, "sends that nobody registered have no effect")
{
    self_receive(0);
    check_silent();
    u4_uipi_send(TABLE_ENTRIES); /* behind the last index, in the same page */
    u4_uipi_send(511);           /* the page's last */
    u4_uipi_send(512);           /* where the kernel's own part begins */
    u4_uipi_send(1ul << 20);     /* beyond the table */
    u4_uipi_send(~0ul);          /* and around the end of all memory */
    u4_uipi_send(0xe000000000000000ul);
    CHECK_EQ(self.calls, 0);
    /* The part that the kernel keeps is no memory of the user's. */
    CHECK_ERROR(seL4_RISCV_Page_GetAddress(self.table).error, seL4_IllegalOperation);
    CHECK_OK(u4_TCB_ClearSenderTable(seL4_CapInitThreadTCB));
    check_silent();
}

static void privileged(u4_thread_t *thread)
{
    switch (*(int *)thread->argument) {
    case 0: __asm__ volatile("csrw 0x1b0, zero"); break;  /* suist */
    case 1: __asm__ volatile("csrw 0x1b1, zero"); break;  /* suirs */
    case 2: __asm__ volatile("csrr zero, 0x1b2"); break;  /* suicfg */
    case 3: __asm__ volatile("csrw 0x103, zero"); break;  /* sideleg */
    default: __asm__ volatile("csrw 0x102, zero"); break; /* sedeleg */
    }
}

TEST_U4(uintr, redirect, "a user cannot redirect its table, its entry, or its traps")
{
    for (int i = 0; i < 5; i++) {
        seL4_CPtr fault_ep = make_endpoint();
        seL4_MessageInfo_t info;

        start(thread_faulting("privileged", PRIO_HIGH, privileged, &i, fault_ep));
        info = seL4_Recv(fault_ep, NULL);
        CHECK_EQ(seL4_MessageInfo_get_label(info), seL4_Fault_UserException);
        CHECK_EQ(seL4_GetMR(seL4_UserException_Number), 2);
    }
}
