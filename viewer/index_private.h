/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the index share. */
#ifndef VIEWER_INDEX_PRIVATE_H
#define VIEWER_INDEX_PRIVATE_H

#include "index.h"

/* Room for one element more. Large arrays lie in unlinked files like the spool, so that the
 * operating system can take their memory back. */
void *index_grow(void *array, size_t count, size_t *room, size_t size);
void index_drop(void *array, size_t room, size_t size);

/* index_ipc.c: objects and pairs of threads. */
void index_thing_event(index_t *index, const event_t *event);
void index_things_loaded(index_t *index, const model_t *model);
void index_message_over(index_t *index, const event_t *event, uint64_t row);

#endif
