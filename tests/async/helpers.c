/* SPDX-License-Identifier: BSD-2-Clause */
#include "async.h"

enum { EXECS = 4 };

static u4_exec_t execs[EXECS];
static unsigned next_exec;

u4_exec_t *make_exec(const char *name, unsigned capacity)
{
    u4_exec_t *e = &execs[next_exec++ % EXECS];

    if (e->magic)
        u4_exec_fini(e);
    CHECK_EQ(u4_exec_init(e, &(u4_exec_config_t){.name = name,
                                                 .alloc = &test_alloc,
                                                 .vspace = &test_vspace,
                                                 .capacity = capacity,
                                                 .stack_pages = 1}),
             U4_OK);
    return e;
}

void run_all(u4_exec_t *e)
{
    CHECK_EQ(u4_exec_run_until_complete(e, NULL), U4_OK);
}

u4_coro_t *spawn(void (*entry)(void *), void *argument)
{
    u4_coro_t *c = u4_coro_spawn("test", 4, entry, argument);

    CHECK(c != NULL);
    return c;
}
