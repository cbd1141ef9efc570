/* SPDX-License-Identifier: BSD-2-Clause */
/* The two halves of u4 caps' output. */
#ifndef TRACER_CAPS_H
#define TRACER_CAPS_H

#include "u4trace/snapshot.h"

typedef enum {
    CAPS_SUMMARY,    /* threads, and how many capabilities of each type */
    CAPS_SPACE,      /* a thread's CSpace as a tree */
    CAPS_OBJECT,     /* who holds an object */
    CAPS_DERIVATION, /* the derivation tree, all of it or below what stands for an object */
    CAPS_MAPPINGS,   /* a thread's address space */
} caps_what_t;

typedef struct {
    caps_what_t what;
    const char *name; /* of the source */
    const state_thread_t *thread;
    uint64_t object; /* 0: none */
} caps_request_t;

void caps_print_text(const snapshot_t *snapshot, const caps_request_t *request);
bool caps_print_json(const snapshot_t *snapshot, const caps_request_t *request, u4_error_t *err);

/* The root of a thread's CSpace; NULL if it has none. */
const state_cap_t *caps_root(const state_t *state, const state_thread_t *thread);

/* Calls `found` for each way to name a slot: threads whose CSpace reaches it, by which pointer.
 * Threads that share a root CNode capability come one by one. */
typedef void caps_way_fn(void *context, const state_thread_t *thread, const state_place_t *place);
void caps_ways(const state_t *state, uint32_t slot, caps_way_fn *found, void *context);

#endif
