/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/check/internal.h"

#ifdef CHECK_BUILT

#include "kernel/arch/riscv/vspace.h"
#include "kernel/async/worker.h"
#include "kernel/boot/boot.h"
#include "kernel/sched/policy.h"

extern char boot_end[], kernel_image_start[], kernel_image_end[];

const char *check_type_name(cap_type_t type)
{
    static const char *const names[] = {
        [CAP_NULL] = "null",
        [CAP_FRAME] = "frame",
        [CAP_UNTYPED] = "Untyped",
        [CAP_PAGE_TABLE] = "page table",
        [CAP_ENDPOINT] = "endpoint",
        [CAP_NOTIFICATION] = "notification",
        [CAP_REPLY] = "reply",
        [CAP_CNODE] = "CNode",
        [CAP_ASID_CONTROL] = "ASID control",
        [CAP_TCB] = "TCB",
        [CAP_ASID_POOL] = "ASID pool",
        [CAP_IRQ_CONTROL] = "IRQ control",
        [CAP_IRQ_HANDLER] = "IRQ handler",
        [CAP_ZOMBIE] = "zombie",
        [CAP_DOMAIN] = "domain",
        [CAP_SCHED_CONTEXT] = "scheduling context",
        [CAP_SCHED_CONTROL] = "scheduling control",
        [CAP_TRACE] = "trace",
        [CAP_SENDER_TABLE] = "sender table",
        [CAP_REGISTRATION] = "registration",
    };
    return type < ARRAY_SIZE(names) && names[type] ? names[type] : NULL;
}

bool check_is_ram(paddr_t start, word_t size)
{
    for (unsigned i = 0; i < machine.memories; i++) {
        const region_t *r = &machine.memory[i];
        if (start >= r->start && start < r->end && size <= r->end - start)
            return true;
    }
    return false;
}

bool check_in_image(paddr_t start, word_t size)
{
    return start < image_to_phys(kernel_image_end) && start + size > image_to_phys(boot_end);
}

bool check_pointer(const void *p, unsigned align_bits, word_t size)
{
    word_t address = (word_t)p;
    if (!IS_ALIGNED(address, align_bits))
        return false;
    if (address >= (word_t)kernel_image_start)
        return address < (word_t)kernel_image_end && size <= (word_t)kernel_image_end - address;
    return address >= PHYS_WINDOW && address < PHYS_WINDOW_TOP &&
           check_is_ram(virt_to_phys(p), size);
}

static void check_harts(void)
{
    INVARIANT(num_harts >= 1 && num_harts <= U4_MAX_HARTS, "%lu harts", num_harts);
    for (word_t i = 0; i < num_harts; i++) {
        const hart_t *h = &harts[i];
        const tcb_t *t = h->current;
        INVARIANT(t == h->idle || worker_is(t) || check_is_thread(t),
                  "hart %lu runs %p, which is not in the list of all threads", i, (const void *)t);
        INVARIANT(t == h->idle || t->state != THREAD_IDLE, "hart %lu runs another's idle thread",
                  i);
        INVARIANT(t->hart == h, "hart %lu runs thread %p of hart %p", i, (const void *)t,
                  (const void *)t->hart);
        INVARIANT(t == h->idle || worker_is(t) || h->action != ACTION_RESUME || tcb_schedulable(t),
                  "hart %lu runs thread %p in state %lu", i, (const void *)t, t->state);
        INVARIANT(!h->fpu_owner || check_is_thread(h->fpu_owner),
                  "hart %lu: its FPU is that of %p, which is not in the list of all threads", i,
                  (const void *)h->fpu_owner);
        check_hart_space(h);
        check_own_hart(h);
    }
}

void check_all(void)
{
    index_reset();
    check_uintr_begin();
    check_slots();
    index_finish();
    check_harts();
    check_threads();
    check_async();
    check_uintr_end();
    check_own_counts();
    check_spaces();
}

#if defined(U4_CHECK) && U4_CHECK
void check_sometimes(void)
{
    static unsigned since;
    if (++since >= U4_CHECK) {
        since = 0;
        check_all();
    }
}
#endif

#endif
