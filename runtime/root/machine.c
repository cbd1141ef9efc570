/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include <sel4/bootinfo.h>
#include <u4/machine.h>
#include <u4/u4.h>

/* Commands of the test device, in the low half; the exit status is in the high half. */
enum { TEST_PASS = 0x5555, TEST_FAIL = 0x3333 };
/* Registers of the 16550: transmit holding, line status with "transmitter empty" in bit 5. */
enum { UART_THR = 0, UART_LSR = 5, UART_LSR_EMPTY = 0x20 };

static volatile uint32_t *test_device;
static volatile uint8_t *uart;
static seL4_CPtr uart_frame;

bool u4_machine_has(const char *name)
{
    const seL4_BootInfoHeader *tree =
        u4_bootinfo_chunk(seL4_GetBootInfo(), SEL4_BOOTINFO_HEADER_FDT);

    return tree && memmem(tree, tree->len, name, strlen(name));
}

void u4_exit(int status)
{
    if (!test_device) {
        /* Nothing passes a status on here: say it, and stop. */
        printf("exit status %d\n", status);
        if (u4_debug_calls())
            seL4_DebugHalt();
        return;
    }
    *test_device = status ? (uint32_t)(status & 0xff) << 16 | TEST_FAIL : TEST_PASS;
}

static void uart_put(char c)
{
    while (!(uart[UART_LSR] & UART_LSR_EMPTY))
        ;
    uart[UART_THR] = (uint8_t)c;
}

seL4_CPtr u4_machine_uart_frame(void)
{
    return uart_frame;
}

/* Map the device page at PADDR; *FRAME and *OUT say where it is. */
static seL4_Error map_device(u4_vspace_t *vspace, seL4_Word paddr, seL4_CPtr *frame, void **out)
{
    seL4_Error error = u4_alloc_device(vspace->alloc, paddr, frame);

    return error ? error : u4_vspace_map_anywhere(vspace, *frame, out);
}

seL4_Error u4_machine_init(u4_vspace_t *vspace)
{
    seL4_Error error = u4_machine_probe_debug(vspace);
    seL4_CPtr frame;
    void *page;

    u4_exit_set(u4_exit);
    if (error || !u4_machine_has("sifive,test0"))
        return error; /* not virt: neither its UART nor its test device */
    error = map_device(vspace, U4_UART_PADDR, &uart_frame, &page);
    if (error)
        return error;
    uart = page;
    if (!u4_debug_calls())
        u4_console_set(uart_put);
    error = map_device(vspace, U4_TEST_PADDR, &frame, &page);
    if (error)
        return error;
    test_device = page;
    return seL4_NoError;
}
