/* SPDX-License-Identifier: GPL-2.0-only */
/* What a TCB holds of user interrupts: its user CSRs while another thread's are in the hart. */
#ifndef KERNEL_UINTR_STATE_H
#define KERNEL_UINTR_STATE_H

#include "kernel/types.h"

enum {
    UINTR_SOFTWARE = 1, /* uie, uip, sideleg: bit of the user software interrupt */
    USTATUS_UIE = 1,
    USTATUS_UPIE = 16,
};

typedef struct {
    word_t ustatus, uie, uip, utvec, uscratch, uepc, ucause, utval;
    unsigned entry; /* of the UINTC, NO_RECEIVER: this thread receives nothing */
    bool active;    /* what the thread has its entry's Active bit at (uipi activate) */
} uintr_state_t;

#endif
