/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The instructions of user interrupts, one function each (U-interrupt specification 0.1.1; "N"
 * extension 1.1). On machines without them the kernel executes them. `uipi send` is the one that
 * needs a sender table, the others act on the calling thread's own receiver entry and do nothing
 * (read: gives 0) in a thread that is no receiver.
 */
#ifndef U4_UIPI_H
#define U4_UIPI_H

#include <sel4/types.h>

enum { U4_UIE_SOFTWARE = 1, U4_USTATUS_UIE = 1 };

/* ustatus, uie, utvec, uscratch, uepc, ucause, utval, uip: assemblers do not know the names. */
#define U4_CSR_USTATUS 0x000
#define U4_CSR_UIE 0x004
#define U4_CSR_UTVEC 0x005
#define U4_CSR_USCRATCH 0x040
#define U4_CSR_UEPC 0x041
#define U4_CSR_UCAUSE 0x042
#define U4_CSR_UTVAL 0x043
#define U4_CSR_UIP 0x044

#define U4_CSR_TEXT(number) #number
#define u4_ucsr_read(number) \
    ({ \
        seL4_Word value_; \
        __asm__ volatile("csrr %0, " U4_CSR_TEXT(number) : "=r"(value_)::"memory"); \
        value_; \
    })
#define u4_ucsr_write(number, value) \
    __asm__ volatile("csrw " U4_CSR_TEXT(number) ", %0" ::"r"((seL4_Word)(value)) : "memory")
#define u4_ucsr_set(number, value) \
    __asm__ volatile("csrs " U4_CSR_TEXT(number) ", %0" ::"r"((seL4_Word)(value)) : "memory")
#define u4_ucsr_clear(number, value) \
    __asm__ volatile("csrc " U4_CSR_TEXT(number) ", %0" ::"r"((seL4_Word)(value)) : "memory")

/* Sends by entry INDEX of the thread's sender table; nothing happens if that is not valid. */
static inline void u4_uipi_send(seL4_Word index)
{
    __asm__ volatile(".insn r 0x7b, 6, 0, x0, %0, x0" ::"r"(index) : "memory");
}

/* Takes (and clears) the pending vectors. */
static inline seL4_Word u4_uipi_read(void)
{
    seL4_Word vectors;

    __asm__ volatile(".insn r 0x7b, 6, 1, %0, x0, x0" : "=r"(vectors)::"memory");
    return vectors;
}

/* Makes vectors pending for the thread itself. */
static inline void u4_uipi_write(seL4_Word vectors)
{
    __asm__ volatile(".insn r 0x7b, 6, 2, x0, %0, x0" ::"r"(vectors) : "memory");
}

/* From now on pending vectors interrupt the thread, or stay pending only. */
static inline void u4_uipi_activate(void)
{
    __asm__ volatile(".insn r 0x7b, 6, 3, x0, x0, x0" ::: "memory");
}
static inline void u4_uipi_deactivate(void)
{
    __asm__ volatile(".insn r 0x7b, 6, 4, x0, x0, x0" ::: "memory");
}

#endif
