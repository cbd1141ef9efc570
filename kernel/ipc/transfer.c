/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/hart.h"
#include "kernel/ipc/message.h"
#include "kernel/object/lookup.h"
#include "kernel/object/object.h"
#include "kernel/trace/trace.h"

seL4_IPCBuffer *tcb_ipc_buffer(const tcb_t *t, bool for_receiving)
{
    cap_t cap = t->slots[TCB_SLOT_BUFFER].cap;
    if (!cap_is(cap, CAP_FRAME) || cap_frame_device(cap))
        return NULL;
    unsigned rights = cap_frame_rights(cap);
    if (rights != FRAME_READ_WRITE && (for_receiving || rights != FRAME_READ))
        return NULL;
    return (seL4_IPCBuffer *)((char *)cap_ptr(cap) + (t->buffer & MASK(cap_frame_bits(cap))));
}

status_t msg_lookup_extra(tcb_t *t, const seL4_IPCBuffer *buffer, word_t info)
{
    word_t count = info_extra(info);
    hart->extra[0] = NULL;
    if (LIKELY(count == 0) || !buffer)
        return OK;
    for (word_t i = 0; i < count; i++) {
        cptr_t cptr = buffer->caps_or_badges[i];
        hart->extra[i] = cspace_lookup(t, cptr);
        if (!hart->extra[i]) {
            hart->fault.type = seL4_Fault_CapFault;
            hart->fault.cap.address = cptr;
            hart->fault.cap.in_receive = false;
            return FAULTED;
        }
        hart->extra[i + 1] = NULL;
    }
    return OK;
}

/* The slot in which the receiver wants a capability: NULL if it named none that will do. */
static slot_t *receive_slot(const tcb_t *receiver, const seL4_IPCBuffer *buffer)
{
    const slot_t *root = cspace_lookup(receiver, buffer->receiveCNode);
    slot_t *slot;
    if (!root ||
        cspace_lookup_op(false, root->cap, buffer->receiveIndex, buffer->receiveDepth, &slot) !=
            OK ||
        !slot_empty(slot))
        return NULL;
    return slot;
}

/* Hands hart->extra over. Returns the extraCaps and capsUnwrapped bits of the info word. */
static word_t transfer_caps(const void *ep, tcb_t *receiver, seL4_IPCBuffer *buffer)
{
    slot_t *dest = NULL;
    bool dest_known = false;
    word_t unwrapped = 0, i = 0;
    if (!hart->extra[0] || !buffer)
        return 0;
    for (; i < seL4_MsgMaxExtraCaps && hart->extra[i]; i++) {
        slot_t *from = hart->extra[i];
        if (ep && cap_is(from->cap, CAP_ENDPOINT) && cap_ptr(from->cap) == ep) {
            /* A capability to this very endpoint: its badge tells all. */
            buffer->caps_or_badges[i] = cap_badge(from->cap);
            unwrapped |= BIT(i);
            TRACE(ipc_cap_transfer, i, TRACE_REF(ep), 0, CAP_ENDPOINT, cap_badge(from->cap));
            continue;
        }
        if (!dest_known) {
            dest = receive_slot(receiver, buffer);
            dest_known = true;
        }
        cap_t copy;
        if (!dest || cap_derive(from, from->cap, &copy) != OK || cap_is(copy, CAP_NULL))
            break;
        slot_insert(from, dest, copy);
        TRACE(ipc_cap_transfer, i, TRACE_REF(cap_object(copy)), TRACE_REF(dest), cap_type(copy),
              copy.w1);
        TRACE(cap_make, TRACE_CAP_OP_TRANSFER, cap_type(copy), TRACE_REF(dest), TRACE_REF(from),
              TRACE_REF(cap_object(copy)), copy.w1);
        dest = NULL;
    }
    return unwrapped << SEL4_INFO_UNWRAPPED_SHIFT | i << SEL4_INFO_EXTRA_SHIFT;
}

static word_t copy_words(const tcb_t *sender, const seL4_IPCBuffer *from, tcb_t *receiver,
                         seL4_IPCBuffer *to, word_t length)
{
    word_t i;
    for (i = 0; i < length && i < MSG_REGISTERS; i++)
        receiver->regs[REG_A2 + i] = sender->regs[REG_A2 + i];
    if (i == length || !from || !to)
        return i;
    for (; i < length; i++)
        to->msg[i] = from->msg[i];
    return i;
}

static void transfer_fault(tcb_t *sender, const void *ep, word_t badge, tcb_t *receiver,
                           seL4_IPCBuffer *to)
{
    word_t info = fault_set_message(sender, receiver, to);
    TRACE(ipc_transfer,
          TRACE_JOIN_ipc_transfer(TRACE_IPC_KIND_FAULT, 0,
                                  sender == hart->current ? TRACE_IPC_SIDE_SENDER
                                                          : TRACE_IPC_SIDE_RECEIVER),
          info_length(info), TRACE_REF(sender == hart->current ? receiver : sender), TRACE_REF(ep),
          badge);
    (void)ep;
    receiver->regs[REG_A1] = info;
    receiver->regs[REG_A0] = badge;
}

