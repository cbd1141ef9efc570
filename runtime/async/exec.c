/* SPDX-License-Identifier: BSD-2-Clause */
/* Making an executor. */
#include <u4/u4.h>
#include <u4/uintr.h>

#include "conn.h"
#include "trace.h"

u4_exec_t *u4_exec_all;

uint64_t u4_ticks_per_second(void)
{
    enum { VIRT_HZ = 10000000 }; /* QEMU's virt machine, where BootInfo does not say */
    const u4_boot_chunk_t *chunk = u4_boot_chunk();

    return chunk ? chunk->timebase_hz : VIRT_HZ;
}

/* In the interrupt handler: only noted, and seen by whoever looks next. */
static void note_vector(unsigned vector, void *argument)
{
    u4_exec_t *e = argument;

    e->hints |= (uint64_t)1 << vector;
}

/* reL4_Wait() of a coroutine. */
static bool wait_in_coroutine(seL4_Word *vectors)
{
    if (!u4_coro_self())
        return false;
    if (u4_notice_wait(vectors, U4_NEVER) != U4_OK)
        *vectors = 0;
    return true;
}

static u4_status_t receive_interrupts(u4_exec_t *e, struct u4_uintr *u)
{
    for (unsigned vector = 0; vector < U4_UINTR_VECTORS; vector++)
        u4_uintr_on(u, vector, note_vector, e);
    if (u4_uintr_receive(u, e->notification, 0))
        return U4_REFUSED;
    e->uintr = u;
    u->wait = wait_in_coroutine;
    return U4_OK;
}

u4_status_t u4_exec_init(u4_exec_t *e, const u4_exec_config_t *config)
{
    u4_exec_t **place = &u4_exec_all;

    if (config->capacity < 1 || config->capacity > U4_CORO_MAX || config->stack_pages < 1)
        return U4_INVALID;
    *e = (u4_exec_t){
        .name = config->name,
        .fpu = config->fpu,
        .on_u4 = u4_kernel(),
        .traced = u4_trace_ring != NULL,
        .patience = PATIENCE,
        .looks = config->looks,
        .capacity = config->capacity,
        .stack_pages = config->stack_pages,
        .alloc = config->alloc,
        .vspace = config->vspace,
    };
    if (u4_alloc_object(e->alloc, seL4_NotificationObject, 0, &e->notification) ||
        stack_reserve(e) != U4_OK)
        return U4_NO_MEMORY;
    e->wait_on = e->notification;
    if (config->uintr && receive_interrupts(e, config->uintr) != U4_OK)
        return U4_REFUSED;
    e->magic = U4_EXEC_MAGIC;
    while (*place)
        place = &(*place)->next;
    *place = e;
    u4_exec_self = e;
    return U4_OK;
}

void u4_exec_fini(u4_exec_t *e)
{
    for (u4_exec_t **place = &u4_exec_all; *place; place = &(*place)->next)
        if (*place == e) {
            *place = e->next;
            break;
        }
    e->magic = 0;
    if (e->uintr) {
        e->uintr->wait = NULL;
        (void)u4_uintr_stop(e->uintr);
    }
}

void u4_exec_poke(seL4_CPtr signal)
{
    seL4_Signal(signal);
}
