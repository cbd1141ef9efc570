/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ecall instruction in its few shapes. The kernel preserves every register that a shape does
 * not name as an output; sends and signals change none at all.
 */
#ifndef SEL4_SYSCALLS_RAW_H
#define SEL4_SYSCALLS_RAW_H

#include <sel4/types.h>

/* What a system call carries in registers, both ways. */
typedef struct {
    seL4_Word a0; /* in: capability pointer; out: badge */
    seL4_Word info;
    seL4_Word mr[seL4_FastMessageRegisters];
} u4_sys_regs_t;

/* Two arguments, no result. */
static inline void u4_sys_plain(seL4_Word number, seL4_Word arg0, seL4_Word arg1)
{
    register seL4_Word a0 __asm__("a0") = arg0;
    register seL4_Word a1 __asm__("a1") = arg1;
    register seL4_Word a7 __asm__("a7") = number;

    __asm__ volatile("ecall" : : "r"(a0), "r"(a1), "r"(a7) : "memory");
}

/* Two arguments, the result in the first one's register. */
static inline seL4_Word u4_sys_value(seL4_Word number, seL4_Word arg0, seL4_Word arg1)
{
    register seL4_Word a0 __asm__("a0") = arg0;
    register seL4_Word a1 __asm__("a1") = arg1;
    register seL4_Word a7 __asm__("a7") = number;

    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a7) : "memory");
    return a0;
}

/* A message out, nothing back. */
static inline void u4_sys_send(seL4_Word number, u4_sys_regs_t in)
{
    register seL4_Word a0 __asm__("a0") = in.a0;
    register seL4_Word a1 __asm__("a1") = in.info;
    register seL4_Word a2 __asm__("a2") = in.mr[0];
    register seL4_Word a3 __asm__("a3") = in.mr[1];
    register seL4_Word a4 __asm__("a4") = in.mr[2];
    register seL4_Word a5 __asm__("a5") = in.mr[3];
    register seL4_Word a7 __asm__("a7") = number;

    __asm__ volatile("ecall"
                     :
                     : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7)
                     : "memory");
}

/* A message both ways; REPLY is MCS's reply capability. */
static inline u4_sys_regs_t u4_sys(seL4_Word number, u4_sys_regs_t in, seL4_CPtr reply)
{
    register seL4_Word a0 __asm__("a0") = in.a0;
    register seL4_Word a1 __asm__("a1") = in.info;
    register seL4_Word a2 __asm__("a2") = in.mr[0];
    register seL4_Word a3 __asm__("a3") = in.mr[1];
    register seL4_Word a4 __asm__("a4") = in.mr[2];
    register seL4_Word a5 __asm__("a5") = in.mr[3];
    register seL4_Word a7 __asm__("a7") = number;

#if U4_MCS
    register seL4_Word a6 __asm__("a6") = reply;

    __asm__ volatile("ecall"
                     : "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3), "+r"(a4), "+r"(a5)
                     : "r"(a6), "r"(a7)
                     : "memory");
#else
    (void)reply;
    __asm__ volatile("ecall"
                     : "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3), "+r"(a4), "+r"(a5)
                     : "r"(a7)
                     : "memory");
#endif
    return (u4_sys_regs_t){a0, a1, {a2, a3, a4, a5}};
}

#if U4_MCS
/* A message to DEST, then one from in.a0: only NBSendRecv has a second capability in t0. */
static inline u4_sys_regs_t u4_sys_two(seL4_Word number, seL4_CPtr dest, u4_sys_regs_t in,
                                       seL4_CPtr reply)
{
    register seL4_Word a0 __asm__("a0") = in.a0;
    register seL4_Word a1 __asm__("a1") = in.info;
    register seL4_Word a2 __asm__("a2") = in.mr[0];
    register seL4_Word a3 __asm__("a3") = in.mr[1];
    register seL4_Word a4 __asm__("a4") = in.mr[2];
    register seL4_Word a5 __asm__("a5") = in.mr[3];
    register seL4_Word a6 __asm__("a6") = reply;
    register seL4_Word a7 __asm__("a7") = number;
    register seL4_Word t0 __asm__("t0") = dest;

    __asm__ volatile("ecall"
                     : "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3), "+r"(a4), "+r"(a5)
                     : "r"(a6), "r"(a7), "r"(t0)
                     : "memory");
    return (u4_sys_regs_t){a0, a1, {a2, a3, a4, a5}};
}
#endif

#endif
