/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/uintr/context.h"

#include "kernel/smp/smp.h"
#include "kernel/trace/trace.h"
#include "kernel/uintr/csr.h"
#include "kernel/uintr/receiver.h"
#include "kernel/uintr/table.h"

void uintr_place(tcb_t *t)
{
    word_t low = UINTC_LOW_WIDE | (word_t)t->hart->id << UINTC_LOW_HART_SHIFT;
    if (t->uintr.entry == NO_RECEIVER)
        return;
    if (receiver_waits(t))
        low |= uintc_notifies ? UINTC_LOW_SUPERVISOR : 0;
    else if (t->hart->uintr_owner == t && t->uintr.active)
        low |= UINTC_LOW_ACTIVE;
    uintc_write(t->uintr.entry, UINTC_LOW, low);
}

word_t uintr_take(tcb_t *t)
{
    /* The edge first: a send after it raises it again. */
    t->uintr.uip = 0;
    if (!uintc_emulated() && hart->uintr_owner == t)
        csr_clear(CSR_UIP, UINTR_SOFTWARE);
    return uintc_read(t->uintr.entry, UINTC_HIGH);
}

static void save_registers(uintr_state_t *s)
{
    s->ustatus = csr_read(CSR_USTATUS);
    s->uie = csr_read(CSR_UIE);
    s->utvec = csr_read(CSR_UTVEC);
    s->uscratch = csr_read(CSR_USCRATCH);
    s->uepc = csr_read(CSR_UEPC);
    s->ucause = csr_read(CSR_UCAUSE);
    s->utval = csr_read(CSR_UTVAL);
}

static void load_registers(const uintr_state_t *s)
{
    csr_write(CSR_UTVEC, s->utvec);
    csr_write(CSR_USCRATCH, s->uscratch);
    csr_write(CSR_UEPC, s->uepc);
    csr_write(CSR_UCAUSE, s->ucause);
    csr_write(CSR_UTVAL, s->utval);
    csr_write(CSR_UIE, s->uie);
    csr_write(CSR_USTATUS, s->ustatus);
}

static void load_units(const tcb_t *t)
{
    csr_write(CSR_SUIST, sender_table_suist(t->slots[TCB_SLOT_SENDERS].cap));
    csr_write(CSR_SUIRS, t->uintr.entry == NO_RECEIVER ? 0 : CSR_UINTR_ENABLE | t->uintr.entry);
}

/* Nobody's registers: the next thread must find nothing of its predecessor's. */
static void clear_registers(void)
{
    static const uintr_state_t nothing;
    load_registers(&nothing);
    csr_write(CSR_SUIST, 0);
    csr_write(CSR_SUIRS, 0);
    csr_write(CSR_SIDELEG, 0);
}

/* The entry first, so that no interrupt is raised any more; then the registers. */
static void leave(tcb_t *t)
{
    uintr_state_t *s = &t->uintr;
    if (s->entry != NO_RECEIVER)
        s->active = uintc_read(s->entry, UINTC_ACTIVE) & UINTC_LOW_ACTIVE;
    hart->uintr_owner = NULL;
    uintr_place(t);
    TRACE(uintr_leave, s->entry, receiver_waits(t), TRACE_REF(t));
    if (uintc_emulated())
        return;
    s->uip |= csr_read(CSR_UIP) & UINTR_SOFTWARE;
    csr_clear(CSR_UIP, UINTR_SOFTWARE);
    save_registers(s);
    clear_registers();
}

void uintr_leave_for(const tcb_t *next)
{
    if (hart->uintr_owner != next)
        leave(hart->uintr_owner);
}

/* What the hart does when a user interrupt is pending and enabled in U-mode. */
static void deliver_emulated(tcb_t *t)
{
    uintr_state_t *s = &t->uintr;
    if (!(s->uip & s->uie) || !(s->ustatus & USTATUS_UIE))
        return;
    /* It would start its system call or instruction again: behind the handler. */
    if (t->state == THREAD_RESTART) {
        t->regs[REG_PC] = t->fault_pc;
        t->state = THREAD_RUNNING;
    }
    TRACE(uintr_deliver, s->entry, TRACE_REF(t), 0, t->regs[REG_PC]);
    s->uepc = t->regs[REG_PC];
    s->ucause = CAUSE_INTERRUPT;
    s->utval = 0;
    s->ustatus = USTATUS_UPIE;
    t->regs[REG_PC] = s->utvec & ~3ull; /* vectored or not: the cause is 0 */
}

void uintr_enter(tcb_t *t)
{
    if (hart->uintr_owner != t) {
        hart->uintr_owner = t;
        TRACE(uintr_enter, t->uintr.entry, TRACE_REF(t));
        if (!uintc_emulated()) {
            csr_write(CSR_SIDELEG, UINTR_SOFTWARE);
            load_registers(&t->uintr);
            load_units(t);
            csr_set(CSR_UIP, t->uintr.uip);
            t->uintr.uip = 0;
        }
        uintr_place(t);
    }
    if (uintc_emulated())
        deliver_emulated(t);
}

/* After a change of the table or the receiver: the state begins at all zeros, and is loaded while
 * there is any need of it. */
static void update(tcb_t *t)
{
    bool used = t->uintr.entry != NO_RECEIVER || !slot_empty(&t->slots[TCB_SLOT_SENDERS]);
    bool loaded = t->hart->uintr_owner == t;
    if (used == t->uintr_used) {
        if (loaded && !uintc_emulated())
            load_units(t);
    } else if (used) {
        t->uintr = (uintr_state_t){.entry = t->uintr.entry, .active = true};
        t->uintr_used = true;
        if (t == hart->current)
            uintr_enter(t);
    } else {
        if (loaded)
            leave(t);
        t->uintr_used = false;
    }
}

void uintr_set_receiver(tcb_t *t, unsigned entry)
{
    smp_stall(t);
    t->uintr.entry = entry;
    t->uintr.uip = 0;
    t->uintr.active = true;
    update(t);
    uintr_place(t);
}

void uintr_set_table(tcb_t *t)
{
    smp_stall(t);
    update(t);
}

void uintr_forget(tcb_t *t)
{
    if (t->hart->uintr_owner == t)
        leave(t);
}
