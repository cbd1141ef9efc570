/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's state for the capabilities view: read out of the guest, or out of the trace's
 * snapshot, when first asked for and again on demand; and which thread reaches which slot.
 */
#ifndef VIEWER_CAPS_H
#define VIEWER_CAPS_H

#include "app.h"
#include "u4trace/snapshot.h"

/* How a slot is reached: the first thread whose CSpace leads there. */
typedef struct {
    uint32_t thread; /* index in state->threads; STATE_NONE: no CSpace leads there */
    uint32_t more;   /* other threads */
    uint64_t cptr;
} cap_reach_t;

typedef enum {
    CAP_LINE_TEXT,   /* a heading */
    CAP_LINE_THREAD, /* and its CSpace, below it if open */
    CAP_LINE_SLOT,   /* in a CSpace, by cptr */
    CAP_LINE_TREE,   /* in the derivation tree */
    CAP_LINE_HOLDER, /* a capability to the same object */
    CAP_LINE_WAITER, /* a thread that waits on the object */
} cap_line_kind_t;

typedef struct {
    cap_line_kind_t kind;
    uint32_t index; /* thread or slot */
    uint32_t depth;
    uint32_t bits_left; /* SLOT: in a CNode on the way */
    uint64_t cptr;
    char *text; /* TEXT */
} cap_line_t;

enum { CAP_HISTORY = 16 };

struct caps {
    snapshot_t *snapshot;
    const state_t *state; /* in the snapshot */
    cap_reach_t *reach;   /* by slot */
    bool tried;
    char why_not[256]; /* no state: the reason */
    uint64_t time;     /* that it is as of, ticks */
    bool *open;        /* by thread: its CSpace is shown */
    cap_line_t *lines;
    size_t count, room;
    /* Slots whose objects are shown, the last one now; none: the threads. */
    uint32_t shown[CAP_HISTORY];
    uint64_t selected[CAP_HISTORY + 1]; /* row in each */
    unsigned depth;
};

/* Never NULL; `state` is NULL if there is none to be had. */
caps_t *caps_of(app_t *app);
void caps_read(app_t *app);
void caps_free(caps_t *caps);

/* What is to be shown, line by line; again after `open` or `shown` have changed. */
void caps_list(app_t *app);

/* Shows an object's capabilities by one of its slots; false: too deep. */
bool caps_push(app_t *app, uint32_t slot);

#endif
