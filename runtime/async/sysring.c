/* SPDX-License-Identifier: BSD-2-Clause */
/* Async system calls: the ring that this thread shares with the kernel. */
#include <u4/sysring.h>
#include <u4/u4.h>

#include "abi/u4/extensions.h"
#include "answer.h"
#include "conn.h"
#include "trace.h"

static u4_status_t make_memory(u4_exec_t *e, u4_sysring_t *ring, unsigned log2)
{
    bool small = log2 == U4_RING_MIN_LOG2;
    seL4_Word bits = small ? seL4_PageBits : seL4_LargePageBits;
    seL4_Word size = (seL4_Word)1 << bits;
    seL4_Word at = u4_vspace_window(e->vspace, 2 * (size >> seL4_PageBits));

    at = (at + size - 1) & ~(size - 1);
    if (u4_alloc_object(e->alloc, small ? seL4_RISCV_4K_Page : seL4_RISCV_Mega_Page, 0,
                        &ring->frame) ||
        u4_vspace_map(e->vspace, ring->frame, at, seL4_ReadWrite, seL4_RISCV_ExecuteNever))
        return U4_NO_MEMORY;
    ring->rings = (u4_rings_t *)at;
    return U4_OK;
}

u4_status_t u4_sysring_open(u4_sysring_t *ring, seL4_TCB tcb, unsigned log2)
{
    u4_exec_t *e = u4_exec_self;
    u4_ring_line_t *lines;

    if (log2 < U4_RING_MIN_LOG2 || log2 > U4_RING_MAX_LOG2 || e->sysring || !u4_kernel())
        return U4_INVALID;
    *ring = (u4_sysring_t){.exec = e, .tcb = tcb};
    ring->bell = u4_alloc_slots(e->alloc, 1);
    if (!ring->bell || make_memory(e, ring, log2) != U4_OK ||
        seL4_CNode_Mint(e->alloc->cnode, ring->bell, seL4_WordBits, e->alloc->cnode,
                        e->notification, seL4_WordBits, seL4_CanWrite, bell_badge(e, GROUP_KERNEL)))
        return U4_NO_MEMORY;
    seL4_SetCap(0, ring->frame);
    seL4_SetCap(1, ring->bell);
    if (u4_invoke(tcb, U4AsyncRegister, 2, 1, (seL4_Word[4]){log2}))
        return U4_REFUSED;
    lines = (void *)((char *)ring->rings + U4_RINGS_LINES);
    u4_producer_init(&ring->tx, &ring->rings->request, lines, log2);
    u4_consumer_init(&ring->rx, &ring->rings->response, lines + ((size_t)1 << log2), log2);
    ring->open = true;
    e->sysring = ring;
    return U4_OK;
}

static void lose(u4_sysring_t *ring)
{
    u4_exec_t *e = ring->exec;

    ring->open = false;
    e->sysring = NULL;
    while (u4_queue_wake(&ring->room, U4_CLOSED))
        ;
    for (unsigned i = 0; i < e->capacity; i++)
        if (e->coros[i].state == U4_CORO_BLOCKED && e->coros[i].wait == U4_WAIT_SYSCALL)
            u4_coro_wake_with(&e->coros[i], U4_CLOSED);
}

void u4_sysring_close(u4_sysring_t *ring)
{
    if (!ring->open)
        return;
    (void)u4_invoke(ring->tcb, U4AsyncUnregister, 0, 0, (seL4_Word[4]){0});
    lose(ring);
}

/* ---- the executor's part ---- */

bool sysring_answered(const u4_sysring_t *ring)
{
    return u4_shared(ring->rings->response.head) != ring->rx.tail;
}

bool sysring_submit(u4_sysring_t *ring)
{
    if (ring->tx.head == u4_shared(ring->rings->request.tail))
        return false;
    ring->submitted = ring->tx.head;
    u4_fence_full();
    if (!u4_shared(ring->rings->request.armed))
        return false; /* the kernel is at it, and was stopped by something more important */
    ring->wakes++;
    if (u4_sys_value((seL4_Word)u4_SysAsyncWake, ring->elsewhere ? 0 : U4_ASYNC_NOW, 0) !=
        U4_ASYNC_OK) {
        lose(ring);
        return true;
    }
    return sysring_answered(ring);
}

