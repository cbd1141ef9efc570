/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of the async runtime share. */
#ifndef TESTS_ASYNC_ASYNC_H
#define TESTS_ASYNC_ASYNC_H

#include <u4/sysring.h>

#include "test.h"

/* A coroutine's own, with the checks' way out of the test. */
#define INFO(label, length) seL4_MessageInfo_new(label, 0, 0, length)
#define CHECK_STATUS(call, expected) CHECK_EQ(call, expected)

/* An executor of the root thread or, with ALLOC and VSPACE its own, of another one. */
u4_exec_t *make_exec(const char *name, unsigned capacity);
/* Run the root thread's executor until all its coroutines have ended. */
void run_all(u4_exec_t *e);
/* Spawn at priority 4; the test fails without room. */
u4_coro_t *spawn(void (*entry)(void *), void *argument);

/* Put one request into a ring of system calls without a coroutine that waits for its completion,
 * and without telling the kernel. WORDS: the capability pointer, those of the extra capabilities,
 * the message's words. There must be room. */
void submit_by_hand(u4_sysring_t *ring, seL4_MessageInfo_t info, const seL4_Word *words);
/* The same, to delete the capability in SLOT. */
void submit_delete(u4_sysring_t *ring, seL4_CPtr slot);

/* smp.c. Keep every other hart busy with a thread of that priority; one hart: nothing. */
void busy_elsewhere(seL4_Word priority);

#endif
