/* SPDX-License-Identifier: BSD-2-Clause */
#include "own.h"
#include "random.h"

#define CNODE seL4_CapInitThreadCNode
#define DEPTH seL4_WordBits

/* Time of a hart is given by its own control. */
static seL4_CPtr control_of_any(uint64_t *random)
{
#if U4_SMP
    return u4_boot_sched_control() + random_below(random, seL4_GetBootInfo()->numNodes);
#else
    (void)random;
    return u4_boot_sched_control();
#endif
}

/* Mostly enough for many operations in each period; round robin now and then. */
static void give_time(round_t *r, seL4_CPtr sc)
{
    seL4_Time budget = 500 + random_below(&r->random, 4000);
    seL4_Time period = budget * (1 + random_below(&r->random, 4));

    must(seL4_SchedControl_ConfigureFlags(control_of_any(&r->random), sc, budget, period, 0,
                                          random_below(&r->random, 8), random_below(&r->random, 2)),
         "giving time");
}

void own_make(round_t *r, seL4_CPtr (*make)(seL4_Word type, seL4_Word size_bits))
{
    for (unsigned i = 0; i < FUZZ_WORKERS; i++) {
        r->sc[i] = make(seL4_SchedContextObject, seL4_MinSchedContextBits + i % 2);
        r->reply[i] = make(seL4_ReplyObject, 0);
    }
}

void own_place(const round_t *r, seL4_CPtr pool,
               void (*place)(seL4_CPtr pool, seL4_Word slot, seL4_CPtr cap, seL4_Word data))
{
    for (unsigned i = 0; i < fuzz_ranges[CLASS_CONTROL].count && i < seL4_GetBootInfo()->numNodes;
         i++)
        place(pool, fuzz_ranges[CLASS_CONTROL].first + i, u4_boot_sched_control() + i, 0);
    for (unsigned i = 0; i < FUZZ_WORKERS; i++) {
        place(pool, fuzz_ranges[CLASS_TIME].first + i, r->sc[i], 0);
        place(pool, fuzz_ranges[CLASS_REPLY].first + i, r->reply[i], 0);
    }
}

void own_give_up(round_t *r)
{
    for (unsigned i = 0; i < FUZZ_WORKERS; i++) {
        must(seL4_CNode_Delete(CNODE, r->sc[i], DEPTH), "giving up time");
        must(seL4_CNode_Delete(CNODE, r->reply[i], DEPTH), "giving up a reply object");
    }
}

/* The context may be another thread's by now, and the thread may have another one, or borrowed. */
void own_configure(round_t *r, seL4_CPtr tcb, u4_tcb_config_t *config)
{
    seL4_Error error = seL4_TCB_Configure(tcb, config->cspace, config->cspace_data, config->vspace,
                                          0, config->ipc_buffer, config->ipc_frame);

    must(error == seL4_IllegalOperation ? seL4_NoError : error, "configuring a thread");
    must(seL4_SchedContext_Unbind(config->sched_context), "taking time back");
    must(seL4_TCB_SetSchedParams(tcb, config->authority, config->mcp, config->priority,
                                 seL4_CapNull, config->fault_ep),
         "setting a thread's priority");
    give_time(r, config->sched_context);
    must(seL4_TCB_SetSchedParams(tcb, config->authority, config->mcp, config->priority,
                                 config->sched_context, config->fault_ep),
         "giving a thread its time");
    must(seL4_TCB_SetTimeoutEndpoint(tcb, random_chance(&r->random, 4) ? config->fault_ep
                                                                       : seL4_CapNull),
         "setting a timeout handler");
}

seL4_CPtr own_handler(seL4_CPtr of_thread, seL4_CPtr of_supervisor)
{
    (void)of_thread;
    return of_supervisor;
}

seL4_CPtr own_time(round_t *r, seL4_CPtr (*make)(seL4_Word type, seL4_Word size_bits))
{
    (void)r;
    return make(seL4_SchedContextObject, seL4_MinSchedContextBits);
}

void own_disturb(round_t *r, unsigned worker)
{
    seL4_CPtr sc = r->sc[worker],
              ntfn = r->notification[random_below(&r->random, FUZZ_NOTIFICATIONS)];

    switch (random_below(&r->random, 8)) {
    case 0: give_time(r, sc); break;
    case 1: (void)seL4_SchedContext_Unbind(sc); break;
    case 2: (void)seL4_SchedContext_UnbindObject(sc, r->tcb[worker]); break;
    case 3: (void)seL4_SchedContext_Bind(sc, ntfn); break;
    case 4: (void)seL4_SchedContext_Consumed(sc); break;
    case 5: (void)seL4_SchedContext_YieldTo(sc); break;
    case 6: (void)seL4_CNode_Revoke(CNODE, r->reply[worker], DEPTH); break;
    default:
        (void)seL4_SchedControl_ConfigureFlags(control_of_any(&r->random), sc,
                                               random_below(&r->random, 300),
                                               random_nasty(&r->random), 0, 0, 0);
    }
}
