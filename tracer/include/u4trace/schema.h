/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The event table: classes, enumerations, events and where their fields lie in a record. It is
 * parsed from the canonical text that generate.py makes of abi/trace/events.def (kind "text"),
 * the same for the table compiled in and for the one that a .u4t carries, so a reader knows the
 * events of whoever wrote the file.
 */
#ifndef U4TRACE_SCHEMA_H
#define U4TRACE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/trace/layout.h"
#include "u4trace/error.h"

enum {
    SCHEMA_MAX_FIELDS = 12,
    SCHEMA_MAX_CLASSES = 32,
    SCHEMA_MAX_EVENTS = 512, /* ids: the kernel's table's, then programs' own */
};

typedef enum {
    FIELD_UINT,
    FIELD_INT, /* signed */
    FIELD_HEX,
    FIELD_ADDR, /* code or data address */
    FIELD_BOOL,
    FIELD_CHAR,
    FIELD_STR,    /* 12 bytes, NUL-padded: schema_field_str() */
    FIELD_OBJECT, /* reference: low 32 bits of the physical address */
    FIELD_THREAD, /* the same, of a TCB */
    FIELD_SLOT,   /* the same, of a capability slot */
    FIELD_LABEL,  /* invocation label: label_name() */
    FIELD_CPTR,
    FIELD_TICKS,   /* a duration or time in timebase ticks */
    FIELD_COUNTER, /* signed: a figure that changes over time */
    FIELD_ENUM,    /* see `values` */
} field_type_t;

typedef struct {
    const char *name;
    const char *text; /* shown instead of the name; NULL if none, may be empty */
    uint64_t number;
} schema_value_t;

typedef struct {
    const char *name;
    schema_value_t *values;
    size_t count;
} schema_enum_t;

typedef struct {
    const char *name;
    const char *text;            /* "" if none */
    const char *place;           /* "h", "a", "ab" ... */
    const schema_enum_t *values; /* of type FIELD_ENUM; else NULL */
    uint64_t mask;               /* of the shifted value */
    field_type_t type;
    uint8_t word;      /* 64-bit word of the record */
    uint8_t shift;     /* in that word */
    uint8_t bits;      /* width; 96 for a str */
    uint8_t low, high; /* bits within the place, as in the table */
} schema_field_t;

typedef struct {
    const char *class_name; /* "ipc" */
    const char *name;       /* "transfer" */
    const char *full_name;  /* "ipc.transfer" */
    const char *text;
    uint16_t id;
    uint8_t class_index;
    uint8_t field_count;
    schema_field_t fields[SCHEMA_MAX_FIELDS];
} schema_event_t;

typedef struct {
    const char *name, *text;
    uint64_t mask[TRACE_MASK_WORDS]; /* its events */
} schema_class_t;

typedef struct schema {
    schema_class_t classes[SCHEMA_MAX_CLASSES];
    size_t class_count;
    schema_enum_t *enums;
    size_t enum_count;
    schema_event_t *events[SCHEMA_MAX_EVENTS]; /* by id; NULL: no such event */
    const char *text;                          /* the canonical text it was made from */
    size_t text_length;
    uint64_t hash;          /* as in trace_header_t.schema_hash */
    schema_event_t unknown; /* stands for an id that the table does not have */
    void *memory;           /* owns all of it */
} schema_t;

/* The table compiled in. Never fails; shared, must not be freed. */
const schema_t *schema_builtin(void);

/* Parses canonical text (enumerations before the events that use them). The text is copied. NULL
 * with a message that names the line if it is not a table. */
schema_t *schema_parse(const char *text, size_t length, u4_error_t *err);
void schema_free(schema_t *schema);

/*
 * Adds the events that a program has defined, from its text with ids TRACE_OWN_FIRST.. of its own
 * numbering; ids[i] becomes the table's id of the i-th, 0 if there is no room or its name is not
 * fit to be shown. One that the table has already keeps its id. A table can grow while others read
 * it, but only one may make it grow.
 */
bool schema_add_own(schema_t *schema, const char *text, size_t length, uint16_t ids[TRACE_OWN_MAX],
                    u4_error_t *err);

/* Adds the programs' own events of another table, made for the same kernel: ids[i] becomes this
 * table's id of the other's event i, 0 if there is no room. */
void schema_join(schema_t *schema, const schema_t *other, uint16_t ids[SCHEMA_MAX_EVENTS]);

/* Adds programs' own events that `text`, a whole table, has beyond this one. */
bool schema_grow(schema_t *schema, const char *text, size_t length, u4_error_t *err);

/* The event of an id; `unknown` (id 0, class and name "unknown", no fields) if there is none. */
static inline const schema_event_t *schema_event(const schema_t *schema, unsigned id)
{
    const schema_event_t *event = id < SCHEMA_MAX_EVENTS ? schema->events[id] : NULL;
    return event ? event : &schema->unknown;
}

/* By full name ("ipc.transfer"), or by name if only one class has it; NULL if none. */
const schema_event_t *schema_find_event(const schema_t *schema, const char *name);
const schema_class_t *schema_find_class(const schema_t *schema, const char *name);
const schema_field_t *schema_find_field(const schema_event_t *event, const char *name);

typedef struct {
    const char *event, *field; /* as for schema_find_event() and schema_find_field() */
} schema_field_name_t;

/* Finds `count` fields by name; one that the table lacks becomes &schema_no_field. */
void schema_find_fields(const schema_t *schema, const schema_field_name_t *names, size_t count,
                        const schema_field_t **fields);

/* Reads as 0 out of any record, has no values. */
extern const schema_field_t schema_no_field;

/* Turns "ipc,sched,fault.raised", "all", "default" (all but class content), "none", "-irq.timer"
 * (left to right; a "-" takes away, from default if it comes first) into a mask of events. */
bool schema_mask(const schema_t *schema, const char *list, uint64_t mask[TRACE_MASK_WORDS],
                 u4_error_t *err);

/* The same list as changes to the mask that is there: "+sched,-irq.timer". */
bool schema_mask_change(const schema_t *schema, const char *list, uint64_t mask[TRACE_MASK_WORDS],
                        u4_error_t *err);

static inline bool schema_signed(const schema_field_t *field)
{
    return field->type == FIELD_INT || field->type == FIELD_COUNTER;
}

/* A field's bits out of a record: its value, if it is neither signed nor a FIELD_STR. */
static inline uint64_t schema_bits(const schema_field_t *field, const trace_record_t *record)
{
    uint64_t value;
    __builtin_memcpy(&value, (const char *)record + 8 * field->word, 8);
    return value >> field->shift & field->mask;
}

/* A field's value out of a record; a signed one comes sign-extended. Not for FIELD_STR. */
static inline uint64_t schema_field(const schema_field_t *field, const trace_record_t *record)
{
    uint64_t value = schema_bits(field, record);
    if (schema_signed(field) && field->bits < 64 && value >> (field->bits - 1) & 1) {
        value |= ~field->mask;
    }
    return value;
}

enum { SCHEMA_STR_SIZE = 13 };
/* Copies a FIELD_STR, NUL-terminated, unprintable bytes replaced by '?'. */
void schema_field_str(const schema_field_t *field, const trace_record_t *record,
                      char text[SCHEMA_STR_SIZE]);

/* The value of an enumeration, NULL if it has none with this number. */
const schema_value_t *schema_value(const schema_enum_t *values, uint64_t number);

/* What to show for it: its text, else its name; NULL if there is none with this number. */
const char *schema_value_text(const schema_enum_t *values, uint64_t number);

#endif
