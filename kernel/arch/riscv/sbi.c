/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls to the firmware (SBI 1.0): console, timer, reset, harts. */
#include "kernel/arch/riscv/csr.h"

enum {
    SBI_LEGACY_PUTCHAR = 1,
    SBI_LEGACY_SHUTDOWN = 8,
    SBI_TIME = 0x54494d45,
    SBI_HSM = 0x48534d,
    SBI_IPI = 0x735049,
    SBI_RFENCE = 0x52464e43,
    SBI_SRST = 0x53525354,
};

/* HSM's states of a hart; RFENCE's functions. */
enum { HSM_STARTED = 0, HSM_START_PENDING = 2 };
enum { RFENCE_FENCE_I = 0, RFENCE_SFENCE = 1, RFENCE_SFENCE_ASID = 2 };

/* SRST: shut down, with reason none or system failure. */
enum { SRST_SHUTDOWN = 0, SRST_NO_REASON = 0, SRST_FAILURE = 1 };

typedef struct {
    long error;
    word_t value;
} sbi_result_t;

static sbi_result_t sbi_call5(word_t extension, word_t function, word_t x, word_t y, word_t z,
                              word_t v, word_t w)
{
    register word_t a0 __asm__("a0") = x;
    register word_t a1 __asm__("a1") = y;
    register word_t a2 __asm__("a2") = z;
    register word_t a3 __asm__("a3") = v;
    register word_t a4 __asm__("a4") = w;
    register word_t a6 __asm__("a6") = function;
    register word_t a7 __asm__("a7") = extension;
    __asm__ volatile("ecall"
                     : "+r"(a0), "+r"(a1)
                     : "r"(a2), "r"(a3), "r"(a4), "r"(a6), "r"(a7)
                     : "memory");
    return (sbi_result_t){(long)a0, a1};
}

static sbi_result_t sbi_call(word_t extension, word_t function, word_t x, word_t y, word_t z)
{
    return sbi_call5(extension, function, x, y, z, 0, 0);
}

void sbi_putchar(char c)
{
    sbi_call(SBI_LEGACY_PUTCHAR, 0, (unsigned char)c, 0, 0);
}

void sbi_set_timer(word_t deadline)
{
    sbi_call(SBI_TIME, 0, deadline, 0, 0);
}

void sbi_shutdown(bool failure)
{
    sbi_call(SBI_SRST, 0, SRST_SHUTDOWN, failure ? SRST_FAILURE : SRST_NO_REASON, 0);
    /* Firmware without the reset extension, or a board that cannot. */
    sbi_call(SBI_LEGACY_SHUTDOWN, 0, 0, 0, 0);
    for (;;)
        __asm__ volatile("wfi");
}

long sbi_hart_start(word_t hart_id, paddr_t entry, word_t opaque)
{
    return sbi_call(SBI_HSM, 0, hart_id, entry, opaque).error;
}

static sbi_result_t hart_state(word_t hart_id)
{
    return sbi_call(SBI_HSM, 2, hart_id, 0, 0);
}

bool sbi_hart_exists(word_t hart_id)
{
    return hart_state(hart_id).error == 0;
}

bool sbi_hart_started(word_t hart_id)
{
    sbi_result_t state = hart_state(hart_id);
    return state.error == 0 && (state.value == HSM_STARTED || state.value == HSM_START_PENDING);
}

void sbi_send_ipi(word_t hart_id)
{
    sbi_call(SBI_IPI, 0, 1, hart_id, 0);
}

/* Base ~0: all harts. */
void sbi_fence_i(void)
{
    sbi_call(SBI_RFENCE, RFENCE_FENCE_I, 0, ~0ull, 0);
}

void sbi_remote_sfence(word_t hart_mask)
{
    sbi_call5(SBI_RFENCE, RFENCE_SFENCE, hart_mask, 0, 0, ~0ull, 0);
}

void sbi_remote_sfence_asid(word_t hart_mask, vaddr_t va, word_t size, word_t asid)
{
    sbi_call5(SBI_RFENCE, RFENCE_SFENCE_ASID, hart_mask, 0, va, size, asid);
}
