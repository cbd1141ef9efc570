/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs in address spaces of their own: the loader, their start, IPC between address spaces. */
#include <string.h>

#include <u4/elf.h>
#include <u4/process.h>

#include "test.h"

extern const char _embed_child_start[], _embed_child_end[];

#define IMAGE _embed_child_start
#define IMAGE_SIZE ((uintptr_t)_embed_child_end - (uintptr_t)IMAGE)

enum { BADGE = 9 };

static seL4_CPtr monitor;

static u4_process_t *create(const char *const *argv, const u4_grant_t *grants, unsigned count)
{
    static u4_process_t process;
    const u4_process_env_t env = {.alloc = &test_alloc,
                                  .vspace = &test_vspace,
                                  .asid_pool = seL4_CapInitThreadASIDPool,
                                  .authority = seL4_CapInitThreadTCB,
                                  .sched_control = u4_boot_sched_control()};
    u4_process_config_t config = {.name = "child",
                                  .image = IMAGE,
                                  .image_size = IMAGE_SIZE,
                                  .argv = argv,
                                  .grants = grants,
                                  .grant_count = count,
                                  .cnode_bits = 5,
                                  .priority = PRIO_LOW,
                                  .exit_badge = BADGE};
    const char *wrong;
    seL4_Error error;

    monitor = make_endpoint();
    config.exit_ep = monitor;
    wrong = u4_process_create(&process, &env, &config, &error);
    CHECK_OK(error);
    CHECK(wrong == NULL);
    CHECK_OK(seL4_TCB_Resume(process.tcb));
    return &process;
}

/* Wait for the program's message to its creator: it must have that label. */
static void monitor_message(seL4_Word label)
{
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_Recv(monitor, &badge);

    CHECK_EQ(seL4_MessageInfo_get_label(info), label);
    CHECK_EQ(badge, BADGE);
}

TEST(process, start, "a program has its data, zeroed memory, TLS, heap and arguments")
{
    static const char *const argv[] = {"start", "two words", "", NULL};

    create(argv, NULL, 0);
    monitor_message(U4_LABEL_EXIT);
    CHECK_EQ(seL4_GetMR(0), 0);
}

TEST(process, caps, "a program finds its capabilities by name")
{
    static const char *const argv[] = {"caps", NULL};
    seL4_CPtr ntfn = make_notification();
    const u4_grant_t grants[] = {
        {.name = "plain", .cap = ntfn, .rights = seL4_AllRights},
        {.name = "badged", .cap = ntfn, .rights = seL4_CanWrite, .badge = 0x77}};

    create(argv, grants, 2);
    monitor_message(U4_LABEL_EXIT);
    CHECK_EQ(seL4_GetMR(0), 0);
}

TEST(process, serve, "calls between address spaces")
{
    static const char *const argv[] = {"serve", NULL};
    const u4_grant_t grant = {.name = "endpoint", .cap = make_endpoint(), .rights = seL4_AllRights};

    create(argv, &grant, 1);
    for (seL4_Word i = 1; i <= 100; i++) {
        seL4_SetMR(0, 5 * i);
        CHECK_EQ(seL4_MessageInfo_get_length(
                     seL4_Call(grant.cap, seL4_MessageInfo_new(0, 0, 0, i % 8 + 1))),
                 2);
        CHECK_EQ(seL4_GetMR(0), 5 * i + 1);
        CHECK_EQ(seL4_GetMR(1), i);
    }
    seL4_SetMR(0, 0);
    (void)seL4_Call(grant.cap, seL4_MessageInfo_new(0, 0, 0, 1));
    monitor_message(U4_LABEL_EXIT);
    CHECK_EQ(seL4_GetMR(0), 100);
}

TEST(process, protected, "a program's code cannot be written, its data not be executed")
{
    static const char *const write[] = {"write code", NULL}, *const run[] = {"run data", NULL};

    create(write, NULL, 0);
    monitor_message(seL4_Fault_VMFault);
    CHECK_EQ(seL4_GetMR(seL4_VMFault_FSR), 7);
    create(run, NULL, 0);
    monitor_message(seL4_Fault_VMFault);
    CHECK_EQ(seL4_GetMR(seL4_VMFault_PrefetchFault), 1);
}

TEST(process, delete_vspace, "a thread whose address space is deleted faults on its next fetch")
{
    static const char *const argv[] = {"spin", NULL};
    u4_process_t *p = create(argv, NULL, 0);

    CHECK_OK(seL4_TCB_SetPriority(p->tcb, seL4_CapInitThreadTCB, ROOT_PRIO));
    seL4_Yield();
    CHECK_OK(seL4_CNode_Revoke(CNODE, p->vspace.root, DEPTH));
    CHECK_OK(seL4_CNode_Delete(CNODE, p->vspace.root, DEPTH));
    monitor_message(seL4_Fault_VMFault);
    CHECK_EQ(seL4_GetMR(seL4_VMFault_PrefetchFault), 1);
    CHECK_EQ(seL4_GetMR(seL4_VMFault_IP), seL4_GetMR(seL4_VMFault_Addr));
}

static void run_without_cspace(void)
{
    static const char *const argv[] = {"caps", NULL};
    u4_process_t *p = create(argv, NULL, 0);

    CHECK_OK(seL4_CNode_Revoke(CNODE, p->cnode, DEPTH));
    CHECK_OK(seL4_CNode_Delete(CNODE, p->cnode, DEPTH));
    let_run(PRIO_LOW);
}

TEST_CLASSIC(process, delete_cspace, "a thread whose CSpace is deleted has no fault handler either")
{
    seL4_Word badge;

    run_without_cspace();
    (void)seL4_NBRecv(monitor, &badge);
    CHECK_EQ(badge, 0);
}

#if U4_MCS
TEST(process, delete_cspace_mcs, "a thread whose CSpace is deleted keeps its fault handler")
{
    run_without_cspace();
    monitor_message(seL4_Fault_CapFault);
}
#endif

/* ---- The loader ---- */

/* The image with one byte changed must be refused. */
static const char *with_byte(size_t offset, uint8_t value)
{
    static uint8_t head[512];
    u4_elf_t elf;

    memcpy(head, IMAGE, sizeof head);
    head[offset] = value;
    return u4_elf_open(&elf, head, IMAGE_SIZE);
}

TEST(process, bad_elf, "images that are no programs are refused")
{
    u4_elf_t elf;

    CHECK(u4_elf_open(&elf, IMAGE, IMAGE_SIZE) == NULL);
    CHECK(u4_elf_open(&elf, IMAGE, 0) != NULL);
    CHECK(u4_elf_open(&elf, IMAGE, 63) != NULL);
    CHECK(u4_elf_open(&elf, IMAGE, 100) != NULL);    /* program headers cut */
    CHECK(u4_elf_open(&elf, IMAGE, 0x1100) != NULL); /* a segment cut */
    CHECK(with_byte(0, 'X') != NULL);                /* magic */
    CHECK(with_byte(4, 1) != NULL);                  /* 32 bits */
    CHECK(with_byte(16, 3) != NULL);                 /* shared object */
    CHECK(with_byte(18, 62) != NULL);                /* another machine */
    CHECK(with_byte(39, 0xff) != NULL);              /* program headers far away */
    CHECK(with_byte(54, 1) != NULL);                 /* size of a program header */
}
