/* SPDX-License-Identifier: GPL-2.0-only */
/* Finding slots by capability pointers. On failure hart->lookup says why. */
#ifndef KERNEL_OBJECT_LOOKUP_H
#define KERNEL_OBJECT_LOOKUP_H

#include "kernel/hart.h"

typedef struct {
    slot_t *slot; /* NULL: not found, hart->lookup */
    word_t bits_left;
} resolved_t;

/* Walks from `root`, resolving the low `bits` bits of `cptr`. */
resolved_t cspace_resolve(cap_t root, cptr_t cptr, word_t bits);
/* The slot of `cptr` in the thread's CSpace, or NULL. */
slot_t *cspace_lookup(const tcb_t *t, cptr_t cptr);
/* The slot named by index and depth in `root`, for CNode operations. OK or ERROR. */
status_t cspace_lookup_op(bool is_source, cap_t root, cptr_t index, word_t depth, slot_t **slot);

#endif
