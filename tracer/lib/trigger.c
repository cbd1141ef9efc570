/* SPDX-License-Identifier: BSD-2-Clause */
/* Triggers out of the filter language: what a kernel can hold against a record's bits. */
#include "u4trace/trigger.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"

enum { MAX_TEXT = 1024, MAX_COMPARISONS = 16 };

typedef struct {
    const schema_t *schema;
    uint64_t timebase_hz;
    trigger_name_fn *name;
    void *context;
    u4_error_t *err;
    trace_trigger_t *trigger;
    uint64_t events[SCHEMA_MAX_EVENTS / 64]; /* that the expression allows */
    const node_t *nodes[MAX_COMPARISONS];    /* comparisons of fields and threads */
    size_t count;
} compile_t;

/* Takes a conjunction apart. */
static bool collect(compile_t *c, const node_t *node)
{
    switch (node->kind) {
    case NODE_AND: return collect(c, node->left) && collect(c, node->right);
    case NODE_EVENTS:
        for (size_t i = 0; i < sizeof(c->events) / sizeof(c->events[0]); i++) {
            c->events[i] &= node->events[i];
        }
        return true;
    case NODE_FIELD:
    case NODE_VALUE:
        if (c->count < MAX_COMPARISONS) {
            c->nodes[c->count++] = node;
            return true;
        }
        break;
    case NODE_OR:
    case NODE_NOT:
        return u4_fail(c->err, "trigger: the kernel looks for one event whose fields all compare:"
                               " expected comparisons joined by &&, found || or !");
    }
    return u4_fail(c->err, "trigger: too many comparisons");
}

/* The one event that the expression means. */
static bool choose_event(compile_t *c)
{
    unsigned found = 0, id_found = 0;
    for (unsigned id = 1; id < TRACE_MAX_EVENTS; id++) {
        bool fits = c->schema->events[id] && c->events[id / 64] >> id % 64 & 1;
        for (size_t i = 0; fits && i < c->count; i++) {
            fits = c->nodes[i]->kind != NODE_FIELD || c->nodes[i]->fields[id];
        }
        found += fits;
        id_found = fits ? id : id_found;
    }
    c->trigger->event = (uint16_t)id_found;
    return found == 1 || u4_fail(c->err,
                                 found ? "trigger: %u events fit: say which, event==CLASS.NAME"
                                       : "trigger: no event fits (%u)",
                                 found);
}

static bool add_condition(compile_t *c, trace_condition_t condition, filter_op_t op)
{
    static const uint8_t ops[] = {
        [OP_EQ] = TRACE_OP_EQ, [OP_NE] = TRACE_OP_NE, [OP_LT] = TRACE_OP_LT,
        [OP_LE] = TRACE_OP_LT, [OP_GE] = TRACE_OP_GE, [OP_GT] = TRACE_OP_GE,
    };
    if (op == OP_MATCH) {
        return u4_fail(c->err, "trigger: the kernel knows no regular expressions");
    }
    if (c->trigger->conditions == TRACE_CONDITIONS) {
        return u4_fail(c->err, "trigger: more than %d conditions", TRACE_CONDITIONS);
    }
    condition.op = ops[op];
    condition.value += op == OP_LE || op == OP_GT;
    c->trigger->condition[c->trigger->conditions++] = condition;
    return true;
}

static trace_condition_t current_thread(void)
{
    return (trace_condition_t){.word = 1, .shift = 32, .mask = UINT32_MAX};
}

static trace_condition_t place_of(const schema_field_t *field)
{
    return (trace_condition_t){.word = field->word, .shift = field->shift, .mask = field->mask};
}

static bool thread_named(const compile_t *c, const literal_t *literal, uint64_t *value)
{
    uint32_t ref;
    if (literal->is_number) {
        *value = literal->number;
        return true;
    }
    if (!c->name || !c->name(c->context, literal->text, &ref)) {
        return u4_fail(c->err, "trigger: no thread '%.60s' there now", literal->text);
    }
    *value = ref;
    return true;
}

static bool value_condition(compile_t *c, const node_t *node)
{
    trace_condition_t condition = current_thread();
    if (node->value != VALUE_THREAD) {
        return u4_fail(c->err, "trigger: the kernel can compare thread and the event's fields, not"
                               " hart, time, waited, position, process or other");
    }
    return thread_named(c, &node->literal, &condition.value) &&
           add_condition(c, condition, node->op);
}

static bool field_condition(compile_t *c, const node_t *node)
{
    unsigned id = c->trigger->event;
    const schema_field_t *field = node->fields[id];
    trace_condition_t condition = place_of(field);
    bool order = node->op != OP_EQ && node->op != OP_NE;
    if (field->type == FIELD_STR || (schema_signed(field) && order)) {
        return u4_fail(c->err, "trigger: the kernel cannot compare '%s' like this", field->name);
    }
    condition.value = node->numbers[id];
    if (field->type == FIELD_THREAD && !thread_named(c, &node->literal, &condition.value)) {
        return false;
    }
    if (!node->by_number[id] && field->type != FIELD_THREAD) {
        return u4_fail(c->err, "trigger: '%.60s' is no value of %s", node->literal.text,
                       field->name);
    }
    if (node->literal.is_time && field->type == FIELD_TICKS) {
        condition.value =
            (uint64_t)((unsigned __int128)node->literal.number * c->timebase_hz / 1000000000);
    }
    return add_condition(c, condition, node->op);
}

