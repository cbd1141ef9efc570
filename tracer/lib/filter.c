/* SPDX-License-Identifier: BSD-2-Clause */
/* Evaluation of filters. */
#include "filter.h"

#include <string.h>

#include "u4trace/format.h"

static bool compare(filter_op_t op, uint64_t a, uint64_t b)
{
    switch (op) {
    case OP_EQ: return a == b;
    case OP_NE: return a != b;
    case OP_LT: return a < b;
    case OP_LE: return a <= b;
    case OP_GT: return a > b;
    case OP_GE: return a >= b;
    case OP_MATCH: break;
    }
    return false;
}

static bool compare_text(const node_t *node, const char *text)
{
    if (node->op == OP_MATCH) {
        return regexec(node->regex, text, 0, NULL, 0) == 0;
    }
    int order = strcmp(text, node->literal.text);
    return node->op == OP_EQ ? order == 0 : node->op == OP_NE && order != 0;
}

static bool match_named(const node_t *node, const char *name, uint64_t number)
{
    if (node->op != OP_MATCH && node->literal.is_number) { /* a thread may be called "0x1" */
        bool same = number == node->literal.number || strcmp(name, node->literal.text) == 0;
        return same == (node->op == OP_EQ);
    }
    return compare_text(node, name);
}

static bool match_value(const node_t *node, const model_t *model, const event_t *event)
{
    uint64_t number = node->literal.number;
    switch (node->value) {
    case VALUE_THREAD:
        return event->thread && match_named(node, event->thread->name, event->thread->ref);
    case VALUE_OTHER:
        return event->other && match_named(node, event->other->name, event->other->ref);
    case VALUE_PROCESS:
        return event->thread &&
               match_named(node, event->thread->process->name, event->thread->process->vspace);
    case VALUE_HART: return compare(node->op, event->hart, number);
    case VALUE_TIME: return compare(node->op, model_ns(model, event->time), number);
    case VALUE_WAITED:
        return event->waited && compare(node->op, model_ns(model, event->waited), number);
    case VALUE_POSITION: return compare(node->op, event->position, number);
    }
    return false;
}

static bool match_field(const node_t *node, const model_t *model, const event_t *event)
{
    unsigned id = event->type->id;
    const schema_field_t *field = node->fields[id];
    if (!field) {
        return false;
    }
    if (node->by_number[id] && field->type != FIELD_STR) {
        uint64_t value = schema_field(field, event->record);
        if (node->literal.is_time && field->type == FIELD_TICKS) {
            value = model_ns(model, value);
        }
        if (schema_signed(field) && (node->op != OP_EQ && node->op != OP_NE)) {
            /* Literals are not negative: shifted so that unsigned order is signed order. */
            return compare(node->op, value ^ 1ull << 63, node->numbers[id] ^ 1ull << 63);
        }
        return compare(node->op, value, node->numbers[id]);
    }
    char text[128] = "";
    if (field->type == FIELD_STR) {
        schema_field_str(field, event->record, text);
    } else {
        *format_value(text, text + sizeof(text) - 1, model, field, event->record) = 0;
    }
    return compare_text(node, text);
}

static bool match(const node_t *node, const model_t *model, const event_t *event)
{
    switch (node->kind) {
    case NODE_AND: return match(node->left, model, event) && match(node->right, model, event);
    case NODE_OR: return match(node->left, model, event) || match(node->right, model, event);
    case NODE_NOT: return !match(node->left, model, event);
    case NODE_EVENTS: return node->events[event->type->id / 64] >> (event->type->id % 64) & 1;
    case NODE_VALUE: return match_value(node, model, event);
    case NODE_FIELD: return match_field(node, model, event);
    }
    return false;
}

bool filter_match(const filter_t *filter, const model_t *model, const event_t *event)
{
    return match(filter->root, model, event);
}
