/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls with libsel4's names and signatures. A call named ...WithMRs passes message
 * registers 0..3 by pointer (null: not passed, not wanted) and leaves them in the machine's
 * registers; the others pass the first four words of the IPC buffer. Words from 4 on are always
 * in the IPC buffer. Where a receive was ended by a notification, only the badge is meaningful.
 */
#ifndef SEL4_SYSCALLS_H
#define SEL4_SYSCALLS_H

#include <sel4/functions.h>
#include <sel4/syscalls_raw.h>

/* Not a loop: the compiler would make a call of memcpy out of it. */
static inline void u4_store_mrs(u4_sys_regs_t r)
{
    seL4_Word *msg = seL4_GetIPCBuffer()->msg;
    msg[0] = r.mr[0];
    msg[1] = r.mr[1];
    msg[2] = r.mr[2];
    msg[3] = r.mr[3];
}

/* The registers of a call on DEST with the IPC buffer's first words. */
static inline u4_sys_regs_t u4_load_mrs(seL4_CPtr dest, seL4_MessageInfo_t info)
{
    return (u4_sys_regs_t){
        dest, info.words[0], {seL4_GetMR(0), seL4_GetMR(1), seL4_GetMR(2), seL4_GetMR(3)}};
}

static inline u4_sys_regs_t u4_take_mrs(seL4_CPtr dest, seL4_MessageInfo_t info,
                                        const seL4_Word *mr0, const seL4_Word *mr1,
                                        const seL4_Word *mr2, const seL4_Word *mr3)
{
    return (u4_sys_regs_t){
        dest, info.words[0], {mr0 ? *mr0 : 0, mr1 ? *mr1 : 0, mr2 ? *mr2 : 0, mr3 ? *mr3 : 0}};
}

static inline seL4_MessageInfo_t u4_give_mrs(u4_sys_regs_t r, seL4_Word *sender, seL4_Word *mr0,
                                             seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3)
{
    if (sender)
        *sender = r.a0;
    if (mr0)
        *mr0 = r.mr[0];
    if (mr1)
        *mr1 = r.mr[1];
    if (mr2)
        *mr2 = r.mr[2];
    if (mr3)
        *mr3 = r.mr[3];
    return (seL4_MessageInfo_t){{r.info}};
}

static inline seL4_MessageInfo_t u4_give_buffer(u4_sys_regs_t r, seL4_Word *sender)
{
    u4_store_mrs(r);
    if (sender)
        *sender = r.a0;
    return (seL4_MessageInfo_t){{r.info}};
}

static inline void seL4_Send(seL4_CPtr dest, seL4_MessageInfo_t msgInfo)
{
    u4_sys_send(seL4_SysSend, u4_load_mrs(dest, msgInfo));
}

static inline void seL4_SendWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_Word *mr0,
                                    seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3)
{
    u4_sys_send(seL4_SysSend, u4_take_mrs(dest, msgInfo, mr0, mr1, mr2, mr3));
}

static inline void seL4_NBSend(seL4_CPtr dest, seL4_MessageInfo_t msgInfo)
{
    u4_sys_send(seL4_SysNBSend, u4_load_mrs(dest, msgInfo));
}

static inline void seL4_NBSendWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_Word *mr0,
                                      seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3)
{
    u4_sys_send(seL4_SysNBSend, u4_take_mrs(dest, msgInfo, mr0, mr1, mr2, mr3));
}

static inline seL4_MessageInfo_t seL4_Call(seL4_CPtr dest, seL4_MessageInfo_t msgInfo)
{
    return u4_give_buffer(u4_sys(seL4_SysCall, u4_load_mrs(dest, msgInfo), 0), NULL);
}

static inline seL4_MessageInfo_t seL4_CallWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                  seL4_Word *mr0, seL4_Word *mr1, seL4_Word *mr2,
                                                  seL4_Word *mr3)
{
    return u4_give_mrs(u4_sys(seL4_SysCall, u4_take_mrs(dest, msgInfo, mr0, mr1, mr2, mr3), 0),
                       NULL, mr0, mr1, mr2, mr3);
}

static inline void seL4_Signal(seL4_CPtr dest)
{
    u4_sys_plain(seL4_SysSend, dest, 0);
}

static inline void seL4_Yield(void)
{
    u4_sys_plain(seL4_SysYield, 0, 0);
}

#if U4_MCS
#include <sel4/syscalls_mcs.h>
#else
#include <sel4/syscalls_classic.h>
#endif
#include <sel4/syscalls_debug.h>

#endif
