/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/arch/riscv/csr.h"
#include "kernel/lib/print.h"
#include "kernel/trace/trace.h"

void panic(const char *format, ...)
{
    static bool panicking;
    static char text[128];

    csr_clear(sstatus, SSTATUS_SIE);
    /* A panic on the way out of a panic has nothing to add. */
    if (!panicking) {
        panicking = true;
        va_list args;
        va_start(args, format);
        kvsnprintf(text, sizeof text, format, args);
        va_end(args);
        kprintf("\nu4: panic: %s\n", text);
        trace_note_state(TRACE_STATE_PANIC, text);
    }
    sbi_shutdown(true);
}
