/* SPDX-License-Identifier: BSD-2-Clause */
/* Who gets what: the demo's programs and their capabilities. */
#include <stdio.h>
#include <stdlib.h>

#include <u4/machine.h>
#include <u4/u4.h>

#include "services/demo.h"
#include "services/root/root.h"

#define IMAGE(name) extern const char _embed_##name##_start[], _embed_##name##_end[]
IMAGE(fs);
IMAGE(shell);
IMAGE(logger);
IMAGE(timer);
IMAGE(spin);
#if U4_MCS
IMAGE(calc);
#endif

#define GRANT(n, c, r) \
    { \
        .name = (n), .cap = (c), .rights = (r) \
    }
#define COUNT(array) (sizeof(array) / sizeof *(array))

static void create(unsigned id, const char *name, const char *image, const char *image_end,
                   seL4_Word priority, const u4_grant_t *grants, unsigned grant_count)
{
    const u4_process_env_t env = {.alloc = &root.alloc,
                                  .vspace = &root.vspace,
                                  .asid_pool = seL4_CapInitThreadASIDPool,
                                  .authority = seL4_CapInitThreadTCB,
                                  .sched_control = u4_boot_sched_control()};
    const u4_process_config_t config = {.name = name,
                                        .image = image,
                                        .image_size = (size_t)(image_end - image),
                                        .grants = grants,
                                        .grant_count = grant_count,
                                        .cnode_bits = 6,
                                        .priority = priority,
                                        .mcp = priority,
                                        .exit_ep = root.monitor,
                                        .exit_badge = id};
    seL4_Error error;
    const char *wrong = u4_process_create(&root.programs[id], &env, &config, &error);

    if (!wrong)
        return;
    printf("root: cannot create %s: %s (seL4 error %d)\n", name, wrong, (int)error);
    exit(1);
}

#define CREATE(id, name, image, priority, grants) \
    create(id, name, _embed_##image##_start, _embed_##image##_end, priority, grants, COUNT(grants))

static void create_server(seL4_CPtr endpoint, seL4_CPtr ticks)
{
    const u4_grant_t grants[] = {
        GRANT("endpoint", endpoint, seL4_AllRights),
        GRANT("ticks", ticks, seL4_CanRead),
        GRANT("buffer", root_object(seL4_RISCV_4K_Page, 0, "root: making fs's buffer"),
              seL4_ReadWrite),
    };

    CREATE(FS, "fs", fs, PRIO_FS, grants);
}

static void create_clients(seL4_CPtr fs, seL4_CPtr events, const seL4_CPtr ticks[2])
{
    const u4_grant_t shell[] = {
        GRANT("fs", root_badged(fs, BADGE_SHELL, "root: badging fs"), seL4_NoRead),
        GRANT("ticks", ticks[0], seL4_CanRead),
        GRANT("done", root_badged(events, EVENT_SHELL, "root: badging events"), seL4_CanWrite),
    };
    const u4_grant_t logger[] = {
        GRANT("fs", root_badged(fs, BADGE_LOGGER, "root: badging fs"), seL4_NoRead),
        GRANT("ticks", ticks[1], seL4_CanRead),
        GRANT("done", root_badged(events, EVENT_LOGGER, "root: badging events"), seL4_CanWrite),
        GRANT("nobody", root_object(seL4_EndpointObject, 0, "root: making an endpoint"),
              seL4_CanWrite),
    };

    CREATE(SHELL, "shell", shell, PRIO_CLIENT, shell);
    CREATE(LOGGER, "logger", logger, PRIO_CLIENT, logger);
}

static void create_timer(seL4_CPtr events, seL4_CPtr fs_ticks, const seL4_CPtr ticks[2])
{
    seL4_CPtr rtc = 0, irq = u4_alloc_slots(&root.alloc, 1);

    demo_check(u4_alloc_device(&root.alloc, U4_RTC_PADDR, &rtc), "root: taking the clock");
    demo_check(
        seL4_IRQControl_Get(seL4_CapIRQControl, U4_RTC_IRQ, root.alloc.cnode, irq, seL4_WordBits),
        "root: taking the clock's interrupt");
    const u4_grant_t grants[] = {
        GRANT("events", events, seL4_CanRead),
        GRANT("alarm", root_badged(events, EVENT_ALARM, "root: badging events"), seL4_CanWrite),
        GRANT("irq", irq, seL4_AllRights),
        GRANT("rtc", rtc, seL4_ReadWrite),
        GRANT("fs", root_badged(fs_ticks, EVENT_TICK, "root: badging ticks"), seL4_CanWrite),
        GRANT("shell", ticks[0], seL4_CanWrite),
        GRANT("logger", ticks[1], seL4_CanWrite),
    };

    CREATE(TIMER, "timer", timer, PRIO_TIMER, grants);
}

#if U4_MCS
static void create_spinners(void)
{
    seL4_CPtr endpoint = root_object(seL4_EndpointObject, 0, "root: making calc's endpoint");
    const u4_grant_t server[] = {GRANT("endpoint", endpoint, seL4_AllRights)};
    const u4_grant_t client[] = {GRANT("calc", endpoint, seL4_NoRead)};

    CREATE(CALC, "calc", calc, PRIO_FS, server);
    CREATE(SPIN_A, "spin-a", spin, PRIO_SPIN, client);
    CREATE(SPIN_B, "spin-b", spin, PRIO_SPIN, client);
    for (unsigned id = SPIN_A; id <= SPIN_B; id++)
        demo_check(root_give_time(&root.programs[id], id), "root: giving spinners their time");
    root_watch_budget(&root.programs[SPIN_B], SPIN_B);
}
#else
static void create_spinners(void)
{
    create(SPIN_A, "spin-a", _embed_spin_start, _embed_spin_end, PRIO_SPIN, NULL, 0);
    create(SPIN_B, "spin-b", _embed_spin_start, _embed_spin_end, PRIO_SPIN, NULL, 0);
}
#endif

void root_create(void)
{
    seL4_CPtr endpoint = root_object(seL4_EndpointObject, 0, "root: making fs's endpoint");
    seL4_CPtr events = root_object(seL4_NotificationObject, 0, "root: making notifications");
    seL4_CPtr fs_ticks = root_object(seL4_NotificationObject, 0, "root: making notifications");
    const seL4_CPtr ticks[2] = {
        root_object(seL4_NotificationObject, 0, "root: making notifications"),
        root_object(seL4_NotificationObject, 0, "root: making notifications"),
    };

    create_server(endpoint, fs_ticks);
    create_clients(endpoint, events, ticks);
    create_timer(events, fs_ticks, ticks);
    create_spinners();
}

#if U4_SMP
/* One hart after the other, the first one last: root itself is there. */
static void spread(void)
{
    seL4_Word cores = seL4_GetBootInfo()->numNodes;

    for (unsigned id = FS; id < PROGRAMS; id++)
        demo_check(seL4_TCB_SetAffinity(root.programs[id].tcb, (id - FS + 1) % cores),
                   "root: moving a program to its hart");
}
#else
static void spread(void) {}
#endif

void root_start(void)
{
    spread();
    for (unsigned id = FS; id < PROGRAMS; id++)
        demo_check(seL4_TCB_Resume(root.programs[id].tcb), "root: starting a program");
}
