/* SPDX-License-Identifier: BSD-2-Clause */
/* Objects and threads for tests; failing to make one ends the test. */
#include <string.h>

#include "test.h"

enum { THREADS = 40, STACK = 4096, LOG = 128 };

static u4_thread_t threads[THREADS];
static char stacks[THREADS][STACK] __attribute__((aligned(16)));
static unsigned threads_used;
static volatile unsigned log_length;
static char log_buffer[LOG];

seL4_CPtr make(seL4_Word type, seL4_Word size_bits)
{
    seL4_CPtr cap = 0;

    CHECK_OK(u4_alloc_object(&test_alloc, type, size_bits, &cap));
    return cap;
}

seL4_CPtr make_slot(void)
{
    seL4_CPtr slot = u4_alloc_slots(&test_alloc, 1);

    CHECK(slot != 0);
    return slot;
}

seL4_CPtr make_vspace(void)
{
    seL4_CPtr root = make_table();

    CHECK_OK(seL4_RISCV_ASIDPool_Assign(seL4_CapInitThreadASIDPool, root));
    return root;
}

void *make_page(seL4_CPtr *frame)
{
    seL4_CPtr cap = 0;
    void *page = NULL;

    CHECK_OK(u4_vspace_new_page(&test_vspace, &cap, &page));
    if (frame)
        *frame = cap;
    return page;
}

seL4_CPtr mint(seL4_CPtr cap, seL4_CapRights_t rights, seL4_Word badge)
{
    seL4_CPtr slot = make_slot();

    CHECK_OK(seL4_CNode_Mint(CNODE, slot, DEPTH, CNODE, cap, DEPTH, rights, badge));
    return slot;
}

seL4_CPtr copy(seL4_CPtr cap, seL4_CapRights_t rights)
{
    seL4_CPtr slot = make_slot();

    CHECK_OK(seL4_CNode_Copy(CNODE, slot, DEPTH, CNODE, cap, DEPTH, rights));
    return slot;
}

bool slot_empty(seL4_CPtr slot)
{
    seL4_CPtr to = make_slot();
    seL4_Error error = seL4_CNode_Move(CNODE, to, DEPTH, CNODE, slot, DEPTH);

    if (!error)
        CHECK_OK(seL4_CNode_Move(CNODE, slot, DEPTH, CNODE, to, DEPTH));
    else
        CHECK_EQ(error, seL4_FailedLookup);
    test_alloc.next--; /* the slot is empty again */
    return error != seL4_NoError;
}

seL4_Error raw(seL4_CPtr cap, seL4_Word label, seL4_Word caps, seL4_Word words)
{
    seL4_Word mr[4] = {seL4_GetMR(0), seL4_GetMR(1), seL4_GetMR(2), seL4_GetMR(3)};

    return u4_invoke(cap, label, caps, words, mr);
}

#if U4_MCS
seL4_CPtr test_reply(void)
{
    if (seL4_GetUserData() == seL4_CapNull)
        seL4_SetUserData(make(seL4_ReplyObject, 0));
    return seL4_GetUserData();
}
#endif

u4_thread_t *thread_faulting(const char *name, seL4_Word priority, void (*entry)(u4_thread_t *),
                             void *argument, seL4_CPtr fault_ep)
{
    const u4_thread_env_t env = {.alloc = &test_alloc,
                                 .vspace = &test_vspace,
                                 .cspace = CNODE,
                                 .authority = seL4_CapInitThreadTCB,
                                 .sched_control = u4_boot_sched_control()};
    u4_thread_t *t = &threads[threads_used];
    u4_thread_config_t config = {.name = name,
                                 .entry = entry,
                                 .argument = argument,
                                 .priority = priority,
                                 .fault_ep = fault_ep,
                                 .stack_size = STACK};

    CHECK(threads_used < THREADS);
    config.stack = stacks[threads_used++];
    CHECK_OK(u4_thread_create(t, &env, &config));
    return t;
}

u4_thread_t *thread(const char *name, seL4_Word priority, void (*entry)(u4_thread_t *),
                    void *argument)
{
    return thread_faulting(name, priority, entry, argument, seL4_CapNull);
}

void start(u4_thread_t *t)
{
    CHECK_OK(seL4_TCB_Resume(t->tcb));
}

void let_run(seL4_Word priority)
{
    seL4_CPtr tcb = seL4_CapInitThreadTCB;

    CHECK_OK(seL4_TCB_SetPriority(tcb, tcb, priority - 1));
    CHECK_OK(seL4_TCB_SetPriority(tcb, tcb, ROOT_PRIO));
}

/* Also the end of a test's threads: their TCBs are gone when the log is reset. */
void log_reset(void)
{
    threads_used = 0;
    log_length = 0;
    memset(log_buffer, 0, sizeof log_buffer);
}

void log_add(char c)
{
    if (log_length < LOG - 1)
        log_buffer[log_length++] = c;
}

const char *log_text(void)
{
    return log_buffer;
}

volatile void *map_device(seL4_CPtr frame)
{
    void *page = NULL;

    CHECK_OK(u4_vspace_map_anywhere(&test_vspace, copy(frame, seL4_ReadWrite), &page));
    return page;
}

volatile uint8_t *map_uart(void)
{
    if (!u4_machine_has("ns16550a"))
        test_skip("the machine has no UART");
    return map_device(u4_machine_uart_frame());
}
