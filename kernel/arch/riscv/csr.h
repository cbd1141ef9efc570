/* SPDX-License-Identifier: GPL-2.0-only */
/* Control and status registers, fences, SBI calls (RISC-V Privileged 1.12; SBI 1.0). */
#ifndef KERNEL_ARCH_CSR_H
#define KERNEL_ARCH_CSR_H

#define SSTATUS_SIE 0x2
#define SSTATUS_SPIE 0x20
#define SSTATUS_SPP 0x100
#define SSTATUS_FS 0x6000
#define SSTATUS_FS_CLEAN 0x4000
#define SSTATUS_FS_DIRTY 0x6000
#define SSTATUS_SUM 0x40000
#define SIP_SSIP 0x2
#define SIP_STIP 0x20
#define SIP_SEIP 0x200
#define CAUSE_INTERRUPT (1ull << 63)
#define CAUSE_ECALL_U 8
#define CAUSE_ILLEGAL 2
#define CAUSE_FETCH_ACCESS 1
#define CAUSE_LOAD_ACCESS 5
#define CAUSE_STORE_ACCESS 7
#define CAUSE_FETCH_PAGE 12
#define CAUSE_LOAD_PAGE 13
#define CAUSE_STORE_PAGE 15
#define SATP_SV39 (8ull << 60)

#ifndef __ASSEMBLER__

#include "kernel/types.h"

/* `name` may be a macro for a number. */
#define CSR_TEXT(name) #name
#define csr_read(name) \
    ({ \
        word_t csr_value_ = 0; \
        __asm__ volatile("csrr %0, " CSR_TEXT(name) : "=r"(csr_value_)::"memory"); \
        csr_value_; \
    })
#define csr_write(name, value) \
    __asm__ volatile("csrw " CSR_TEXT(name) ", %0" ::"r"((word_t)(value)) : "memory")
#define csr_set(name, value) \
    __asm__ volatile("csrs " CSR_TEXT(name) ", %0" ::"r"((word_t)(value)) : "memory")
#define csr_clear(name, value) \
    __asm__ volatile("csrc " CSR_TEXT(name) ", %0" ::"r"((word_t)(value)) : "memory")

ALWAYS_INLINE void sfence_all(void)
{
    __asm__ volatile("sfence.vma" ::: "memory");
}
ALWAYS_INLINE void sfence_asid(word_t asid)
{
    __asm__ volatile("sfence.vma zero, %0" ::"r"(asid) : "memory");
}
ALWAYS_INLINE void fence_i(void)
{
    __asm__ volatile("fence.i" ::: "memory");
}

/* sbi.c */
void sbi_putchar(char c);
void sbi_set_timer(word_t deadline);
NORETURN void sbi_shutdown(bool failure);
/* HSM: starts another hart at physical `entry`; SBI error code. */
long sbi_hart_start(word_t hart_id, paddr_t entry, word_t opaque);
/* HSM: is there such a hart? */
bool sbi_hart_exists(word_t hart_id);
/* HSM: has it been started, by whomever? */
bool sbi_hart_started(word_t hart_id);
/* IPI: raises sip.SSIP of a hart. */
void sbi_send_ipi(word_t hart_id);
/* RFENCE: every hart executes a fence.i before it returns. */
void sbi_fence_i(void);
/* RFENCE: sfence.vma on the harts of a mask of hart ids 0 to 63; size ~0: every address. */
void sbi_remote_sfence(word_t hart_mask);
void sbi_remote_sfence_asid(word_t hart_mask, vaddr_t va, word_t size, word_t asid);

/* Ticks of the time CSR and the timer in a second (boot/boot.c, from the device tree). */
extern word_t timebase_hz;

/* plic.c: the platform's interrupt controller, sources 1..PLIC_SOURCES. */
void plic_init(paddr_t base, word_t context);
word_t plic_claim(void); /* 0: nothing */
void plic_complete(word_t irq);
void plic_mask(word_t irq, bool masked);

/* trap.S */
NORETURN void restore_user(void); /* to hart->current */
void trap_entry(void);            /* stvec */
void fpu_save(void *to);          /* fpu_state_t */
void fpu_load(const void *from);

#endif
#endif
