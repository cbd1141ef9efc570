/* SPDX-License-Identifier: BSD-2-Clause */
/* Sync or async: how the named invocations (rel4/stubs.h) choose. */
#include <u4/sysring.h>

#include "abi/sel4/invocation.h"
#include "abi/u4/extensions.h"

/* What the ring cannot do. */
static bool excluded(seL4_Word label)
{
    switch (label) {
#if U4_MCS
    case SchedContextYieldTo: /* about the thread that makes the call itself, and may wait */
#else
    case CNodeSaveCaller:
#endif
    case U4AsyncRegister:
    case U4AsyncUnregister: return true;
    default: return false;
    }
}

static bool choose(bool async, const char *reason, const char **why)
{
    if (why)
        *why = reason;
    return async;
}

bool u4_calls_async(seL4_Word label, const char **why)
{
    const u4_exec_t *e = u4_exec_self;

    if (!e || !e->sysring)
        return choose(false, "sync: the thread has no ring", why);
    if (!e->current)
        return choose(false, "sync: not in a coroutine", why);
    if (excluded(label))
        return choose(false, "sync: the kernel does not take it from a ring", why);
    if (e->sysring->mode == U4_CALLS_SYNC)
        return choose(false, "sync: the program says so", why);
    if (e->sysring->mode == U4_CALLS_ASYNC)
        return choose(true, "async: the program says so", why);
    if (!u4_call_gains(label))
        return choose(false, "sync: calls of this kind are waited for one by one", why);
    if (e->live < 2)
        return choose(false, "sync: no other coroutine would share the kernel entry", why);
    return choose(true, "async: other coroutines share the kernel entry", why);
}

/* A call of more than four words, or of whatever length its answer has. */
static seL4_Error invoke_long(seL4_CPtr service, seL4_MessageInfo_t info, seL4_Word mr[4])
{
    seL4_IPCBuffer *buffer = seL4_GetIPCBuffer();
    seL4_Word message[U4_INVOKE_WORDS], words = seL4_MessageInfo_get_length(info);

    for (seL4_Word i = 0; i < words && i < U4_INVOKE_WORDS; i++)
        message[i] = i < 4 ? mr[i] : buffer->msg[i];
    if (u4_syscall(service, &info, buffer->caps_or_badges, message, U4_INVOKE_WORDS) != U4_OK)
        return (seL4_Error)U4_ErrorClosed;
    /* Meanwhile others have used the buffer; from here to the caller it is this one's. */
    words = seL4_MessageInfo_get_length(info);
    for (seL4_Word i = 0; i < words && i < U4_INVOKE_WORDS; i++) {
        buffer->msg[i] = message[i];
        if (i < 4)
            mr[i] = message[i];
    }
    return (seL4_Error)seL4_MessageInfo_get_label(info);
}

seL4_Error u4_async_invoke_slowly(seL4_CPtr service, seL4_Word label, seL4_Word caps,
                                  seL4_Word words, seL4_Word mr[4])
{
    u4_sysring_t *ring = u4_exec_self ? u4_exec_self->sysring : NULL;
    seL4_MessageInfo_t info = seL4_MessageInfo_new(label, 0, caps, words);
    seL4_IPCBuffer *buffer = seL4_GetIPCBuffer();

    if (!u4_calls_async(label, NULL)) {
        if (ring)
            ring->sync_calls++;
        return u4_invoke(service, label, caps, words, mr);
    }
    ring->async_calls++;
    if (words > 4 || label == TCBReadRegisters)
        return invoke_long(service, info, mr);
    if (u4_syscall(service, &info, buffer->caps_or_badges, mr, 4) != U4_OK)
        return (seL4_Error)U4_ErrorClosed;
    u4_invoke_details(mr, mr, info.words[0]);
    return (seL4_Error)seL4_MessageInfo_get_label(info);
}

void u4_invoke_details(seL4_Word mr[4], const seL4_Word *words, seL4_Word info)
{
    seL4_IPCBuffer *buffer = seL4_GetIPCBuffer();

    for (seL4_Word i = 0; i < (info & 0x7f) && i < 4; i++)
        buffer->msg[i] = mr[i] = words[i];
}
