/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A recording from its beginning, when the guest may not have booted yet, to the closed file;
 * what u4 run --record and u4 record have in common.
 */
#ifndef TRACER_RECORDING_H
#define TRACER_RECORDING_H

#include "choice.h"
#include "u4trace/attach.h"
#include "u4trace/recorder.h"
#include "u4trace/u4t.h"

typedef enum {
    RECORD_STREAM,  /* as it happens */
    RECORD_FLIGHT,  /* what the rings hold at the end */
    RECORD_ONESHOT, /* until a ring has been filled once */
} record_mode_t;

typedef struct {
    const char *output; /* NULL: only watch the guest's state */
    const char *image;  /* what was booted, for the names of its programs; NULL: unknown */
    record_mode_t mode;
    bool from_boot;
    bool snapshot;   /* begin with the kernel's state; what the rings hold already is skipped */
    const char *qmp; /* QEMU's control socket, to pause the guest for it; NULL: none */
    bool alive;      /* the guest runs: it can be paused */
    uint64_t paused_ns;
    int level; /* compression */
    source_t *source;
    kernel_t *kernel;
    trace_info_t info;
    attach_t attach;
    bool attached;
    choice_t choice;
    uint64_t mask[TRACE_MASK_WORDS]; /* what the guest traced before we came */
    uint32_t thread, object;         /* and its filters */
    uint32_t fired_before;           /* header.fired then */
    bool armed, fired;               /* triggers of ours are; one has acted */
    bool masked;                     /* the guest's masks are ours */
    triggers_t triggers;             /* to be armed */
    trace_trigger_t culprit;         /* that one, at the end; `fired` 0: none */
    u4t_writer_t *writer;
    recorder_t *recorder;
    recorder_totals_t totals;
    uint64_t shown_events, shown[SCHEMA_MAX_CLASSES]; /* as of the last line of progress */
    char *early;                                      /* console text before the recorder ran */
    size_t early_length;
} recording_t;

/* Is the output writable? Asked before a guest is started for it. */
bool recording_probe(const char *output, u4_error_t *err);

/* Attaches if the guest has come so far, and starts to record. Call again while it is not
 * `attached`. False: it never will. */
bool recording_try(recording_t *recording, u4_error_t *err);

/* Changes what is traced, see attach_set_mask(). */
bool recording_set_mask(recording_t *recording, const uint64_t mask[TRACE_MASK_WORDS],
                        u4_error_t *err);

/* Has one ring been filled since the recording began? */
bool recording_filled(const recording_t *recording);

void recording_console(recording_t *recording, const char *text, size_t length);

/* Figures and the guest's state (enum trace_state). False: recording has failed. */
bool recording_watch(recording_t *recording, uint64_t *state, u4_error_t *err);

/* The last drain; closes the file. `status`: the guest's exit status, -1 unknown. */
bool recording_finish(recording_t *recording, int status, u4_error_t *err);

/* Frees everything, also after failures. */
void recording_free(recording_t *recording);

/* "demo.u4t: 1,234 events, none lost, 40 KiB" on stderr. */
void recording_summary(const recording_t *recording);

/* The line that shows progress on a terminal: events, rates (of all, and per class as far as they
 * fit), bytes, what is lost. `seconds` since the beginning, `interval` since the last call. */
void recording_progress(recording_t *recording, double seconds, double interval);

#endif
