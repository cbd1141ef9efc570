/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User rings of an attached guest: found by the kernel's table while they come and go, and made
 * fit to be merged with the kernel's: records say who they are from, hold ids that user programs
 * may use, in the table's numbering, and times that can be.
 */
#ifndef TRACER_USER_RINGS_H
#define TRACER_USER_RINGS_H

#include "u4trace/attach.h"

/* Opens rings that are new; notices those that have ended. */
void user_rings_poll(attach_t *attach);

/* Makes records that were read from a user ring fit, in place. */
void user_rings_vet(attach_t *attach, size_t index, trace_record_t *records, size_t count);

void user_rings_close(attach_t *attach);

#endif
