/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who may answer a Call: what the classic kernel does with a reply capability per thread, and the
 * MCS kernel with reply objects, along which time is lent too. Declared here once;
 * kernel/classic/ and kernel/mcs/ each define all of it, in their variant/reply.h and reply.c.
 */
#ifndef KERNEL_IPC_REPLY_H
#define KERNEL_IPC_REPLY_H

#include "kernel/ipc/message.h"
#include "kernel/object/endpoint.h"

/* A thread is being started: it may want to call. */
ALWAYS_INLINE void reply_may_call(tcb_t *t);
/* The current thread is about to receive over an endpoint. False: it cannot, and has faulted. */
ALWAYS_INLINE bool reply_prepare(tcb_t *t);
/* `receiver` starts to wait for a message by `cap`. */
ALWAYS_INLINE void reply_await(tcb_t *receiver, cap_t cap);
/* Its wait, or whatever other wait it was, is cancelled: it is still in its old state. */
ALWAYS_INLINE void reply_abandon(tcb_t *t);
/* A cancelled sender or receiver is to start again. */
ALWAYS_INLINE void reply_start_again(tcb_t *t);
/* A caller no longer waits for its reply. */
void reply_drop(tcb_t *caller);

/* The message of `sender` has reached `receiver`, which waited on `ep`, in the way `how`: makes
 * the receiver run and, after a Call, lets the sender wait for its reply. */
ALWAYS_INLINE void reply_sent(tcb_t *sender, tcb_t *receiver, endpoint_t *ep, const send_t *how);
/* `receiver` has by `cap` taken the message of `sender`, which waited on `ep`. */
ALWAYS_INLINE void reply_received(tcb_t *sender, tcb_t *receiver, endpoint_t *ep, cap_t cap);

#include "variant/reply.h"

#endif
