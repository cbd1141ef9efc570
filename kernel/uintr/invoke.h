/* SPDX-License-Identifier: GPL-2.0-only */
/* User interrupts as invocations of TCBs; those of sender tables are in table.h. */
#ifndef KERNEL_UINTR_INVOKE_H
#define KERNEL_UINTR_INVOKE_H

#include "kernel/object/tcb.h"

/* Labels of u4_TCB*; anything else is an unknown label. */
status_t uintr_tcb_invoke(tcb_t *t, word_t label);

#endif
