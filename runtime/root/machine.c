/* SPDX-License-Identifier: BSD-2-Clause */
#include <u4/machine.h>
#include <u4/u4.h>

/* Commands of the test device, in the low half; the exit status is in the high half. */
enum { TEST_PASS = 0x5555, TEST_FAIL = 0x3333 };
/* Registers of the 16550: transmit holding, line status with "transmitter empty" in bit 5. */
enum { UART_THR = 0, UART_LSR = 5, UART_LSR_EMPTY = 0x20 };

static volatile uint32_t *test_device;
static volatile uint8_t *uart;

void u4_exit(int status)
{
    *test_device = status ? (uint32_t)(status & 0xff) << 16 | TEST_FAIL : TEST_PASS;
}

seL4_Error u4_machine_map(u4_vspace_t *vspace, seL4_Word paddr, void **out)
{
    seL4_CPtr frame;
    seL4_Error error = u4_alloc_device(vspace->alloc, paddr, &frame);

    return error ? error : u4_vspace_map_anywhere(vspace, frame, out);
}

seL4_Error u4_machine_init(u4_vspace_t *vspace)
{
    void *page;
    seL4_Error error = u4_machine_map(vspace, U4_TEST_PADDR, &page);

    if (error)
        return error;
    test_device = page;
    u4_exit_set(u4_exit);
    return seL4_NoError;
}

static void uart_put(char c)
{
    while (!(uart[UART_LSR] & UART_LSR_EMPTY))
        ;
    uart[UART_THR] = (uint8_t)c;
}

seL4_Error u4_machine_uart_console(u4_vspace_t *vspace)
{
    void *page;
    seL4_Error error = u4_machine_map(vspace, U4_UART_PADDR, &page);

    if (error)
        return error;
    uart = page;
    u4_console_set(uart_put);
    return seL4_NoError;
}
