/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the test systems stay once all is as their tests expect it. */
#ifndef TESTS_GDB_SYSTEM_READY_H
#define TESTS_GDB_SYSTEM_READY_H

__attribute__((noinline)) static void gdb_test_ready(void)
{
    for (;;)
        __asm__ volatile("" ::: "memory");
}

#endif
