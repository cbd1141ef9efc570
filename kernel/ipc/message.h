/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages: info word, message registers (four in a2..a5, the rest in the IPC buffer), extra
 * capabilities. A thread's IPC buffer is reached through the frame capability in its TCB, at its
 * kernel address; user mappings are never used.
 */
#ifndef KERNEL_IPC_MESSAGE_H
#define KERNEL_IPC_MESSAGE_H

#include "kernel/object/tcb.h"

#define MSG_REGISTERS seL4_FastMessageRegisters

ALWAYS_INLINE word_t info_length(word_t info)
{
    word_t length = info & MASK(SEL4_INFO_LENGTH_BITS);
    return MIN(length, (word_t)seL4_MsgMaxLength);
}
ALWAYS_INLINE word_t info_extra(word_t info)
{
    return (info >> SEL4_INFO_EXTRA_SHIFT) & MASK(seL4_MsgExtraCapBits);
}
ALWAYS_INLINE word_t info_label(word_t info)
{
    return info >> SEL4_INFO_LABEL_SHIFT;
}
ALWAYS_INLINE word_t info_make(word_t label, word_t unwrapped, word_t extra, word_t length)
{
    return label << SEL4_INFO_LABEL_SHIFT | unwrapped << SEL4_INFO_UNWRAPPED_SHIFT |
           extra << SEL4_INFO_EXTRA_SHIFT | length;
}

/* The thread's IPC buffer, or NULL if it has none that the kernel may use so. */
seL4_IPCBuffer *tcb_ipc_buffer(const tcb_t *t, bool for_receiving);

/* Message register i of `t`; `buffer` may be NULL, then registers from 4 on read as 0 and writes
 * to them are dropped. The setter returns the length that a message up to here can have. */
ALWAYS_INLINE word_t msg_get(const tcb_t *t, const seL4_IPCBuffer *buffer, word_t i)
{
    if (i < MSG_REGISTERS)
        return t->regs[REG_A2 + i];
    return buffer ? buffer->msg[i] : 0;
}
ALWAYS_INLINE word_t msg_set(tcb_t *t, seL4_IPCBuffer *buffer, word_t i, word_t value)
{
    if (i < MSG_REGISTERS) {
        t->regs[REG_A2 + i] = value;
        return i + 1;
    }
    if (!buffer)
        return MSG_REGISTERS;
    buffer->msg[i] = value;
    return i + 1;
}

/* Argument i of the system call at hand (of the current thread). */
word_t syscall_arg(word_t i);

/* Looks up the message's extra capabilities into hart->extra; FAULTED with hart->fault and
 * hart->lookup set when one cannot be found. */
status_t msg_lookup_extra(tcb_t *t, const seL4_IPCBuffer *buffer, word_t info);

/* Moves a message: registers, buffer, and capabilities if `grant`. `ep` is the endpoint used,
 * NULL for replies. Sets the receiver's a0 and a1. `kind` is an enum trace_ipc_kind. */
void msg_transfer(tcb_t *sender, const void *ep, word_t badge, bool grant, tcb_t *receiver,
                  unsigned kind);
/* Answers a system call of the current thread with an error or plain success. */
void msg_reply_error(tcb_t *t);
void msg_reply_success(tcb_t *t);
/* Writes hart->lookup style failure words from message register i on; returns the length. */
word_t msg_set_lookup_failure(tcb_t *t, seL4_IPCBuffer *buffer, word_t i,
                              const lookup_failure_t *failure);

/* cancel.c: ends whatever the thread is waiting for. */
void ipc_cancel(tcb_t *t);

/* fault.c, of the classic and of the MCS kernel: `t` faulted with hart->fault: tells its handler,
 * or stops it. */
void fault_handle(tcb_t *t);
/* As an enum trace_fault_kind, whose numbers are the same in both. */
unsigned fault_kind(word_t type);
void fault_trace(const tcb_t *t, const fault_t *fault);
/* Nobody can be told: the thread stays stopped where it is. */
void fault_stop(tcb_t *t, const fault_t *fault);
/* Message of a fault that not both kernels have, and what an answer to it does. */
word_t fault_set_own(tcb_t *sender, tcb_t *receiver, seL4_IPCBuffer *buffer);
bool fault_apply_own(tcb_t *faulted, tcb_t *handler, const seL4_IPCBuffer *buffer, word_t length);
/* Writes `sender`'s fault into the receiver's message registers; returns the info word. */
word_t fault_set_message(tcb_t *sender, tcb_t *receiver, seL4_IPCBuffer *buffer);
/* Applies the handler's reply; returns whether the thread shall go on. */
bool fault_apply_reply(tcb_t *faulted, tcb_t *handler);

#endif
