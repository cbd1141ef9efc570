/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Objects that only one of the two kernels has (MCS: scheduling contexts, scheduling controls,
 * reply objects): what object.c, untyped.c and the dispatch of invocations have to know of them,
 * asked when a capability or type is none that both have. Declared here once; kernel/classic/ and
 * kernel/mcs/ each define all of it in their variant/own.h.
 */
#ifndef KERNEL_OBJECT_OWN_H
#define KERNEL_OBJECT_OWN_H

#include "kernel/object/object.h"
#include "kernel/syscall/error.h"

/* May a reply capability be copied? */
ALWAYS_INLINE bool own_copies_replies(void);
ALWAYS_INLINE bool own_is_physical(cap_t cap);
ALWAYS_INLINE word_t own_size_bits(cap_t cap);
ALWAYS_INLINE bool own_same_region(cap_t a, cap_t b);
ALWAYS_INLINE void own_finalise(cap_t cap, bool final);

/* Retyping: log2 of the size of an object of `type`, what else is wrong with the size, and the
 * first capability to it. */
ALWAYS_INLINE word_t own_object_bits(word_t type, word_t user_size);
ALWAYS_INLINE status_t own_check_size(word_t type, word_t user_size);
ALWAYS_INLINE cap_t own_create(word_t type, void *object, word_t user_size);

/* May an object of this type be invoked in the system call at hand? OK or ERROR. */
ALWAYS_INLINE status_t own_may_invoke(cap_t cap);
/* Invokes a reply capability, and one that only this kernel has. */
ALWAYS_INLINE status_t own_invoke_reply(slot_t *slot, cap_t cap);
ALWAYS_INLINE status_t own_invoke(cap_t cap, word_t label, word_t length);
/* OWN_CNODE_LABEL, the one label of CNodes that not both have. */
status_t own_cnode_invoke(slot_t *dest);
/* tcb_invoke.c, of the classic and of the MCS kernel: what is not common to threads. */
status_t own_tcb_invoke(tcb_t *t, word_t label, word_t length);

#include "variant/own.h"

#endif
