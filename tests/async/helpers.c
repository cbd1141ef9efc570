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

void submit_by_hand(u4_sysring_t *ring, seL4_MessageInfo_t info, const seL4_Word *words)
{
    u4_producer_t *tx = &ring->tx;
    uint64_t count = 1 + seL4_MessageInfo_get_extraCaps(info) + u4_info_length(info.words[0]);
    u4_ring_line_t *line = u4_producer_line(tx, tx->head);

    line->first = u4_ring_sized(u4_ring_first(0, U4_RING_REQUEST), count);
    line->info = info.words[0];
    for (uint64_t i = 0; i < count; i++) {
        uint64_t at = i - U4_RING_FIRST_WORDS;

        if (i < U4_RING_FIRST_WORDS)
            line->words[i] = words[i];
        else
            u4_producer_line(tx, tx->head + 1 + at / U4_RING_LINE_WORDS)
                ->more[at % U4_RING_LINE_WORDS] = words[i];
    }
    u4_producer_publish(tx, tx->head + u4_ring_lines(count));
}

void submit_delete(u4_sysring_t *ring, seL4_CPtr slot)
{
    submit_by_hand(ring, INFO(CNodeDelete, 2), (seL4_Word[3]){CNODE, slot, DEPTH});
}
