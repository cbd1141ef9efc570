/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz.h"
#include "message.h"
#include "own.h"
#include "random.h"

/* More than a worker can do between two looks: not believed. */
#define BELIEVABLE (1ull << 24)

uint64_t supervise_count(round_t *r)
{
    uint64_t total = 0;

    for (unsigned i = 0; i < FUZZ_BLOCKS; i++) {
        volatile fuzz_block_t *b = round_block(i);
        uint64_t count = b->count;

        if (count == ~b->inverse && count >= r->counted[i] && count - r->counted[i] < BELIEVABLE) {
            total += count - r->counted[i];
            r->counted[i] = count;
        } else {
            /* A worker between the two stores, or a wild thread's work. */
            b->count = r->counted[i];
            b->inverse = ~r->counted[i];
            b->buffer = (seL4_IPCBuffer *)fuzz_buffer(i);
        }
    }
    return total;
}

static void help(round_t *r, unsigned worker)
{
    switch (random_below(&r->random, 8)) {
    case 0: must(seL4_TCB_Resume(r->tcb[worker]), "resuming a worker"); break;
    case 1:
    case 2:
        round_configure(r, worker);
        round_restart(r, worker);
        break;
    default: round_restart(r, worker);
    }
}

/* An operation on the round's objects that cannot block; it may fail. */
static void disturb(round_t *r)
{
    unsigned worker = (unsigned)random_below(&r->random, FUZZ_WORKERS);
    seL4_CPtr tcb = r->tcb[worker];
    seL4_Word domain = random_below(&r->random, 3),
              entry = domain ? random_below(&r->random, 4) : 0;
    fuzz_dice_t dice = {.random = random_next(&r->random)};
    seL4_UserContext regs;

    switch (random_below(&r->random, r->domains ? 13 : 11)) {
    case 0: seL4_Signal(r->notification[random_below(&r->random, FUZZ_NOTIFICATIONS)]); break;
    case 1:
        seL4_NBSend(r->endpoint[random_below(&r->random, FUZZ_ENDPOINTS)],
                    seL4_MessageInfo_new(0, 0, 0, random_below(&r->random, 121)));
        break;
    case 2: (void)seL4_TCB_Suspend(tcb); break;
    case 3:
        (void)seL4_TCB_SetPriority(tcb, seL4_CapInitThreadTCB,
                                   50 + random_below(&r->random, 4) * 30);
        break;
    case 4:
        (void)seL4_IRQControl_Get(seL4_CapIRQControl, 12 + random_below(&r->random, 90), r->pool[0],
                                  fuzz_ranges[CLASS_IRQ].first + random_below(&r->random, 4),
                                  FUZZ_POOL_BITS);
        break;
    case 5:
        (void)seL4_CNode_Delete(r->pool[random_below(&r->random, 2)],
                                random_below(&r->random, 1 << FUZZ_POOL_BITS), FUZZ_POOL_BITS);
        break;
    case 6:
        message_registers(&dice, &regs.pc);
        (void)seL4_TCB_WriteRegisters(tcb, 1, 0, 32, &regs);
        break;
    case 7:
        (void)seL4_CNode_Revoke(r->pool[random_below(&r->random, 2)],
                                random_below(&r->random, 1 << FUZZ_POOL_BITS), FUZZ_POOL_BITS);
        break;
    case 8: (void)seL4_TCB_ReadRegisters(tcb, 0, 0, 32, &regs); break;
    case 9: (void)seL4_TCB_UnbindNotification(tcb); break;
    case 10: round_revoke_ring(r); break;
    case 11: (void)seL4_DomainSet_Set(seL4_CapDomain, (seL4_Uint8)domain, tcb); break;
    default:
        /* The first entry, which is where the schedule starts, stays the supervisor's. */
        (void)seL4_DomainSet_ScheduleConfigure(seL4_CapDomain, domain + entry, (seL4_Uint8)domain,
                                               random_below(&r->random, 4));
    }
}

uint64_t supervise_meddle(round_t *r)
{
    static uint64_t seen[FUZZ_WORKERS];
    uint64_t disturbances = random_below(&r->random, 3);

    if (random_chance(&r->random, 8))
        maze_play(&r->random, r->maze);
    if (!r->keeps)
        return 0;
    for (unsigned i = 0; i < FUZZ_WORKERS; i++) {
        if (seen[i] == r->counted[i] || random_chance(&r->random, 16))
            help(r, i);
        seen[i] = r->counted[i];
    }
    for (uint64_t i = 0; i < disturbances; i++)
        disturb(r);
    own_disturb(r, (unsigned)random_below(&r->random, FUZZ_WORKERS));
    if (random_chance(&r->random, 32))
        round_repair(r);
    if (random_chance(&r->random, 2))
        round_hermit(r);
    if (random_chance(&r->random, 4))
        round_renew(r);
    return disturbances;
}
