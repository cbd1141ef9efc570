/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of user interrupts share. */
#ifndef TESTS_KERNEL_UINTR_H
#define TESTS_KERNEL_UINTR_H

#include <u4/uintr.h>

#include "test.h"

enum { TABLE_BITS = u4_MinSenderTableBits, TABLE_ENTRIES = 84 };
#define make_sender_table() make(u4_SenderTableObject, TABLE_BITS)

/* The root thread as sender and receiver: its state, its table, its notification. */
typedef struct {
    u4_uintr_t u;
    seL4_CPtr table, ntfn;
    volatile seL4_Word seen; /* vectors that its handler saw */
    volatile unsigned calls;
} uintr_self_t;

extern uintr_self_t self;

/* Sets `self` up afresh: handler for every vector, FLAGS as for u4_uintr_receive(). */
void self_receive(unsigned flags);
/* Only a table to send by. */
void self_send(void);

/* A receiving thread: notes vectors, and does what MODE says. */
typedef enum { PEER_SPIN, PEER_WAIT, PEER_ENDPOINT, PEER_LOG } peer_mode_t;
typedef struct {
    u4_uintr_t u;
    u4_thread_t *thread;
    seL4_CPtr ntfn, endpoint;
    peer_mode_t mode;
    char letter;
    volatile seL4_Word seen, waited;
    volatile unsigned calls, rounds;
    volatile seL4_Error error;
    volatile bool ready, stop;
} peer_t;

/* Starts PEER at PRIORITY and lets it become ready, from a higher or lower priority. */
void peer_start(peer_t *peer, peer_mode_t mode, seL4_Word priority);

/* Badged capability to NTFN, and its registration in TABLE. */
seL4_CPtr vector_cap(seL4_CPtr ntfn, seL4_Word vector);
seL4_Word register_in(seL4_CPtr table, seL4_CPtr cap);

#endif
