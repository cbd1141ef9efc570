/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Drains an attached guest's rings into a .u4t while it runs. One thread copies rings to memory
 * and never waits for the disk; a second one writes. The poll interval follows the fill of the
 * fullest ring.
 */
#ifndef U4TRACE_RECORDER_H
#define U4TRACE_RECORDER_H

#include "u4trace/attach.h"
#include "u4trace/u4t.h"

typedef struct recorder recorder_t;

typedef struct {
    uint64_t events, lost, skipped, bytes;
    uint64_t polls;
    uint32_t rings;
    uint64_t per_event[SCHEMA_MAX_EVENTS];
} recorder_totals_t;

/* Starts the threads. Both arguments are borrowed until recorder_stop(), and the attach must not
 * be touched by others meanwhile. `from_boot`: what the rings have already overwritten counts as
 * lost; otherwise the recording begins with the oldest records that are there. */
recorder_t *recorder_start(attach_t *attach, u4t_writer_t *writer, bool from_boot, u4_error_t *err);

/* Changes what is traced, see attach_set_mask(). Rings that come up later are set too. */
void recorder_set_mask(recorder_t *recorder, const uint64_t mask[TRACE_MASK_WORDS]);

/* The header's state (enum trace_state) as of the last look, and how often triggers had acted. */
uint64_t recorder_guest_state(recorder_t *recorder, uint32_t *fired);

/* Console text of the guest, stamped with the time now. Any thread. */
void recorder_console(recorder_t *recorder, const char *text, size_t length);

/* Figures so far. Any thread. False if recording has failed: the error says why. */
bool recorder_totals(recorder_t *recorder, recorder_totals_t *totals, u4_error_t *err);

/* A last drain (the guest has stopped, or nobody cares for what comes), then joins the threads.
 * emitted[ring] becomes each ring's final position. Frees the recorder. */
bool recorder_stop(recorder_t *recorder, recorder_totals_t *totals,
                   uint64_t emitted[ATTACH_MAX_RINGS], u4_error_t *err);

#endif
