/* SPDX-License-Identifier: BSD-2-Clause */
/* What of a running guest is to be traced: as users say it, and as its kernel takes it. */
#ifndef TRACER_CHOICE_H
#define TRACER_CHOICE_H

#include "u4trace/attach.h"
#include "u4trace/snapshot.h"
#include "u4trace/trigger.h"

/* Where a guest's names are looked up: its state is read once, when the first is asked for. */
typedef struct {
    source_t *source;
    const kernel_t *kernel;
    const char *qmp; /* to pause it meanwhile; NULL or "": none */
    snapshot_t *snapshot;
} names_t;

/* A thread's reference by its name or by a number. False with a message. */
bool names_thread(names_t *names, const char *text, uint32_t *ref, u4_error_t *err);
void names_free(names_t *names);

enum { CHOICE_TRIGGERS = 4 };

typedef struct {
    const char *thread, *object; /* filters; NULL: as it is; "any": none */
    const char *mask;            /* classes and events; NULL: as it is, or the default */
    const char *trigger[CHOICE_TRIGGERS];
    unsigned triggers;
    uint64_t after; /* records from the match until the trigger acts */
    bool stop;      /* the guest is to stand still then */
} choice_t;

/* What triggers are to do. */
typedef struct {
    unsigned actions; /* TRACE_TRIGGER_* */
    uint64_t clear[TRACE_MASK_WORDS], set[TRACE_MASK_WORDS];
} trigger_action_t;

/* Lets the kernel trace only what the choice says. */
bool choice_apply(const choice_t *choice, attach_t *attach, names_t *names, u4_error_t *err);

/* The choice's triggers, as the kernel takes them. */
typedef struct {
    trace_trigger_t trigger[2 * CHOICE_TRIGGERS];
    uint32_t count;
} triggers_t;

/* Changes nothing yet. `names` NULL: threads by reference only. */
bool choice_triggers(const choice_t *choice, const schema_t *schema, uint64_t timebase_hz,
                     names_t *names, const trigger_action_t *action, triggers_t *triggers,
                     u4_error_t *err);

/* Adds the events that triggers look for: only what is traced is seen. */
void choice_events(const triggers_t *triggers, const schema_t *schema,
                   uint64_t mask[TRACE_MASK_WORDS]);

/* Takes --trigger; false if there are too many. */
bool choice_add_trigger(choice_t *choice, const char *text);

#endif
