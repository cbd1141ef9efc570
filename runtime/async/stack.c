/* SPDX-License-Identifier: BSD-2-Clause */
/* The pool of coroutines and their stacks. Addresses are taken at once, a guard page in front of
 * each stack; memory comes when a place is used for the first time, and stays. */
#include <stdio.h>

#include "internal.h"

enum { PAGE = 1 << seL4_PageBits };

u4_status_t frames_map(u4_vspace_t *vspace, seL4_CPtr first, unsigned count, void **out)
{
    seL4_Word vaddr = u4_vspace_window(vspace, count);

    for (unsigned i = 0; i < count; i++)
        if (u4_vspace_map(vspace, first + i, vaddr + (seL4_Word)i * PAGE, seL4_ReadWrite,
                          seL4_RISCV_ExecuteNever))
            return U4_NO_MEMORY;
    *out = (void *)vaddr;
    return U4_OK;
}

/* COUNT frames; from 256 on one system call is not enough. */
static u4_status_t pages_make(const u4_exec_t *e, unsigned count, void **out)
{
    enum { AT_ONCE = 256 };
    seL4_CPtr first = 0, cap;

    for (unsigned made = 0; made < count; made += AT_ONCE) {
        unsigned now = count - made < AT_ONCE ? count - made : AT_ONCE;

        if (u4_alloc_objects(e->alloc, seL4_RISCV_4K_Page, 0, now, &cap))
            return U4_NO_MEMORY;
        if (!made)
            first = cap;
    }
    return frames_map(e->vspace, first, count, out);
}

u4_status_t page_make(const u4_exec_t *e, void **out)
{
    return pages_make(e, 1, out);
}

static seL4_Word stack_step(const u4_exec_t *e)
{
    return ((seL4_Word)e->stack_pages + 1) * PAGE;
}

u4_status_t stack_reserve(u4_exec_t *e)
{
    size_t places = 1, pool, timers = e->capacity * sizeof(u4_coro_t *);
    void *memory;

    while (places < e->capacity)
        places *= 2;
    pool = places * sizeof(u4_coro_t);
    if (pages_make(e, (unsigned)((pool + timers + PAGE - 1) / PAGE), &memory) != U4_OK)
        return U4_NO_MEMORY;
    e->coros = memory;
    e->place_mask = (places - 1) << U4_RING_INDEX_SHIFT;
    e->timers = (void *)((char *)memory + pool);
    e->stacks = u4_vspace_window(e->vspace, e->capacity * (e->stack_pages + 1));
    for (unsigned i = e->capacity; i-- > 0;) {
        u4_coro_t *c = &e->coros[i];

        c->exec = e;
        c->index = (uint16_t)i;
        c->token = u4_ring_first((uint16_t)i, U4_RING_REQUEST);
        c->stack = e->stacks + i * stack_step(e) + PAGE;
        c->next = e->free;
        e->free = c;
    }
    return U4_OK;
}

u4_status_t stack_provide(u4_exec_t *e, u4_coro_t *c)
{
    seL4_CPtr frame;

    while (c->mapped < e->stack_pages) {
        if (u4_alloc_object(e->alloc, seL4_RISCV_4K_Page, 0, &frame) ||
            u4_vspace_map(e->vspace, frame, c->stack + (seL4_Word)c->mapped * PAGE, seL4_ReadWrite,
                          seL4_RISCV_ExecuteNever))
            return U4_NO_MEMORY;
        c->mapped++;
    }
    return U4_OK;
}

u4_coro_t *u4_coro_overflowed(seL4_Word address)
{
    for (u4_exec_t *e = u4_exec_all; e; e = e->next) {
        seL4_Word offset = address - e->stacks;

        if (address >= e->stacks && offset < e->capacity * stack_step(e) &&
            offset % stack_step(e) < PAGE)
            return &e->coros[offset / stack_step(e)];
    }
    return NULL;
}

bool u4_coro_explain(seL4_Word address, char *text, size_t size)
{
    const u4_coro_t *c = u4_coro_overflowed(address);

    if (!c)
        return false;
    snprintf(text, size,
             "stack overflow: coroutine %u \"%s\" of executor \"%s\" has used up its %u bytes "
             "(stack 0x%lx..0x%lx, access to 0x%lx): give the executor more stack_pages",
             c->index, c->name, c->exec->name, c->exec->stack_pages * PAGE, c->stack,
             c->stack + (seL4_Word)c->exec->stack_pages * PAGE, address);
    return true;
}
