/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files that make event tables share. */
#ifndef TRACER_SCHEMA_PRIVATE_H
#define TRACER_SCHEMA_PRIVATE_H

#include <stdlib.h>

#include "memory.h"
#include "u4trace/schema.h"

/* Where everything of a table lies; it goes with it. */
arena_t *schema_arena(schema_t *schema);

/* As the table's text has it; not for FIELD_ENUM. */
const char *schema_type_name(field_type_t type);

#endif