/* Who passed what to whom, from the current thread's side. */
ALWAYS_INLINE void trace_transfer(const tcb_t *sender, const void *ep, word_t badge,
                                  const tcb_t *receiver, unsigned kind, word_t length)
{
    bool sends = sender == hart->current;
    TRACE(ipc_transfer,
          TRACE_JOIN_ipc_transfer(kind, info_extra(sender->regs[REG_A1]),
                                  sends ? TRACE_IPC_SIDE_SENDER : TRACE_IPC_SIDE_RECEIVER),
          length, TRACE_REF(sends ? receiver : sender), TRACE_REF(ep), badge);
    TRACE(content_words, sender->regs[REG_A2], sender->regs[REG_A2 + 1]);
    (void)sends;
    (void)ep;
    (void)badge;
    (void)receiver;
    (void)kind;
    (void)length;
}

ALWAYS_INLINE void transfer(tcb_t *sender, const void *ep, word_t badge, bool grant,
                            tcb_t *receiver, unsigned kind, bool traced)
{
    if (UNLIKELY(sender->fault.type)) {
        transfer_fault(sender, ep, badge, receiver, tcb_ipc_buffer(receiver, true));
        return;
    }
    word_t info = sender->regs[REG_A1], length = info_length(info), caps = 0;
    seL4_IPCBuffer *to = NULL;
    const seL4_IPCBuffer *from = NULL;
    if (length > MSG_REGISTERS || info_extra(info)) {
        to = tcb_ipc_buffer(receiver, true);
        from = tcb_ipc_buffer(sender, false);
    }
    length = copy_words(sender, from, receiver, to, length);
    if (traced)
        trace_transfer(sender, ep, badge, receiver, kind, length);
    if (UNLIKELY(grant && info_extra(info))) {
        if (msg_lookup_extra(sender, from, info) == OK)
            caps = transfer_caps(ep, receiver, to);
    }
    receiver->regs[REG_A1] = info_make(info_label(info), 0, 0, length) | caps;
    receiver->regs[REG_A0] = badge;
}

/* A function of its own, so that the other one keeps nothing for the trace's sake. */
__attribute__((noinline, cold)) static void traced_transfer(tcb_t *sender, const void *ep,
                                                            word_t badge, bool grant,
                                                            tcb_t *receiver, unsigned kind)
{
    transfer(sender, ep, badge, grant, receiver, kind, true);
}

void msg_transfer(tcb_t *sender, const void *ep, word_t badge, bool grant, tcb_t *receiver,
                  unsigned kind)
{
    if (TRACE_ANY)
        traced_transfer(sender, ep, badge, grant, receiver, kind);
    else
        transfer(sender, ep, badge, grant, receiver, kind, false);
}

word_t syscall_arg(word_t i)
{
    const tcb_t *t = hart->current;
    if (i < MSG_REGISTERS)
        return t->regs[REG_A2 + i];
    const seL4_IPCBuffer *buffer = tcb_ipc_buffer(t, false);
    return buffer ? buffer->msg[i] : 0;
}

word_t msg_set_lookup_failure(tcb_t *t, seL4_IPCBuffer *buffer, word_t i,
                              const lookup_failure_t *failure)
{
    word_t n = msg_set(t, buffer, i, failure->type);
    if (failure->type == seL4_InvalidRoot)
        return n;
    n = msg_set(t, buffer, i + 1, failure->bits_left);
    if (failure->type == seL4_DepthMismatch)
        return msg_set(t, buffer, i + 2, failure->bits_found);
    if (failure->type == seL4_GuardMismatch) {
        msg_set(t, buffer, i + 2, failure->guard);
        return msg_set(t, buffer, i + 3, failure->bits_found);
    }
    return n;
}

void msg_reply_success(tcb_t *t)
{
    t->regs[REG_A0] = 0;
    t->regs[REG_A1] = 0;
}

void msg_reply_error(tcb_t *t)
{
    seL4_IPCBuffer *buffer = tcb_ipc_buffer(t, true);
    const error_t *e = &hart->error;
    word_t length = 0;
    switch (e->type) {
    case seL4_InvalidArgument: length = msg_set(t, buffer, 0, e->argument); break;
    case seL4_InvalidCapability: length = msg_set(t, buffer, 0, e->cap); break;
    case seL4_RangeError:
        msg_set(t, buffer, 0, e->range_min);
        length = msg_set(t, buffer, 1, e->range_max);
        break;
    case seL4_FailedLookup:
        msg_set(t, buffer, 0, e->lookup_was_source);
        length = msg_set_lookup_failure(t, buffer, 1, &hart->lookup);
        break;
    case seL4_NotEnoughMemory: length = msg_set(t, buffer, 0, e->memory_left); break;
    default: break;
    }
    t->regs[REG_A0] = 0;
    t->regs[REG_A1] = info_make(e->type, 0, 0, length);
}

void invoke_answer(const word_t *words, word_t count)
{
    if (!hart->in_call)
        return;
    tcb_t *t = hart->current;
    seL4_IPCBuffer *buffer = tcb_ipc_buffer(t, true);
    word_t length = 0;
    for (word_t i = 0; i < count; i++)
        length = msg_set(t, buffer, i, words[i]);
    t->regs[REG_A0] = 0;
    t->regs[REG_A1] = info_make(0, 0, 0, length);
    t->state = THREAD_RUNNING;
}
