/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From records to sinks: merge, model, filter, sinks. A sink is what a tool does with events:
 * statistics, text, an export, a view. All functions but `event` may be NULL.
 */
#ifndef U4TRACE_PIPELINE_H
#define U4TRACE_PIPELINE_H

#include "u4trace/error.h"
#include "u4trace/filter.h"
#include "u4trace/merge.h"
#include "u4trace/model.h"

/* Records that are missing: `count` of `ring`, from `position` on, before time `until`. */
typedef struct {
    uint64_t position, count;
    uint64_t after, until; /* times of the records around the gap; after is 0 at the beginning */
    uint32_t ring, hart;
} loss_t;

typedef struct {
    const char *text;
    size_t length;
    uint64_t host_ns;    /* since the recording began */
    uint64_t guest_time; /* ticks: time of the newest record known then */
} console_t;

/* Facts about a recording, from META and END. Strings are "" if unknown. */
typedef struct {
    uint64_t timebase_hz;
    uint64_t schema_hash;
    uint32_t harts;
    uint32_t abi;       /* TRACE_ABI_* */
    uint32_t flags;     /* TRACE_KERNEL_* */
    int64_t created;    /* Unix time, ns: when the recording began */
    char build_id[129]; /* hex */
    char machine[256];  /* "QEMU 7.2 virt, 1 hart, 128 MiB" */
    char command[1024]; /* how the guest was started */
    char image[256];
    char panic[129];
    bool icount; /* the guest's clock counts instructions */
    bool ended;  /* END is there: the recording was closed in order */
    int status;  /* the guest's exit status, -1 unknown */
} trace_info_t;

typedef struct {
    const char *name;
    bool (*begin)(void *self, const model_t *model, const trace_info_t *info, u4_error_t *err);
    /* The model was filled in from a snapshot, before the first event. */
    void (*loaded)(void *self, const model_t *model);
    /* Called for each event that the filter lets through; false ends the run, with err set or,
     * when nothing is wrong (enough seen), err->text empty. */
    bool (*event)(void *self, const model_t *model, const event_t *event, u4_error_t *err);
    void (*loss)(void *self, const model_t *model, const loss_t *loss);
    void (*console)(void *self, const model_t *model, const console_t *console);
    /* Following a live guest: nothing more is there for now, show what you have. */
    void (*idle)(void *self, const model_t *model);
    /* After the last event; flush and close here. */
    bool (*end)(void *self, const model_t *model, const trace_info_t *info, u4_error_t *err);
} sink_ops_t;

enum { PIPELINE_MAX_SINKS = 8 };

typedef struct pipeline pipeline_t;
struct snapshot;

/* `info` and `schema` are borrowed and may change until the end (a live guest). */
pipeline_t *pipeline_new(const schema_t *schema, const trace_info_t *info);
void pipeline_free(pipeline_t *pipeline);

/* `filter` may be NULL: all events. Both are borrowed. */
void pipeline_add(pipeline_t *pipeline, const sink_ops_t *ops, void *self, const filter_t *filter);

/* Limits what sinks get to what happened from `from_ns` on and before `until_ns` (UINT64_MAX: to the
 * end), counted from the first record. The model still sees what came before. Call it before
 * feeding. */
void pipeline_set_range(pipeline_t *pipeline, uint64_t from_ns, uint64_t until_ns);

const model_t *pipeline_model(const pipeline_t *pipeline);

/* Feeding; see merge.h for rounds. False: a sink failed or has seen enough (err->text empty). */
void pipeline_ring(pipeline_t *pipeline, uint32_t ring, uint32_t hart, uint32_t owner);
bool pipeline_push(pipeline_t *pipeline, uint32_t ring, uint64_t first,
                   const trace_record_t *records, size_t count, u4_error_t *err);
/* The kernel's state before the first record: the model begins with it. */
void pipeline_snapshot(pipeline_t *pipeline, const struct snapshot *snapshot);
bool pipeline_round(pipeline_t *pipeline, u4_error_t *err);
bool pipeline_console(pipeline_t *pipeline, const console_t *console, u4_error_t *err);
bool pipeline_end(pipeline_t *pipeline, u4_error_t *err);

/* Records that came out of order, see merge_late(). */
uint64_t pipeline_late(const pipeline_t *pipeline);
/* Records that are damaged in what they say about their order, see merge_wrong(). */
uint64_t pipeline_wrong(const pipeline_t *pipeline);

/* Runs a whole .u4t file through; adds what the file says about itself to the model. */
struct u4t_reader;
bool pipeline_run_file(pipeline_t *pipeline, struct u4t_reader *reader, u4_error_t *err);

/* For runs of a file: asked before each chunk; false ends the run as if the file ended there. */
void pipeline_set_watch(pipeline_t *pipeline, bool (*goes_on)(void *context), void *context);

typedef enum {
    FOLLOW_AGAIN, /* look again */
    FOLLOW_QUIET, /* look again; and nothing has come for so long that nothing older will come */
    FOLLOW_STOP,  /* enough */
} follow_t;

/* The same for a file that is still being written: at its end for now, asks `wait`, which may
 * sleep; ends when the file has been closed in order. */
bool pipeline_follow_file(pipeline_t *pipeline, struct u4t_reader *reader,
                          follow_t (*wait)(void *context), void *context, u4_error_t *err);

#endif
