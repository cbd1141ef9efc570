/* SPDX-License-Identifier: BSD-2-Clause */
/* A part of a trace as a trace of its own. */
#ifndef VIEWER_CUT_H
#define VIEWER_CUT_H

#include "writing.h"

/* Writes the selection into a new .u4t. False with writing->err. What says who the threads are goes
 * along from before it; records are counted anew, and what was lost between them stays lost. */
bool cut_write(writing_t *writing);

#endif
