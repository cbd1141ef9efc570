/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/smp/lock.h"

#include "kernel/arch/riscv/csr.h"
#include "kernel/smp/request.h"
#include "kernel/smp/smp.h"
#include "kernel/trace/trace.h"

#if U4_SMP

/* The hart that boots holds it. */
kernel_lock_t kernel_lock = {.next = 1, .serving = 0};

_Static_assert(offsetof(kernel_lock_t, next) == 0 &&
                   offsetof(kernel_lock_t, serving) == LOCK_SERVING,
               "lock.h");

void lock_wait(uint32_t ticket)
{
    word_t since = csr_read(time);
    while (__atomic_load_n(&kernel_lock.serving, __ATOMIC_ACQUIRE) != ticket)
        request_answer();
    TRACE(smp_lock, csr_read(time) - since, ticket);
    (void)since;
}

void lock_acquire(void)
{
    lock_wait(__atomic_fetch_add(&kernel_lock.next, 1, __ATOMIC_ACQUIRE));
}

bool lock_wanted(void)
{
    return __atomic_load_n(&kernel_lock.next, __ATOMIC_RELAXED) != kernel_lock.serving + 1;
}

void lock_give_way(void)
{
    smp_send_noted();
    uint32_t mine = __atomic_fetch_add(&kernel_lock.next, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&kernel_lock.serving, kernel_lock.serving + 1, __ATOMIC_RELEASE);
    lock_wait(mine);
}

#endif
