/* SPDX-License-Identifier: BSD-2-Clause */
#include <u4/trace.h>
#include <u4/uintr.h>

/* entry.S */
void u4_uintr_entry(void);
void u4_uintr_entry_float(void);
void u4_uintr_handle(u4_uintr_t *u);

__thread u4_uintr_t *u4_uintr_self;

seL4_Error u4_uintr_init(u4_uintr_t *u, seL4_TCB tcb, seL4_CPtr table)
{
    *u = (u4_uintr_t){.tcb = tcb, .table = table};
    u4_uintr_self = u;
    return table ? u4_TCB_SetSenderTable(tcb, table) : seL4_NoError;
}

void u4_uintr_on(u4_uintr_t *u, unsigned vector, u4_uintr_callback_t call, void *argument)
{
    bool on = u4_uintr_disable();

    u->on[vector].call = call;
    u->on[vector].argument = argument;
    if (on)
        u4_uintr_enable();
}

seL4_Error u4_uintr_receive(u4_uintr_t *u, seL4_CPtr ntfn, unsigned flags)
{
    seL4_Error error = u4_TCB_RegisterReceiver(u->tcb, ntfn);

    if (error)
        return error;
    u->ntfn = ntfn;
    u->arrived = 0;
    u4_ucsr_write(U4_CSR_USCRATCH, u);
    u4_ucsr_write(U4_CSR_UTVEC, flags & U4_UINTR_FLOAT ? u4_uintr_entry_float : u4_uintr_entry);
    u4_ucsr_set(U4_CSR_UIE, U4_UIE_SOFTWARE);
    if (!(flags & U4_UINTR_MASKED))
        u4_uintr_enable();
    return seL4_NoError;
}

seL4_Error u4_uintr_stop(u4_uintr_t *u)
{
    seL4_Error error;

    (void)u4_uintr_disable();
    error = u4_TCB_UnregisterReceiver(u->tcb);
    if (!error)
        u->ntfn = 0;
    return error;
}

static void dispatch(u4_uintr_t *u, seL4_Word vectors)
{
    while (vectors) {
        unsigned vector = (unsigned)__builtin_ctzl(vectors);

        vectors &= vectors - 1;
        if (u->on[vector].call)
            u->on[vector].call(vector, u->on[vector].argument);
    }
}

void u4_uintr_handle(u4_uintr_t *u)
{
    seL4_Word vectors = reL4_Poll();

    u->arrived |= vectors;
    u->untraced |= vectors;
    if (u4_trace_ring) {
        U4_TRACE(uintr_handler, u->untraced);
        u->untraced = 0;
    }
    dispatch(u, vectors);
    U4_TRACE(uintr_handler_end);
}

/* Before the send: the handler may run at once. */
void u4_uintr_trace_send(const u4_uintr_sender_t *sender)
{
    U4_TRACE(uintr_send, (uint32_t)sender->index, sender->ntfn);
}

seL4_Word reL4_Wait(void)
{
    u4_uintr_t *u = u4_uintr_self;
    seL4_Word vectors;
    bool on;

    if (u->wait && u->wait(&vectors))
        return vectors;
    on = u4_uintr_disable();
    vectors = u->arrived;
    if (!vectors) {
        vectors = reL4_Poll();
        if (vectors)
            U4_TRACE(uintr_handler, vectors);
        else
            seL4_Wait(u->ntfn, &vectors);
        dispatch(u, vectors);
    }
    u->arrived = 0;
    if (on)
        u4_uintr_enable();
    return vectors;
}

seL4_Error u4_uintr_register(seL4_CPtr ntfn)
{
    u4_uintr_sender_t *sender = u4_uintr_sender(ntfn);
    u4_SenderTable_Register_t made;

    if (sender->ntfn == ntfn)
        return seL4_NoError;
    made = u4_SenderTable_Register(u4_uintr_self->table, ntfn);
    if (made.error)
        return (seL4_Error)made.error;
    /* Its place was another's, who will register again. */
    if (sender->ntfn)
        (void)u4_SenderTable_Unregister(u4_uintr_self->table, sender->index);
    *sender = (u4_uintr_sender_t){ntfn, made.index};
    return seL4_NoError;
}

seL4_Error u4_uintr_unregister(seL4_CPtr ntfn)
{
    u4_uintr_sender_t *sender = u4_uintr_sender(ntfn);

    if (sender->ntfn != ntfn)
        return seL4_InvalidArgument;
    sender->ntfn = 0;
    return u4_SenderTable_Unregister(u4_uintr_self->table, sender->index);
}
