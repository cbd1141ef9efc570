/* SPDX-License-Identifier: BSD-2-Clause */
#include "index_fields.h"

static const schema_field_t absent; /* reads as 0 */

void index_fields_find(index_fields_t *fields, const schema_t *schema)
{
    static const struct {
        const char *event, *field;
    } names[] = {
#define FIELD(name, event, field) {event, field},
        INDEX_FIELDS(FIELD)
#undef FIELD
    };
    const schema_t *own = schema_builtin();
    for (unsigned id = 0; id < SCHEMA_MAX_EVENTS; id++) {
        const schema_event_t *theirs = schema->events[id];
        const schema_event_t *same = theirs ? schema_find_event(own, theirs->full_name) : NULL;
        fields->ids[id] = same ? same->id : 0;
    }
    for (unsigned i = 0; i < INDEX_FIELD_COUNT; i++) {
        const schema_event_t *event = schema_find_event(schema, names[i].event);
        const schema_field_t *field = event ? schema_find_field(event, names[i].field) : NULL;
        fields->fields[i] = field ? field : &absent;
    }
}
