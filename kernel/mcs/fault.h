/* SPDX-License-Identifier: GPL-2.0-only */
/* Timeout faults: a thread's budget is used up, and it has somebody to be told. */
#ifndef KERNEL_MCS_FAULT_H
#define KERNEL_MCS_FAULT_H

#include "kernel/object/tcb.h"

/* Tells `t`'s timeout handler, which it has, of hart->fault. Nothing is lent along. */
void fault_timeout(tcb_t *t);

#endif
