/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libu4trace, all of it. The way of an event: source (guest memory) -> attach, ring (records)
 * -> u4t (file) -> merge (one order) -> model (what the system is now) -> sinks (stat, report,
 * exporters, viewer). pipeline.h ties the second half together; most tools need only that,
 * model.h and schema.h.
 */
#ifndef U4TRACE_H
#define U4TRACE_H

#include "u4trace/attach.h"
#include "u4trace/error.h"
#include "u4trace/export.h"
#include "u4trace/filter.h"
#include "u4trace/format.h"
#include "u4trace/images.h"
#include "u4trace/kernel.h"
#include "u4trace/labels.h"
#include "u4trace/merge.h"
#include "u4trace/model.h"
#include "u4trace/pipeline.h"
#include "u4trace/recorder.h"
#include "u4trace/ring.h"
#include "u4trace/schema.h"
#include "u4trace/snapshot.h"
#include "u4trace/source.h"
#include "u4trace/state.h"
#include "u4trace/u4t.h"

#endif
