/* SPDX-License-Identifier: BSD-2-Clause */
/* What an attached guest says about itself, as a trace's description. */
#ifndef TRACER_TRACE_INFO_H
#define TRACER_TRACE_INFO_H

#include "u4trace/attach.h"
#include "u4trace/pipeline.h"

/* Fills in what header and ELF tell; leaves the rest of *info alone. */
void trace_info_from(trace_info_t *info, const attach_t *attach);

#endif
