/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/object/irq.h"

#include "abi/sel4/invocation.h"
#include "kernel/arch/riscv/csr.h"
#include "kernel/async/async.h"
#include "kernel/ipc/message.h"
#include "kernel/lib/print.h"
#include "kernel/object/lookup.h"
#include "kernel/object/notification.h"
#include "kernel/object/object.h"
#include "kernel/sched/policy.h"
#include "kernel/smp/smp.h"
#include "kernel/syscall/error.h"
#include "kernel/trace/trace.h"
#include "kernel/uintr/receiver.h"

slot_t irq_slots[IRQ_MAX + 1];
uint8_t irq_states[IRQ_MAX + 1];

void irq_init(void)
{
    for (word_t irq = 1; irq <= PLIC_SOURCES; irq++)
        plic_mask(irq, true);
    irq_states[IRQ_KERNEL_TIMER] = IRQ_TIMER;
    for (word_t irq = IRQ_IPI_FIRST; irq < IRQ_KERNEL_TIMER; irq++)
        irq_states[irq] = IRQ_IPI;
}

void irq_release(word_t irq)
{
    irq_states[irq] = IRQ_INACTIVE;
    plic_mask(irq, true);
}

static void signal_irq(word_t irq)
{
    cap_t cap = irq_slots[irq].cap;
    if (cap_is(cap, CAP_NOTIFICATION) && cap_may(cap, RIGHT_SEND)) {
        TRACE(irq_raised, irq, TRACE_REF(cap_ptr(cap)), cap_badge(cap));
        ntfn_signal_irq(cap_ptr(cap), cap_badge(cap));
        return;
    }
    TRACE(irq_raised, irq, 0, 0);
#ifdef U4_DEBUG
    kprintf("Undelivered IRQ: %lu\n", irq);
#endif
}

void irq_handle_all(void)
{
    word_t pending = csr_read(sip);
    if (pending & SIP_SEIP) {
        word_t irq = plic_claim();
        if (irq == 0 || irq > PLIC_SOURCES) {
            TRACE(irq_spurious, irq);
            return;
        }
        if (irq_states[irq] == IRQ_SIGNAL)
            signal_irq(irq);
        else
            plic_mask(irq, true);
        plic_complete(irq);
    } else if (pending & SIP_SSIP) {
        csr_clear(sip, SIP_SSIP);
        smp_interrupted();
        receiver_wake_all();
    } else if (pending & SIP_STIP) {
        TRACE(irq_timer, hart->timer);
        trace_tick();
        if (!uintc_notifies)
            receiver_wake_all();
        policy_timer();
        timeout_tick();
    } else {
        TRACE(irq_spurious, pending);
    }
}

static status_t issue(slot_t *control, word_t irq, word_t index, word_t depth)
{
    if (irq < 1 || irq > IRQ_MAX)
        return fail_range(1, IRQ_MAX, REASON(IRQ_RANGE));
    if (irq_states[irq] != IRQ_INACTIVE)
        return fail(seL4_RevokeFirst, REASON(IRQ_TAKEN));
    slot_t *dest;
    status_t status = cspace_lookup_op(false, hart->extra[0]->cap, index, depth, &dest);
    if (status == OK)
        status = slot_ensure_empty(dest);
    if (status != OK)
        return status;
    irq_states[irq] = IRQ_SIGNAL;
    plic_mask(irq, false);
    cap_t cap = cap_make(CAP_IRQ_HANDLER, 0, NULL, irq);
    slot_insert(control, dest, cap);
    TRACE(cap_make, TRACE_CAP_OP_IRQ_HANDLER, CAP_IRQ_HANDLER, TRACE_REF(dest), TRACE_REF(control),
          irq, 0);
    return OK;
}

status_t irq_control_invoke(slot_t *slot, word_t label, word_t length)
{
    switch (label) {
    case IRQIssueIRQHandler:
        if (length < 3 || !hart->extra[0])
            return fail_truncated();
        return issue(slot, syscall_arg(0), syscall_arg(1), syscall_arg(2));
    case RISCVIRQIssueIRQHandlerTrigger:
        /* Sources are wired to their trigger on this platform: argument 1 is accepted. */
        if (length < 4 || !hart->extra[0])
            return fail_truncated();
        return issue(slot, syscall_arg(0), syscall_arg(2), syscall_arg(3));
    default: return fail_illegal(REASON(UNKNOWN_LABEL));
    }
}

static status_t set_notification(word_t irq)
{
    if (!hart->extra[0])
        return fail_truncated();
    slot_t *from = hart->extra[0];
    cap_t cap = from->cap;
    if (!cap_is(cap, CAP_NOTIFICATION) || !cap_may(cap, RIGHT_SEND))
        return fail_cap(0, REASON(IRQ_NOT_NTFN));
    slot_delete_simple(&irq_slots[irq]);
    slot_insert(from, &irq_slots[irq], cap);
    TRACE(irq_bind, irq, TRACE_REF(cap_ptr(cap)));
    return OK;
}

status_t irq_handler_invoke(cap_t cap, word_t label)
{
    word_t irq = cap.w1;
    switch (label) {
    case IRQAckIRQ: TRACE(irq_ack, irq); return OK;
    case IRQSetIRQHandler: return set_notification(irq);
    case IRQClearIRQHandler:
        slot_delete_simple(&irq_slots[irq]);
        TRACE(irq_bind, irq, 0);
        return OK;
    default: return fail_illegal(REASON(UNKNOWN_LABEL));
    }
}
