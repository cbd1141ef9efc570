/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of the async runtime share. */
#ifndef TESTS_ASYNC_ASYNC_H
#define TESTS_ASYNC_ASYNC_H

#include <u4/conn.h>

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

#endif