/* An expression of the filter language, or the name of an event alone. */
static bool compile(compile_t *c, const char *text)
{
    char whole[MAX_TEXT + 16];
    bool bare = strcspn(text, "=<>!&|\"") == strlen(text);
    const char *name = text + strspn(text, " ");
    snprintf(whole, sizeof(whole), bare ? "event==%s" : "%s", name);
    filter_t *filter = filter_parse(c->schema, whole, c->err);
    if (!filter) {
        return false;
    }
    memset(c->events, 0xff, sizeof(c->events));
    c->count = 0;
    bool ok = collect(c, filter->root) && choose_event(c);
    for (size_t i = 0; ok && i < c->count; i++) {
        ok = c->nodes[i]->kind == NODE_FIELD ? field_condition(c, c->nodes[i])
                                             : value_condition(c, c->nodes[i]);
    }
    filter_free(filter);
    return ok;
}

static bool find_key(const compile_t *c, const char *name, trace_condition_t *key)
{
    const schema_event_t *event = schema_event(c->schema, c->trigger->event);
    const schema_field_t *field = schema_find_field(event, name);
    if (field) {
        *key = place_of(field);
        return true;
    }
    if (strcmp(name, "current") == 0) {
        *key = current_thread();
        return true;
    }
    return strcmp(name, "none") == 0 ||
           u4_fail(c->err, "trigger: %s has no field '%.60s' to know it again by", event->full_name,
                   name);
}

static bool parse_time(const compile_t *c, const char *text, uint64_t *ticks)
{
    static const struct {
        const char *name;
        double ns;
    } units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
    char *end, unit[8] = "";
    double value = strtod(text, &end);
    sscanf(end, "%7s", unit);
    for (size_t i = 0; end != text && value >= 0 && i < sizeof(units) / sizeof(units[0]); i++) {
        double exact = value * units[i].ns * (double)c->timebase_hz / 1e9;
        if (strcmp(unit, units[i].name) == 0 && exact < 1e18) {
            *ticks = (uint64_t)exact;
            return true;
        }
    }
    return u4_fail(c->err, "trigger: expected a time such as 50us, found '%.60s'", text);
}

/* FIRST => SECOND by KEY:KEY > TIME; `arrow` is where the => is. */
static bool parse_pair(compile_t *c, char *text, char *arrow, trigger_plan_t *plan)
{
    char *by = strstr(arrow, " by "), *above = by ? strchr(by, '>') : NULL;
    char first[64], second[64];
    if (!above || sscanf(by, " by %63[a-z0-9_]:%63[a-z0-9_]", first, second) != 2) {
        return u4_fail(c->err, "trigger: expected 'FIRST => SECOND by KEY:KEY > TIME', found '%s'",
                       text);
    }
    *arrow = *by = 0;
    trace_trigger_t *begin = &plan->trigger[0], *end = &plan->trigger[1];
    c->trigger = begin;
    begin->actions = TRACE_TRIGGER_MARK | TRACE_TRIGGER_REPEAT;
    if (!compile(c, text) || !find_key(c, first, &begin->key)) {
        return false;
    }
    c->trigger = end;
    plan->count = 2;
    end->since = 1;
    return compile(c, arrow + 2) && find_key(c, second, &end->key) &&
           parse_time(c, above + 1, &end->ticks);
}

/* The long form of "call>50us" and the like; NULL if it is none of them. */
static char *expand(const char *text, char *room, size_t size)
{
    static const struct {
        const char *name, *form;
    } forms[] = {
        {"call", "event==kernel.entry && call==Call => event==ipc.transfer && kind==reply"
                 " by current:peer"},
        {"wake", "event==sched.wake => event==sched.switch by thread:next"},
        {"irq", "event==irq.raised => event==irq.ack by irq:irq"},
        {"fault", "event==fault.raised => event==fault.reply by current:thread"},
        {"kernel", "event==kernel.entry => event==kernel.exit by none:none"},
    };
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        size_t length = strlen(forms[i].name);
        const char *rest = text + length;
        if (strncmp(text, forms[i].name, length) == 0 && *(rest += strspn(rest, " ")) == '>') {
            snprintf(room, size, "%s %s", forms[i].form, rest);
            return room;
        }
    }
    return NULL;
}

bool trigger_parse(const schema_t *schema, const char *text, uint64_t timebase_hz,
                   trigger_name_fn *name, void *context, trigger_plan_t *plan, u4_error_t *err)
{
    char room[MAX_TEXT];
    compile_t c = {.schema = schema,
                   .timebase_hz = timebase_hz,
                   .name = name,
                   .context = context,
                   .err = err,
                   .trigger = &plan->trigger[0]};
    *plan = (trigger_plan_t){.count = 1};
    text += strspn(text, " ");
    if (strlen(text) >= MAX_TEXT) {
        return u4_fail(err, "trigger: longer than %d characters", MAX_TEXT);
    }
    if (!expand(text, room, sizeof(room))) {
        snprintf(room, sizeof(room), "%s", text);
    }
    char *arrow = strstr(room, "=>");
    return arrow ? parse_pair(&c, room, arrow, plan) : compile(&c, room);
}
