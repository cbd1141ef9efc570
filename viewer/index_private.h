/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the index share. */
#ifndef VIEWER_INDEX_PRIVATE_H
#define VIEWER_INDEX_PRIVATE_H

#include "index.h"

/* Room for one element more. Large arrays lie in unlinked files like the spool, so that the
 * operating system can take their memory back. */
void *index_grow(void *array, size_t count, size_t *room, size_t size);
void index_drop(void *array, size_t room, size_t size);

/* An unlinked file in the directory for temporary ones; -1 with an error. */
int index_file(u4_error_t *err);
/* Memory of such a file, a megabyte or more: index_drop() gives it back. */
void *index_map(size_t bytes);

/* index_things.c: objects. */
void index_thing_event(index_t *index, const event_t *event);
void index_things_loaded(index_t *index, const model_t *model);
/* The one of a reference, made if it is new; 0: one more that nobody finds again. */
thing_t *index_thing(index_t *index, uint32_t ref, uint8_t type, uint64_t time);
/* Between two times in ticks; 0 if the first did not happen. */
uint64_t index_ns_between(const model_t *model, uint64_t from, uint64_t to);

/* index_uintr.c */
void index_uintr_event(index_t *index, const event_t *event);

/* index_async.c */
void index_async_event(index_t *index, const event_t *event, uint64_t row);

/* index_coro.c */
executor_t *index_executor(index_t *index, const event_t *event); /* of the current thread */
void index_coro_event(index_t *index, unsigned id, const event_t *event);

/* index_ipc.c: pairs of threads. */
void index_message_over(index_t *index, const event_t *event, uint64_t row);

#endif
