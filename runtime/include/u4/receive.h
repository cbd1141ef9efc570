/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Receiving and answering in the form that both kernels share. MCS names a reply object, over which
 * the caller that was received is answered: here it is the calling thread's own, which userData of
 * its IPC buffer names. Programs and threads that the runtime makes have one from the start.
 */
#ifndef U4_RECEIVE_H
#define U4_RECEIVE_H

#include <u4/alloc.h>

#if U4_MCS
/* The root task's own. It must have one before it receives. */
static inline seL4_Error u4_make_reply(u4_alloc_t *alloc)
{
    seL4_CPtr reply = seL4_CapNull;
    seL4_Error error = u4_alloc_object(alloc, seL4_ReplyObject, 0, &reply);

    seL4_SetUserData(reply);
    return error;
}
static inline seL4_MessageInfo_t u4_ep_recv(seL4_CPtr src, seL4_Word *badge)
{
    return seL4_Recv(src, badge, seL4_GetUserData());
}
static inline seL4_MessageInfo_t u4_ep_reply_recv(seL4_CPtr src, seL4_MessageInfo_t info,
                                                  seL4_Word *badge)
{
    return seL4_ReplyRecv(src, info, badge, seL4_GetUserData());
}
static inline void u4_ep_reply(seL4_MessageInfo_t info)
{
    seL4_Send(seL4_GetUserData(), info);
}
#else
static inline seL4_Error u4_make_reply(u4_alloc_t *alloc)
{
    (void)alloc;
    return seL4_NoError;
}
static inline seL4_MessageInfo_t u4_ep_recv(seL4_CPtr src, seL4_Word *badge)
{
    return seL4_Recv(src, badge);
}
static inline seL4_MessageInfo_t u4_ep_reply_recv(seL4_CPtr src, seL4_MessageInfo_t info,
                                                  seL4_Word *badge)
{
    return seL4_ReplyRecv(src, info, badge);
}
static inline void u4_ep_reply(seL4_MessageInfo_t info)
{
    seL4_Reply(info);
}
#endif

#endif
