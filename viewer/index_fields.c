/* SPDX-License-Identifier: BSD-2-Clause */
#include "index_fields.h"

void index_fields_find(index_fields_t *fields, const schema_t *schema)
{
#define FIELD(name, event, field) {event, field},
    static const schema_field_name_t names[INDEX_FIELD_COUNT] = {INDEX_FIELDS(FIELD)};
#undef FIELD
    const schema_t *own = schema_builtin();
    for (unsigned id = 0; id < SCHEMA_MAX_EVENTS; id++) {
        const schema_event_t *theirs = schema->events[id];
        const schema_event_t *same = theirs ? schema_find_event(own, theirs->full_name) : NULL;
        fields->ids[id] = same ? same->id : 0;
    }
    schema_find_fields(schema, names, INDEX_FIELD_COUNT, fields->fields);
}
