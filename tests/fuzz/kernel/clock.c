/* SPDX-License-Identifier: BSD-2-Clause */
/* The alarm of the goldfish real-time clock, and its interrupt. */
#include <u4/machine.h>

#include "fuzz.h"

/* Registers. Reading the low half latches the high one; writing the alarm's low half sets it. */
enum {
    TIME_LOW = 0x00,
    TIME_HIGH = 0x04,
    ALARM_LOW = 0x08,
    ALARM_HIGH = 0x0c,
    IRQ_ENABLED = 0x10,
    CLEAR_INTERRUPT = 0x1c,
};

static volatile uint32_t *device;
static seL4_CPtr wakeup, handler;

static uint32_t read(unsigned offset)
{
    return device[offset / 4];
}

static void write(unsigned offset, uint32_t value)
{
    device[offset / 4] = value;
}

void clock_init(u4_alloc_t *boot_alloc, u4_vspace_t *own)
{
    seL4_CPtr frame;
    void *page;

    must(u4_alloc_device(boot_alloc, U4_RTC_PADDR, &frame), "finding the clock");
    must(u4_vspace_map_anywhere(own, frame, &page), "mapping the clock");
    device = page;
    must(u4_alloc_object(boot_alloc, seL4_NotificationObject, 0, &wakeup), "making a notification");
    handler = u4_alloc_slots(boot_alloc, 1);
    must(seL4_IRQControl_Get(seL4_CapIRQControl, FUZZ_PRIVATE_IRQ, seL4_CapInitThreadCNode, handler,
                             seL4_WordBits),
         "getting the clock's interrupt");
    must(seL4_IRQHandler_SetNotification(handler, wakeup), "setting the clock's notification");
    write(CLEAR_INTERRUPT, 1);
    write(IRQ_ENABLED, 1);
}

/* Sets all FPU registers, waits, and compares. */
static void wait_with_fpu(void)
{
    static uint64_t before[32], after[32];

    for (unsigned i = 0; i < 32; i++)
        before[i] = before[i] * 3 + i + 1;
    __asm__ volatile(".irp r, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,"
                     "26,27,28,29,30,31\n"
                     "fld f\\r, 8 * \\r(%0)\n"
                     ".endr\n" ::"r"(before)
                     : "memory");
    seL4_Wait(wakeup, NULL);
    __asm__ volatile(".irp r, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,"
                     "26,27,28,29,30,31\n"
                     "fsd f\\r, 8 * \\r(%0)\n"
                     ".endr\n" ::"r"(after)
                     : "memory");
    for (unsigned i = 0; i < 32; i++)
        must(before[i] == after[i] ? seL4_NoError : seL4_IllegalOperation,
             "finding the FPU's registers unchanged");
}

void clock_sleep(uint64_t nanoseconds)
{
    uint64_t now = read(TIME_LOW), then;

    now |= (uint64_t)read(TIME_HIGH) << 32;
    then = now + nanoseconds;
    write(ALARM_HIGH, (uint32_t)(then >> 32));
    write(ALARM_LOW, (uint32_t)then);
    wait_with_fpu();
    write(CLEAR_INTERRUPT, 1);
    must(seL4_IRQHandler_Ack(handler), "acknowledging the clock's interrupt");
}
