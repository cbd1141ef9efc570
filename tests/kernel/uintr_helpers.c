/* SPDX-License-Identifier: BSD-2-Clause */
#include "uintr.h"

uintr_self_t self;

static void on_self(unsigned vector, void *argument)
{
    self.seen |= 1ul << vector;
    self.calls++;
    (void)argument;
}

void self_send(void)
{
    self = (uintr_self_t){.table = make_sender_table()};
    CHECK_OK(u4_uintr_init(&self.u, seL4_CapInitThreadTCB, self.table));
}

void self_receive(unsigned flags)
{
    self_send();
    self.ntfn = make_notification();
    for (unsigned i = 0; i < U4_UINTR_VECTORS; i++)
        u4_uintr_on(&self.u, i, on_self, NULL);
    CHECK_OK(u4_uintr_receive(&self.u, self.ntfn, flags));
}

static void on_peer(unsigned vector, void *argument)
{
    peer_t *peer = argument;

    peer->seen |= 1ul << vector;
    peer->calls++;
    if (peer->mode == PEER_LOG)
        log_add(peer->letter);
}

static void peer_round(peer_t *peer)
{
    switch (peer->mode) {
    case PEER_WAIT: peer->waited |= reL4_Wait(); break;
    case PEER_ENDPOINT: (void)seL4_Recv(peer->endpoint, NULL); break;
    default: break;
    }
}

static void peer_run(u4_thread_t *thread)
{
    peer_t *peer = thread->argument;

    peer->error = u4_uintr_init(&peer->u, thread->tcb, 0);
    for (unsigned i = 0; i < U4_UINTR_VECTORS; i++)
        u4_uintr_on(&peer->u, i, on_peer, peer);
    if (!peer->error)
        peer->error = u4_uintr_receive(&peer->u, peer->ntfn, 0);
    peer->ready = true;
    for (; !peer->stop; peer->rounds++)
        peer_round(peer);
}

void peer_start(peer_t *peer, peer_mode_t mode, seL4_Word priority)
{
    *peer = (peer_t){
        .ntfn = make_notification(), .endpoint = make_endpoint(), .mode = mode, .letter = 'p'};
    peer->thread = thread("peer", priority, peer_run, peer);
    start(peer->thread);
    while (!peer->ready)
        seL4_Yield();
    CHECK_OK(peer->error);
}

seL4_CPtr vector_cap(seL4_CPtr ntfn, seL4_Word vector)
{
    return mint(ntfn, seL4_CanWrite, vector);
}

seL4_Word register_in(seL4_CPtr table, seL4_CPtr cap)
{
    u4_SenderTable_Register_t made = u4_SenderTable_Register(table, cap);

    CHECK_OK(made.error);
    return made.index;
}
