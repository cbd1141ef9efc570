/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the invariant checker share. */
#ifndef KERNEL_CHECK_INTERNAL_H
#define KERNEL_CHECK_INTERNAL_H

#include "kernel/check/check.h"
#include "kernel/hart.h"

#define INVARIANT(condition, ...) \
    do { \
        if (UNLIKELY(!(condition))) \
            panic("invariant: " __VA_ARGS__); \
    } while (0)

#define SLOT_ALIGN_BITS 3 /* those of interrupts are not aligned to their size */

/* Every TCB (object/tcb.c). */
extern tcb_t *tcb_all_head;

/* uintr.c: registrations as slots are gone through, then what is left over. */
void check_uintr_begin(void);
void check_registration(const slot_t *s);
void check_uintr_end(void);

/* check.c */
const char *check_type_name(cap_type_t type);
/* Is [p, p + 2^bits) aligned memory of the machine or the kernel, that may be looked at? */
bool check_pointer(const void *p, unsigned align_bits, word_t size);
bool check_is_ram(paddr_t start, word_t size);
/* Does the range touch what the kernel's image occupies for good? */
bool check_in_image(paddr_t start, word_t size);

/*
 * index.c: all memory that is known to be something: objects, and what is free in Untypeds. In
 * the end no two entries may overlap. Where capabilities cannot be found, as in a CNode that only
 * itself has a capability to, objects are missing.
 */
typedef struct {
    word_t start : 40; /* physical */
    word_t type : 8;   /* cap_type_t; CAP_UNTYPED: free memory */
    word_t seen : 1;   /* page tables: something refers to it */
    word_t end : 40;   /* exclusive */
} extent_t;

void index_reset(void);
void index_add(cap_type_t type, paddr_t start, paddr_t end);
/* Sorts, and looks for overlaps. */
void index_finish(void);
/* All capabilities to what is in [start, end) were found: what is no object there is free. */
void index_add_known(paddr_t start, paddr_t end);
bool index_is_known(paddr_t address);
/* The first entry that overlaps [start, end), or NULL. */
extent_t *index_find(paddr_t start, paddr_t end);
/* `p` is used as an object of this type; fails unless it is one, or nothing is known of it. */
extent_t *index_expect(cap_type_t type, const void *p, word_t size, const char *user);

/* slots.c: goes through all slots that can be found; adds to the index. */
void check_slots(void);
/* tree.c: goes through the derivation list that starts with `head`; returns its length. */
word_t check_tree(const slot_t *head);
/* cap.c: how many slots what became a zombie had. */
word_t check_zombie_slots(cap_t zombie);
/* slots.c: a capability was found; if it is one to slots, they will be looked at. */
void slots_add_of(cap_t cap);
/* cap.c: what holds for one capability. */
void check_cap(const slot_t *s);

/* threads.c */
void check_threads(void);
/* Is `t`, which need not even be a pointer, in the list of all threads? */
bool check_is_thread(const tcb_t *t);
/* check.c of the classic, of the MCS kernel: capabilities and threads as only it has them. */
void check_own_cap(const slot_t *s);
void check_own_thread(const tcb_t *t);
void check_own_hart(const hart_t *h);
/* After all of them: what they have counted. */
void check_own_counts(void);
/* queues.c: one endpoint, one notification, the ready queues. */
void check_endpoint(const void *endpoint);
void check_notification(const void *notification);
/* Threads in `t`'s queue if it is the first of it, else 0; `limit`: there cannot be more. */
word_t check_wait_queue(const tcb_t *t, word_t limit);
/* Threads in all ready queues of a hart. */
word_t check_ready_queues(const hart_t *h, word_t limit);
/* async.c: rings, those who serve them, deadlines. */
void check_async(void);
/* spaces.c: after the index is finished. */
void check_spaces(void);
void check_hart_space(const hart_t *h);

#endif
