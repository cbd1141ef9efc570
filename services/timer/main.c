/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timer: drives the clock of QEMU's virt machine (a goldfish RTC). A tick follows when the alarm
 * has gone off AND both clients are done with the tick before: the run's work is the same
 * however fast the machine is.
 */
#include <u4/start.h>
#include <u4/u4.h>

#include "services/demo.h"

enum { PERIOD_NS = 2 * 1000 * 1000 };
/* Registers, as indices of 32-bit words. */
enum {
    TIME_LOW,
    TIME_HIGH,
    ALARM_LOW,
    ALARM_HIGH,
    IRQ_ENABLED,
    CLEAR_ALARM,
    ALARM_STATUS,
    CLEAR_INTERRUPT
};

static volatile uint32_t *const rtc = (volatile uint32_t *)0x180000;

static uint64_t now(void)
{
    uint64_t low = rtc[TIME_LOW]; /* reading it latches the high half */

    return (uint64_t)rtc[TIME_HIGH] << 32 | low;
}

static void set_alarm(uint64_t when)
{
    rtc[ALARM_HIGH] = (uint32_t)(when >> 32);
    rtc[ALARM_LOW] = (uint32_t)when; /* writing it starts the alarm */
}

static void signal_to(const char *name)
{
    counts.signal++;
    seL4_Signal(u4_cap(name));
}

static void tick(unsigned number)
{
    counts.mark++;
    u4_trace_mark(1, number);
    signal_to("fs");
    signal_to("shell");
    signal_to("logger");
}

/* Wait until all EVENTS have come. */
static void await(seL4_Word events)
{
    seL4_Word seen = 0, badge;

    while ((seen & events) != events) {
        seL4_Wait(u4_cap("events"), &badge);
        seen |= badge;
        if (!(badge & EVENT_ALARM))
            continue;
        counts.irq++;
        rtc[CLEAR_INTERRUPT] = 1;
        demo_check(seL4_IRQHandler_Ack(u4_cap("irq")), "timer: acknowledging the interrupt");
    }
}

int main(void)
{
    demo_check(seL4_RISCV_Page_Map(u4_cap("rtc"), u4_cap("vspace"), (seL4_Word)rtc, seL4_ReadWrite,
                                   seL4_RISCV_ExecuteNever),
               "timer: mapping the clock");
    demo_check(seL4_IRQHandler_SetNotification(u4_cap("irq"), u4_cap("alarm")),
               "timer: taking the interrupt");
    rtc[IRQ_ENABLED] = 1;
    for (unsigned i = 0; i < DEMO_TICKS; i++) {
        set_alarm(now() + PERIOD_NS);
        await(i == 0 ? EVENT_ALARM : EVENT_ALARM | EVENT_SHELL | EVENT_LOGGER);
        tick(i);
    }
    rtc[IRQ_ENABLED] = 0;
    demo_end(0);
}