void sysring_poll(u4_sysring_t *ring)
{
    bool ok = answers_take(ring->exec, &ring->rx, U4_WAIT_SYSCALL, ring);

    if (!ring->open)
        return;
    if (ring->room.head && u4_producer_refresh(&ring->tx))
        while (u4_queue_wake(&ring->room, U4_OK))
            ;
    if (!ok || u4_shared(ring->rings->response.closed))
        lose(ring);
}

bool sysring_prepare_sleep(u4_sysring_t *ring)
{
    if (!ring->in_flight)
        return true;
    u4_ring_arm(&ring->rings->response.armed);
    if (ring->rx.known == ring->rx.tail && u4_shared(ring->rings->response.head) == ring->rx.tail &&
        !u4_shared(ring->rings->response.closed))
        return true;
    u4_shared(ring->rings->response.armed) = 0;
    return false;
}

/* ---- submitting ---- */

/* What of a request does not fit into its first line. */
static void push_rest(const u4_producer_t *p, uint64_t at, const seL4_Word *words, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++, at++)
        u4_producer_line(p, p->head + 1 + at / U4_RING_LINE_WORDS)->more[at % U4_RING_LINE_WORDS] =
            words[i];
}

/* The capability pointer, those of the extra capabilities, the message's words. */
static inline void push(u4_producer_t *p, uint64_t first, uint64_t info, seL4_CPtr service,
                        const seL4_CPtr *caps, const seL4_Word *words)
{
    u4_ring_line_t *line = u4_producer_line(p, p->head);
    uint64_t extra = info >> SEL4_INFO_EXTRA_SHIFT & 3, length = u4_info_length(info);
    uint64_t room = U4_RING_FIRST_WORDS - 1 - extra, lines = 1;
    uint64_t *to = &line->words[1];

    line->first = u4_ring_sized(first, 1 + extra + length);
    line->info = info;
    line->words[0] = service;
    for (uint64_t i = 0; i < extra; i++)
        *to++ = caps[i];
    for (uint64_t i = 0; i < length && i < room; i++)
        *to++ = words[i];
    if (length > room) {
        push_rest(p, 0, words + room, length - room);
        lines = u4_ring_lines(1 + extra + length);
    }
    u4_producer_publish(p, p->head + lines);
}

static u4_status_t wait_for_room(u4_sysring_t *ring, uint64_t lines)
{
    while (ring->open && ring->tx.limit - ring->tx.head < lines) {
        u4_status_t status;

        if (u4_producer_refresh(&ring->tx) && ring->tx.limit - ring->tx.head >= lines)
            break;
        status = u4_queue_wait(&ring->room, U4_WAIT_ROOM, ring, U4_NEVER);
        if (status != U4_OK)
            return status;
    }
    return ring->open ? U4_OK : U4_CLOSED;
}

u4_status_t u4_syscall(seL4_CPtr service, seL4_MessageInfo_t *info, const seL4_CPtr *caps,
                       seL4_Word *words, uint64_t max)
{
    u4_exec_t *e = u4_exec_self;
    u4_coro_t *self = e->current;
    u4_sysring_t *ring = e->sysring;
    uint64_t total = 1 + seL4_MessageInfo_get_extraCaps(*info) + u4_info_length(info->words[0]);
    u4_status_t status;

    if (!ring || !self)
        return U4_INVALID;
    if (U4_RARELY(total > U4_RING_FIRST_WORDS || ring->tx.limit == ring->tx.head)) {
        status = wait_for_room(ring, u4_ring_lines(total));
        if (status != U4_OK)
            return status;
    }
    self->token += U4_RING_NEXT_TOKEN;
    if (U4_RARELY(e->traced))
        U4_TRACE(async_submit, lines_sent(&ring->tx) + u4_ring_lines(total),
                 u4_ring_token(self->token), seL4_MessageInfo_get_label(*info), (uint32_t)service);
    push(&ring->tx, self->token, info->words[0], service, caps, words);
    ring->in_flight++;
    if (U4_RARELY(self->cancelled || e->traced || max > U4_RING_FIRST_WORDS)) {
        self->result_words = words;
        self->result_max = max;
        status = coro_block_how(U4_WAIT_SYSCALL, U4_HOW_LONG, ring, U4_NEVER);
        if (status == U4_OK)
            u4_store_info(info, self->result_info, max);
    } else {
        status = u4_store_answer(e, u4_wait_answer(e, self, &ring->rx, U4_IS_IN_SYSCALL, ring),
                                 info, words, max);
    }
    ring->in_flight--;
    return status;
}
