/* SPDX-License-Identifier: BSD-2-Clause */
/* The exporters that exporters.c lists. */
#ifndef TRACER_EXPORTERS_H
#define TRACER_EXPORTERS_H

#include "u4trace/export.h"

extern const exporter_t exporter_perfetto;
extern const exporter_t exporter_ctf;
extern const exporter_t exporter_csv;
extern const exporter_t exporter_json;

#endif
