/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A system to be viewed while it runs, about 100,000 events a second for ever:
 *
 *   shell   calls fs again and again, badge 0x51
 *   fs      answers; each eighth request takes long, since it calls disk
 *   disk    works for 40 us before it answers
 *   mail    has called net, badge 0x3a, and gets no answer
 *   net     has taken mail's request and waits for a notification that nobody signals
 *   audit   holds a capability of fs's endpoint, too, and never uses it
 */
#include "tests/guest/guest.h"

enum { THREADS = 6 };
enum { SLOT_SERVE = 1, SLOT_CALL = 2, SLOT_IRQ = 3 };
enum { PRIO_CLIENT = 100, PRIO_SERVER = 110, PRIO_ROOT = 255 };
enum { TICKS_SHELL = 600, TICKS_DISK = 400 /* of 100 ns */ };

static void work(seL4_Word ticks)
{
    seL4_Word begun, now;

    __asm__ volatile("rdtime %0" : "=r"(begun));
    do {
        __asm__ volatile("rdtime %0" : "=r"(now));
    } while (now - begun < ticks);
}

static void call(seL4_CPtr endpoint, seL4_Word word)
{
    seL4_SetMR(0, word);
    seL4_Call(endpoint, seL4_MessageInfo_new(1, 0, 0, 1));
}

static void shell(u4_thread_t *self)
{
    (void)self;
    for (seL4_Word n = 0;; n++) {
        call(SLOT_CALL, n);
        work(TICKS_SHELL);
    }
}

static void mail(u4_thread_t *self)
{
    (void)self;
    call(SLOT_CALL, 0);
}

static void fs(u4_thread_t *self)
{
    seL4_Word badge;

    (void)self;
    seL4_Recv(SLOT_SERVE, &badge);
    for (;;) {
        if (seL4_GetMR(0) % 8 == 0)
            call(SLOT_CALL, 1);
        seL4_ReplyRecv(SLOT_SERVE, seL4_MessageInfo_new(0, 0, 0, 1), &badge);
    }
}

static void disk(u4_thread_t *self)
{
    seL4_Word badge;

    (void)self;
    seL4_Recv(SLOT_SERVE, &badge);
    for (;;) {
        work(TICKS_DISK);
        seL4_ReplyRecv(SLOT_SERVE, seL4_MessageInfo_new(0, 0, 0, 1), &badge);
    }
}

static void net(u4_thread_t *self)
{
    seL4_Word badge;

    (void)self;
    seL4_Recv(SLOT_SERVE, &badge);
    seL4_Wait(SLOT_IRQ, &badge);
}

static void wait(u4_thread_t *self)
{
    seL4_Word badge;

    (void)self;
    seL4_Wait(SLOT_IRQ, &badge);
}

int main(void)
{
    seL4_CPtr of[THREADS], of_fs, of_disk, of_net, never;

    guest_begin(PRIO_ROOT);
    of_fs = make(seL4_EndpointObject, 0);
    of_disk = make(seL4_EndpointObject, 0);
    of_net = make(seL4_EndpointObject, 0);
    never = make(seL4_NotificationObject, 0);
    for (unsigned i = 0; i < THREADS; i++)
        of[i] = make_cspace();
    put(of[0], SLOT_SERVE, of_fs, seL4_CanRead, 0);
    put(of[0], SLOT_CALL, of_disk, seL4_CapRights_new(1, 0, 0, 1), 0xf5);
    put(of[1], SLOT_SERVE, of_disk, seL4_CanRead, 0);
    put(of[2], SLOT_SERVE, of_net, seL4_CanRead, 0);
    put(of[2], SLOT_IRQ, never, seL4_CanRead, 0);
    put(of[3], SLOT_CALL, of_fs, seL4_CapRights_new(1, 0, 0, 1), 0x51);
    put(of[4], SLOT_CALL, of_net, seL4_CapRights_new(1, 0, 0, 1), 0x3a);
    put(of[5], SLOT_CALL, of_fs, seL4_CapRights_new(1, 0, 0, 1), 0xa0);
    put(of[5], SLOT_IRQ, never, seL4_CanRead, 0);
    start("fs", PRIO_SERVER, fs, of[0]);
    start("disk", PRIO_SERVER, disk, of[1]);
    start("net", PRIO_SERVER, net, of[2]);
    start("shell", PRIO_CLIENT, shell, of[3]);
    start("mail", PRIO_CLIENT, mail, of[4]);
    start("audit", PRIO_CLIENT, wait, of[5]);
    check(seL4_TCB_Suspend(seL4_CapInitThreadTCB), "suspending root");
    return 0;
}
