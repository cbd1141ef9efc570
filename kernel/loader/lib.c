/* SPDX-License-Identifier: GPL-2.0-only */
/* What the loader shares with the kernel, compiled again for it; and its own way to stop. */
#include "kernel/arch/riscv/sbi.c"
#include "kernel/lib/mem.c"
#include "kernel/lib/print.c"

#include "kernel/loader/loader.h"

void panic(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    kprintf("\nu4 loader: panic: ");
    kvprintf(format, args);
    kprintf("\n");
    va_end(args);
    sbi_shutdown(true);
}

void loader_trap(word_t cause, word_t pc, word_t value)
{
    panic("trap in the loader: scause 0x%lx, sepc 0x%lx, stval 0x%lx", cause, pc, value);
}
