/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exporters: sinks that turn a trace into another program's file. Each is one file under
 * tracer/export/ with an exporter_t, and one line in exporters.c.
 */
#ifndef U4TRACE_EXPORT_H
#define U4TRACE_EXPORT_H

#include "u4trace/pipeline.h"

typedef struct {
    const char *name;      /* "perfetto" */
    const char *summary;   /* one line for --help */
    const char *extension; /* ".perfetto-trace": a file name's end that chooses it */
    bool binary;           /* not for a terminal */
    bool directory;        /* writes several files: not to standard output */
    /* Opens the output. `path` "-" is standard output. `options` is what follows --option,
     * comma-separated, or NULL. The result is `self` of the sink's functions. */
    void *(*open)(const char *path, const char *options, u4_error_t *err);
    sink_ops_t sink;
    /* Frees; the file was closed by sink.end. Without it, what was written is not whole. */
    void (*close)(void *self);
} exporter_t;

/* All of them, NULL at the end. */
extern const exporter_t *const exporters[];

/* The one whose extension the file name ends in; NULL if none. */
const exporter_t *exporter_by_output(const char *path);

#endif
