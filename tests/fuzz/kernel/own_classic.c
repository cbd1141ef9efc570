/* SPDX-License-Identifier: BSD-2-Clause */
#include "own.h"
#include "random.h"

void own_make(round_t *r, seL4_CPtr (*make)(seL4_Word type, seL4_Word size_bits))
{
    (void)r;
    (void)make;
}

void own_place(const round_t *r, seL4_CPtr pool,
               void (*place)(seL4_CPtr pool, seL4_Word slot, seL4_CPtr cap, seL4_Word data))
{
    (void)r;
    (void)pool;
    (void)place;
}

void own_give_up(round_t *r)
{
    (void)r;
}

void own_configure(round_t *r, seL4_CPtr tcb, u4_tcb_config_t *config)
{
    seL4_Error error =
        seL4_TCB_Configure(tcb, config->fault_ep, config->cspace, config->cspace_data,
                           config->vspace, 0, config->ipc_buffer, config->ipc_frame);

    (void)r;
    /* Others may have given it a CSpace that would go with this. */
    must(error == seL4_IllegalOperation ? seL4_NoError : error, "configuring a thread");
    must(seL4_TCB_SetSchedParams(tcb, config->authority, config->mcp, config->priority),
         "setting a thread's priority");
#if U4_SMP
    must(seL4_TCB_SetAffinity(tcb, tcb % seL4_GetBootInfo()->numNodes), "giving a thread its hart");
#endif
}

seL4_CPtr own_handler(seL4_CPtr of_thread, seL4_CPtr of_supervisor)
{
    (void)of_supervisor;
    return of_thread;
}

seL4_CPtr own_time(round_t *r, seL4_CPtr (*make)(seL4_Word type, seL4_Word size_bits))
{
    (void)r;
    (void)make;
    return seL4_CapNull;
}

void own_disturb(round_t *r, unsigned worker)
{
#if U4_SMP
    if (random_chance(&r->random, 2))
        (void)seL4_TCB_SetAffinity(r->tcb[worker],
                                   random_below(&r->random, seL4_GetBootInfo()->numNodes));
#else
    (void)r;
    (void)worker;
#endif
}
