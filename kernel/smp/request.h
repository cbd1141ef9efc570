/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the hart that holds the kernel's lock asks of another, and waits for. The other is in user
 * mode, idle, or waits for the lock; an interrupt brings it into lock_wait(), where it answers. So
 * there is one asker at a time, and the asked hart changes nothing that the asker does not expect.
 */
#ifndef KERNEL_SMP_REQUEST_H
#define KERNEL_SMP_REQUEST_H

#include "kernel/hart.h"

enum {
    REQUEST_STALL = 1,    /* give up the current thread; it will execute its instruction again */
    REQUEST_SAVE_FPU = 2, /* bring what is in the FPU to memory */
    REQUEST_LEAVE = 4,    /* leave the address space */
};

/* Answers what this hart is asked, if anything. */
void request_answer(void);
/* Asks, and waits until it is done. */
void request_ask(hart_t *h, word_t request);

#endif
