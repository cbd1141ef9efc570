/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest whose trace is being read: its source, the header found in it, the rings as they come
 * up. Polls, and changes what is traced.
 */
#ifndef U4TRACE_ATTACH_H
#define U4TRACE_ATTACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/trace/trigger.h"
#include "u4trace/error.h"
#include "u4trace/kernel.h"
#include "u4trace/ring.h"
#include "u4trace/schema.h"
#include "u4trace/source.h"

enum { ATTACH_MAX_RINGS = RING_MAX };

typedef struct {
    source_t *source;       /* borrowed */
    const kernel_t *kernel; /* borrowed; NULL: unknown */
    const schema_t *schema; /* grows by the events that programs define */
    schema_t *own_schema;   /* the same, ours */
    uint64_t header_paddr;
    trace_header_t header; /* copy, as of the last attach_poll() */
    ring_reader_t rings[ATTACH_MAX_RINGS];
    size_t ring_count;
    uint32_t rings_open;                            /* bit per hart whose ring is in `rings` */
    struct user_ring *user[ATTACH_MAX_RINGS];       /* NULL: a hart's ring */
    uint64_t user_generation[TRACE_MAX_USER_RINGS]; /* of the ring last opened in each place */
    uint64_t user_changes;                          /* header.user_ring_changes then */
    bool user_polled;
    u4_error_t problem; /* the last reason why a ring could not be read; "" if none */
} attach_t;

typedef enum {
    ATTACH_READY, /* header found */
    ATTACH_EARLY, /* nothing there yet: the guest has not come so far */
    ATTACH_WRONG, /* something is there, but not what the kernel's ELF says: see the error */
} attach_state_t;

/* Looks for the header once: at the kernel's symbol or, without a kernel, by attach_search().
 * Compares version, sizes and build-id. `schema`, if not NULL, is the event table to use;
 * otherwise the one compiled in or, if the hash differs, the one in the kernel's ELF. */
attach_state_t attach_open(attach_t *attach, source_t *source, const kernel_t *kernel,
                           const schema_t *schema, u4_error_t *err);
void attach_close(attach_t *attach);

/* Searches all of RAM for a header whose rings are up: for a guest without its ELF, and to say
 * more when nothing is where the ELF says. */
bool attach_search(source_t *source, uint64_t *paddr);

/* Reads the header again, opens rings that have come up, notices user rings that have ended. */
void attach_poll(attach_t *attach);

/* ring_read_until() of rings[index]; what user programs wrote comes vetted and in the numbering of
 * `schema`, which may grow by it. */
size_t attach_read(attach_t *attach, size_t index, uint64_t head, trace_record_t *to, size_t max,
                   uint64_t *first);

/* Moves every ring's reader to the ring's end: what is there already is skipped. Returns the
 * newest record's time, 0 if there is none. */
uint64_t attach_skip(attach_t *attach);

/* Sets the masks of every ring in the running guest. */
bool attach_set_mask(attach_t *attach, const uint64_t mask[TRACE_MASK_WORDS], u4_error_t *err);

/* The mask of the first hart's ring; false if there is none yet. */
bool attach_mask(const attach_t *attach, uint64_t mask[TRACE_MASK_WORDS]);

/* Lets the kernel trace only what is of a thread, about an object, or both (layout.h); references,
 * 0: any. */
bool attach_set_filter(attach_t *attach, uint32_t thread, uint32_t object, u4_error_t *err);

/* Arms triggers from the place `first` on (abi/trace/trigger.h); what is there is replaced. */
bool attach_arm(attach_t *attach, uint32_t first, const trace_trigger_t *triggers, uint32_t count,
                u4_error_t *err);

/* Takes all triggers away, and lets the kernel go on if it is held by one. */
bool attach_disarm(attach_t *attach, u4_error_t *err);

/* A trigger as it is now; false: there is no such place. */
bool attach_trigger(const attach_t *attach, uint32_t place, trace_trigger_t *trigger);

/* Lets a kernel go on that a trigger holds (TRACE_TRIGGER_HOLD). */
bool attach_release(attach_t *attach);

/* The header's panic text, printable; "" unless the state is TRACE_STATE_PANIC. */
void attach_panic_text(const attach_t *attach, char text[129]);

#endif
