/* SPDX-License-Identifier: BSD-2-Clause */
/* The system calls whose signatures MCS changes, in their classic form. */
#ifndef SEL4_SYSCALLS_CLASSIC_H
#define SEL4_SYSCALLS_CLASSIC_H

static inline void seL4_Reply(seL4_MessageInfo_t msgInfo)
{
    u4_sys_send(seL4_SysReply, u4_load_mrs(0, msgInfo));
}

static inline void seL4_ReplyWithMRs(seL4_MessageInfo_t msgInfo, seL4_Word *mr0, seL4_Word *mr1,
                                     seL4_Word *mr2, seL4_Word *mr3)
{
    u4_sys_send(seL4_SysReply, u4_take_mrs(0, msgInfo, mr0, mr1, mr2, mr3));
}

static inline seL4_MessageInfo_t seL4_Recv(seL4_CPtr src, seL4_Word *sender)
{
    return u4_give_buffer(u4_sys(seL4_SysRecv, (u4_sys_regs_t){src, 0, {0}}, 0), sender);
}

static inline seL4_MessageInfo_t seL4_RecvWithMRs(seL4_CPtr src, seL4_Word *sender, seL4_Word *mr0,
                                                  seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3)
{
    return u4_give_mrs(u4_sys(seL4_SysRecv, (u4_sys_regs_t){src, 0, {0}}, 0), sender, mr0, mr1, mr2,
                       mr3);
}

static inline seL4_MessageInfo_t seL4_NBRecv(seL4_CPtr src, seL4_Word *sender)
{
    return u4_give_buffer(u4_sys(seL4_SysNBRecv, (u4_sys_regs_t){src, 0, {0}}, 0), sender);
}

static inline seL4_MessageInfo_t seL4_ReplyRecv(seL4_CPtr src, seL4_MessageInfo_t msgInfo,
                                                seL4_Word *sender)
{
    return u4_give_buffer(u4_sys(seL4_SysReplyRecv, u4_load_mrs(src, msgInfo), 0), sender);
}

static inline seL4_MessageInfo_t seL4_ReplyRecvWithMRs(seL4_CPtr src, seL4_MessageInfo_t msgInfo,
                                                       seL4_Word *sender, seL4_Word *mr0,
                                                       seL4_Word *mr1, seL4_Word *mr2,
                                                       seL4_Word *mr3)
{
    return u4_give_mrs(u4_sys(seL4_SysReplyRecv, u4_take_mrs(src, msgInfo, mr0, mr1, mr2, mr3), 0),
                       sender, mr0, mr1, mr2, mr3);
}

static inline void seL4_Wait(seL4_CPtr src, seL4_Word *sender)
{
    (void)seL4_Recv(src, sender);
}

static inline seL4_MessageInfo_t seL4_Poll(seL4_CPtr src, seL4_Word *sender)
{
    return seL4_NBRecv(src, sender);
}

#endif
