/* SPDX-License-Identifier: BSD-2-Clause */
/* The system calls of MCS: receiving names a reply object, and two calls send and receive. */
#ifndef SEL4_SYSCALLS_MCS_H
#define SEL4_SYSCALLS_MCS_H

static inline seL4_MessageInfo_t seL4_Recv(seL4_CPtr src, seL4_Word *sender, seL4_CPtr reply)
{
    return u4_give_buffer(u4_sys(seL4_SysRecv, (u4_sys_regs_t){src, 0, {0}}, reply), sender);
}

static inline seL4_MessageInfo_t seL4_RecvWithMRs(seL4_CPtr src, seL4_Word *sender, seL4_CPtr reply,
                                                  seL4_Word *mr0, seL4_Word *mr1, seL4_Word *mr2,
                                                  seL4_Word *mr3)
{
    return u4_give_mrs(u4_sys(seL4_SysRecv, (u4_sys_regs_t){src, 0, {0}}, reply), sender, mr0, mr1,
                       mr2, mr3);
}

static inline seL4_MessageInfo_t seL4_NBRecv(seL4_CPtr src, seL4_Word *sender, seL4_CPtr reply)
{
    return u4_give_buffer(u4_sys(seL4_SysNBRecv, (u4_sys_regs_t){src, 0, {0}}, reply), sender);
}

static inline seL4_MessageInfo_t seL4_ReplyRecv(seL4_CPtr src, seL4_MessageInfo_t msgInfo,
                                                seL4_Word *sender, seL4_CPtr reply)
{
    return u4_give_buffer(u4_sys(seL4_SysReplyRecv, u4_load_mrs(src, msgInfo), reply), sender);
}

static inline seL4_MessageInfo_t seL4_ReplyRecvWithMRs(seL4_CPtr src, seL4_MessageInfo_t msgInfo,
                                                       seL4_Word *sender, seL4_Word *mr0,
                                                       seL4_Word *mr1, seL4_Word *mr2,
                                                       seL4_Word *mr3, seL4_CPtr reply)
{
    return u4_give_mrs(
        u4_sys(seL4_SysReplyRecv, u4_take_mrs(src, msgInfo, mr0, mr1, mr2, mr3), reply), sender,
        mr0, mr1, mr2, mr3);
}

static inline seL4_MessageInfo_t seL4_NBSendRecv(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                 seL4_CPtr src, seL4_Word *sender, seL4_CPtr reply)
{
    return u4_give_buffer(u4_sys_two(seL4_SysNBSendRecv, dest, u4_load_mrs(src, msgInfo), reply),
                          sender);
}

static inline seL4_MessageInfo_t seL4_NBSendRecvWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                        seL4_CPtr src, seL4_Word *sender,
                                                        seL4_Word *mr0, seL4_Word *mr1,
                                                        seL4_Word *mr2, seL4_Word *mr3,
                                                        seL4_CPtr reply)
{
    return u4_give_mrs(
        u4_sys_two(seL4_SysNBSendRecv, dest, u4_take_mrs(src, msgInfo, mr0, mr1, mr2, mr3), reply),
        sender, mr0, mr1, mr2, mr3);
}

/* NBSendWait has its destination where other calls have the reply capability. */
static inline seL4_MessageInfo_t seL4_NBSendWait(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                 seL4_CPtr src, seL4_Word *sender)
{
    return u4_give_buffer(u4_sys(seL4_SysNBSendWait, u4_load_mrs(src, msgInfo), dest), sender);
}

static inline seL4_MessageInfo_t seL4_NBSendWaitWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                        seL4_CPtr src, seL4_Word *sender,
                                                        seL4_Word *mr0, seL4_Word *mr1,
                                                        seL4_Word *mr2, seL4_Word *mr3)
{
    return u4_give_mrs(
        u4_sys(seL4_SysNBSendWait, u4_take_mrs(src, msgInfo, mr0, mr1, mr2, mr3), dest), sender,
        mr0, mr1, mr2, mr3);
}

static inline seL4_MessageInfo_t seL4_Wait(seL4_CPtr src, seL4_Word *sender)
{
    return u4_give_buffer(u4_sys(seL4_SysWait, (u4_sys_regs_t){src, 0, {0}}, 0), sender);
}

static inline seL4_MessageInfo_t seL4_WaitWithMRs(seL4_CPtr src, seL4_Word *sender, seL4_Word *mr0,
                                                  seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3)
{
    return u4_give_mrs(u4_sys(seL4_SysWait, (u4_sys_regs_t){src, 0, {0}}, 0), sender, mr0, mr1, mr2,
                       mr3);
}

static inline seL4_MessageInfo_t seL4_NBWait(seL4_CPtr src, seL4_Word *sender)
{
    return u4_give_buffer(u4_sys(seL4_SysNBWait, (u4_sys_regs_t){src, 0, {0}}, 0), sender);
}

static inline seL4_MessageInfo_t seL4_Poll(seL4_CPtr src, seL4_Word *sender)
{
    return seL4_NBWait(src, sender);
}

#endif
