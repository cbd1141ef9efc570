/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of invocation labels, in the configuration that a kernel says it speaks, and of seL4's
 * object types.
 */
#ifndef U4TRACE_LABELS_H
#define U4TRACE_LABELS_H

#include <stdint.h>

/* `abi` is TRACE_ABI_* of the trace header. NULL if the label is not one of seL4's or u4's. */
const char *label_name(uint32_t abi, uint64_t label);

#endif
