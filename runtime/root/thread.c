/* SPDX-License-Identifier: BSD-2-Clause */
#include <u4/thread.h>
#include <u4/thread_local.h>
#include <u4/u4.h>

#if U4_MCS
enum { SLICE_US = 10000 };

seL4_Error u4_make_time(u4_alloc_t *alloc, seL4_CPtr control, seL4_Time budget_us,
                        seL4_Time period_us, seL4_CPtr *sched_context)
{
    seL4_Error error =
        u4_alloc_object(alloc, seL4_SchedContextObject, seL4_MinSchedContextBits, sched_context);

    if (budget_us == 0)
        budget_us = period_us = SLICE_US;
    return error ? error
                 : seL4_SchedControl_ConfigureFlags(control, *sched_context, budget_us, period_us,
                                                    0, 0, 0);
}

seL4_Error u4_tcb_configure(seL4_TCB tcb, const u4_tcb_config_t *config)
{
    seL4_Error error = seL4_TCB_Configure(tcb, config->cspace, config->cspace_data, config->vspace,
                                          0, config->ipc_buffer, config->ipc_frame);

    return error ? error
                 : seL4_TCB_SetSchedParams(tcb, config->authority, config->mcp, config->priority,
                                           config->sched_context, config->fault_ep);
}

/* Its time, and the reply object that it receives over. */
static seL4_Error make_own(u4_thread_t *thread, const u4_thread_env_t *env)
{
    seL4_Error error = u4_make_time(env->alloc, env->sched_control, 0, 0, &thread->sched_context);

    return error ? error
                 : u4_alloc_object(env->alloc, seL4_ReplyObject, 0, &thread->ipc_buffer->userData);
}
#else
seL4_Error u4_tcb_configure(seL4_TCB tcb, const u4_tcb_config_t *config)
{
    seL4_Error error =
        seL4_TCB_Configure(tcb, config->fault_ep, config->cspace, config->cspace_data,
                           config->vspace, 0, config->ipc_buffer, config->ipc_frame);

    return error ? error
                 : seL4_TCB_SetSchedParams(tcb, config->authority, config->mcp, config->priority);
}

static seL4_Error make_own(u4_thread_t *thread, const u4_thread_env_t *env)
{
    (void)env;
    thread->sched_context = seL4_CapNull;
    return seL4_NoError;
}
#endif

static _Noreturn void run(u4_thread_t *self)
{
    self->entry(self);
    self->done = true;
    for (;;)
        (void)seL4_TCB_Suspend(self->tcb);
}

/* Start values of a thread's registers: run(THREAD) on the stack, with its own TLS. */
static seL4_Error write_registers(u4_thread_t *thread, const u4_thread_config_t *config)
{
    seL4_Word top = (seL4_Word)config->stack + config->stack_size;
    seL4_Word tls = (top - u4_tls_size()) & ~(seL4_Word)15;
    seL4_UserContext regs = {0};

    regs.pc = (seL4_Word)run;
    regs.sp = tls;
    regs.a0 = (seL4_Word)thread;
    regs.tp = u4_tls_make((void *)tls, thread->ipc_buffer);
    __asm__("mv %0, gp" : "=r"(regs.gp));
    return seL4_TCB_WriteRegisters(thread->tcb, 0, 0, sizeof regs / sizeof(seL4_Word), &regs);
}

seL4_Error u4_thread_create(u4_thread_t *thread, const u4_thread_env_t *env,
                            const u4_thread_config_t *config)
{
    void *buffer = NULL;
    seL4_Error error = u4_alloc_object(env->alloc, seL4_TCBObject, 0, &thread->tcb);

    if (!error)
        error = u4_vspace_new_page(env->vspace, &thread->ipc_frame, &buffer);
    thread->ipc_buffer = buffer;
    if (!error)
        error = make_own(thread, env);
    if (error)
        return error;
    thread->entry = config->entry;
    thread->argument = config->argument;
    thread->done = false;
    error = u4_tcb_configure(thread->tcb, &(u4_tcb_config_t){
                                              .cspace = env->cspace,
                                              .cspace_data = env->cspace_data,
                                              .vspace = env->vspace->root,
                                              .ipc_buffer = (seL4_Word)buffer,
                                              .ipc_frame = thread->ipc_frame,
                                              .fault_ep = config->fault_ep,
                                              .authority = env->authority,
                                              .mcp = config->mcp,
                                              .priority = config->priority,
                                              .sched_context = thread->sched_context,
                                          });
    if (!error)
        error = write_registers(thread, config);
    if (!error && config->name)
        u4_name_thread(thread->tcb, config->name);
    return error;
}
