/* SPDX-License-Identifier: GPL-2.0-only */
/* The classic kernel's tick, by the SBI timer of each hart. */
#include "kernel/arch/riscv/csr.h"

#define TICKS_PER_SECOND 500 /* one every 2 ms, as in seL4 */

word_t timebase_hz;

static void set_next_tick(void)
{
    sbi_set_timer(csr_read(time) + timebase_hz / TICKS_PER_SECOND);
}

void timer_init(void)
{
    set_next_tick();
}

void timer_ack(void)
{
    set_next_tick();
}
