/* SPDX-License-Identifier: BSD-2-Clause */
#include <u4/machine.h>
#include <u4/thread.h>
#include <u4/u4.h>

static void call_debug(u4_thread_t *self)
{
    (void)seL4_DebugCapIdentify(self->tcb);
}

/*
 * A thread makes a debug call: it either returns from it or faults. The caller yields to it, so
 * it runs at the caller's priority, that of a root task at its start.
 */
seL4_Error u4_machine_probe_debug(u4_vspace_t *vspace)
{
    static u4_thread_t thread;
    static char stack[2048] __attribute__((aligned(16)));
    seL4_CPtr endpoint;
    const u4_thread_env_t env = {.alloc = vspace->alloc,
                                 .vspace = vspace,
                                 .cspace = seL4_CapInitThreadCNode,
                                 .authority = seL4_CapInitThreadTCB,
                                 .sched_control = u4_boot_sched_control()};
    u4_thread_config_t config = {.name = u4_kernel() ? "probe" : NULL, /* needs no debug call */
                                 .entry = call_debug,
                                 .stack = stack,
                                 .stack_size = sizeof stack,
                                 .priority = seL4_MaxPrio};
    seL4_Error error = u4_alloc_object(vspace->alloc, seL4_EndpointObject, 0, &endpoint);

    config.fault_ep = endpoint;
    if (!error)
        error = u4_thread_create(&thread, &env, &config);
    if (!error)
        error = seL4_TCB_Resume(thread.tcb);
    if (error)
        return error;
    seL4_Yield();
    u4_set_debug_calls(thread.done);
    return seL4_CNode_Delete(vspace->alloc->cnode, thread.tcb, seL4_WordBits);
}
