/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Giving a thread its capabilities: CSpace, VSpace, IPC buffer and, with MCS, fault handlers. All
 * of an invocation's are checked before the first is replaced.
 */
#ifndef KERNEL_OBJECT_TCB_SPACES_H
#define KERNEL_OBJECT_TCB_SPACES_H

#include "kernel/hart.h"

/* A capability that a thread is to get: a copy of the one in `from`, checked. NULL: none. */
typedef struct {
    slot_t *from;
    cap_t cap;
} space_t;

/* An IPC buffer at user address `address` in the frame in `from`; 0: no buffer. OK or ERROR. */
status_t tcb_check_buffer(word_t address, slot_t *from, space_t *buffer);
/* CSpace and VSpace, with new guards unless 0. OK or ERROR. */
status_t tcb_check_spaces(tcb_t *t, word_t cdata, slot_t *cfrom, space_t *cspace, word_t vdata,
                          slot_t *vfrom, space_t *vspace);
/* May the authority in hart->extra[0] give this priority? OK or ERROR. */
status_t tcb_check_priority(word_t wanted);

/* Replaces one of the thread's slots. The new one goes in only if `from` still holds what it was
 * derived from: deleting the old may have deleted that too. These may be PREEMPTED. */
status_t tcb_replace(tcb_t *t, word_t index, const space_t *space);
status_t tcb_set_spaces(tcb_t *t, const space_t *cspace, const space_t *vspace);
status_t tcb_set_buffer(tcb_t *t, word_t address, const space_t *buffer);
/* Registers or spaces of the thread were changed: if it is the current one, it leaves by way of
 * the scheduler. */
void tcb_touched(tcb_t *t);

#endif
