/* SPDX-License-Identifier: BSD-2-Clause */
/* The tree that filter_parse.c builds and filter.c evaluates. */
#ifndef TRACER_FILTER_H
#define TRACER_FILTER_H

#include <regex.h>

#include "memory.h"
#include "u4trace/filter.h"

typedef enum {
    NODE_AND,
    NODE_OR,
    NODE_NOT,
    NODE_EVENTS, /* the event is one of a set: class and event comparisons end up here */
    NODE_VALUE,  /* a comparison of a value that every event may have */
    NODE_FIELD,  /* a comparison of a field */
} node_kind_t;

typedef enum { OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_MATCH } filter_op_t;

typedef enum {
    VALUE_THREAD,
    VALUE_OTHER,
    VALUE_PROCESS,
    VALUE_HART,
    VALUE_TIME,
    VALUE_WAITED,
    VALUE_POSITION,
} filter_value_t;

/* The right-hand side. */
typedef struct {
    bool is_number;
    bool is_time; /* `number` is in ns */
    uint64_t number;
    const char *text; /* as written, without quotes */
} literal_t;

typedef struct node {
    node_kind_t kind;
    filter_op_t op;
    filter_value_t value;
    struct node *left, *right;
    literal_t literal;
    regex_t *regex; /* of OP_MATCH */
    uint64_t events[SCHEMA_MAX_EVENTS / 64];
    /* NODE_FIELD, by event id: */
    const schema_field_t **fields; /* NULL: the event has no such field */
    uint64_t *numbers;             /* what the literal means there */
    bool *by_number;               /* compare numbers; else texts */
} node_t;

struct filter {
    arena_t arena;
    node_t *root;
    regex_t **regexes;
    size_t regex_count;
};

#endif
