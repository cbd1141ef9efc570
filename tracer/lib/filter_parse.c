/* SPDX-License-Identifier: BSD-2-Clause */
/* The filter language: a recursive-descent parser. Depth is bounded by MAX_DEPTH. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"

enum {
    MAX_DEPTH = 64,
    MAX_LENGTH = 4096,
};

typedef struct {
    const schema_t *schema;
    const char *text, *at;
    filter_t *filter;
    u4_error_t *err;
    unsigned depth;
} parser_t;

static node_t *parse_or(parser_t *p);

/* The message, the expression, and a mark under the place. Returns NULL. */
static void *bad(parser_t *p, const char *where, const char *format, const char *word, int length)
{
    char what[160];
    snprintf(what, sizeof(what), format, length, word);
    size_t column = (size_t)(where - p->text);
    size_t from = column > 60 ? column - 60 : 0;
    u4_fail(p->err, "filter, column %zu: %s\n  %s%.100s\n  %*s^", column + 1, what,
            from ? "..." : "", p->text + from, (int)(column - from + (from ? 3 : 0)), "");
    return NULL;
}

static void skip_space(parser_t *p)
{
    while (isspace((unsigned char)*p->at)) {
        p->at++;
    }
}

static bool take(parser_t *p, const char *token)
{
    skip_space(p);
    size_t length = strlen(token);
    if (strncmp(p->at, token, length) != 0) {
        return false;
    }
    p->at += length;
    return true;
}

static node_t *new_node(parser_t *p, node_kind_t kind)
{
    node_t *node = arena_alloc(&p->filter->arena, sizeof(*node));
    node->kind = kind;
    return node;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || strchr("_.@:/-", c);
}

/* The length of the word at p->at; 0 if none begins there. */
static size_t word_length(const parser_t *p)
{
    size_t length = 0;
    while (p->at[length] && is_word(p->at[length])) {
        length++;
    }
    return length;
}

/* 12, 0x1f, 1.5ms: sets literal->number if the whole text is one. */
static void parse_number(literal_t *literal)
{
    static const struct {
        const char *name;
        double ns;
    } units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
    char *end;
    if (!isdigit((unsigned char)literal->text[0])) {
        return;
    }
    literal->number = strtoull(literal->text, &end, 0);
    literal->is_number = *end == 0;
    double value = strtod(literal->text, &end);
    for (size_t i = 0; !literal->is_number && i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(end, units[i].name) == 0 && value * units[i].ns < 1e19) {
            literal->is_number = literal->is_time = true;
            literal->number = (uint64_t)(value * units[i].ns + 0.5);
        }
    }
}

static bool parse_literal(parser_t *p, literal_t *literal)
{
    skip_space(p);
    if (*p->at == '"') {
        const char *start = p->at + 1, *end = strchr(start, '"');
        if (!end) {
            return bad(p, p->at, "%.*s", "a text without its closing \"", 100);
        }
        literal->text = arena_text(&p->filter->arena, start, (size_t)(end - start));
        p->at = end + 1;
        return true;
    }
    size_t length = word_length(p);
    if (length == 0) {
        return bad(p, p->at, "%.*s", "expected a number, a word or a \"text\"", 100);
    }
    literal->text = arena_text(&p->filter->arena, p->at, length);
    p->at += length;
    parse_number(literal);
    return true;
}

static bool parse_op(parser_t *p, filter_op_t *op)
{
    static const struct {
        const char *token;
        filter_op_t op;
    } ops[] = {{"==", OP_EQ}, {"!=", OP_NE}, {"=~", OP_MATCH}, {"<=", OP_LE},
               {">=", OP_GE}, {"<", OP_LT},  {">", OP_GT}};
    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
        if (take(p, ops[i].token)) {
            *op = ops[i].op;
            return true;
        }
    }
    return bad(p, p->at, "%.*s", "expected == != < <= > >= or =~", 100);
}

static bool compile_regex(parser_t *p, node_t *node, const char *where)
{
    if (node->op != OP_MATCH) {
        return true;
    }
    filter_t *filter = p->filter;
    regex_t *regex = memory_new(1, sizeof(*regex));
    int problem = regcomp(regex, node->literal.text, REG_EXTENDED | REG_NOSUB);
    if (problem) {
        char text[100];
        regerror(problem, regex, text, sizeof(text));
        free(regex);
        return bad(p, where, "%.*s", text, 100);
    }
    filter->regexes = memory_grow(filter->regexes, filter->regex_count + 1, sizeof(regex));
    filter->regexes[filter->regex_count++] = node->regex = regex;
    return true;
}

static bool name_is(const node_t *node, const char *name)
{
    if (node->op == OP_MATCH) {
        return regexec(node->regex, name, 0, NULL, 0) == 0;
    }
    return strcmp(name, node->literal.text) == 0;
}

/* class==..., event==...: which events they mean is known now. */
static node_t *event_set(parser_t *p, node_t *node, bool class, const char *where)
{
    if (node->op != OP_EQ && node->op != OP_NE && node->op != OP_MATCH) {
        return bad(p, where, "%.*s", "classes and events have no order: use ==, != or =~", 100);
    }
    bool any = node->op == OP_MATCH;
    node->kind = NODE_EVENTS;
    for (size_t id = 0; id < SCHEMA_MAX_EVENTS; id++) {
        const schema_event_t *event = schema_event(p->schema, (unsigned)id);
        bool hit = class ? name_is(node, event->class_name)
                         : name_is(node, event->full_name) ||
                               (node->op != OP_MATCH && name_is(node, event->name));
        any |= hit;
        if (hit == (node->op != OP_NE)) {
            node->events[id / 64] |= 1ull << (id % 64);
        }
    }
    if (!any) {
        return bad(p, where,
                   class ? "no class '%.*s' (see u4 events)" : "no event '%.*s' (see u4 events)",
                   node->literal.text, 60);
    }
    return node;
}

static bool value_name(const char *name, size_t length, filter_value_t *value)
{
    static const struct {
        const char *name;
        filter_value_t value;
    } names[] = {{"thread", VALUE_THREAD},    {"other", VALUE_OTHER}, {"process", VALUE_PROCESS},
                 {"hart", VALUE_HART},        {"time", VALUE_TIME},   {"waited", VALUE_WAITED},
                 {"position", VALUE_POSITION}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strlen(names[i].name) == length && memcmp(names[i].name, name, length) == 0) {
            *value = names[i].value;
            return true;
        }
    }
    return false;
}

static node_t *check_value(parser_t *p, node_t *node, const char *where)
{
    bool named = node->value <= VALUE_PROCESS;
    bool time = node->value == VALUE_TIME || node->value == VALUE_WAITED;
    if (named && node->op != OP_EQ && node->op != OP_NE && node->op != OP_MATCH) {
        return bad(p, where, "%.*s", "names have no order: use ==, != or =~", 100);
    }
    if (!named && (!node->literal.is_number || node->op == OP_MATCH)) {
        return bad(p, where, "%.*s", "expected a number here", 100);
    }
    if (time && !node->literal.is_time && node->literal.number != 0) {
        return bad(p, where, "%.*s", "a time needs its unit: ns, us, ms or s", 100);
    }
    return node;
}

/* What the literal means for this field: a number to compare with, or a text. */
static void bind_literal(node_t *node, size_t id, const schema_field_t *field)
{
    const literal_t *literal = &node->literal;
    node->numbers[id] = literal->number;
    node->by_number[id] = literal->is_number && node->op != OP_MATCH;
    if (literal->is_number || node->op == OP_MATCH) {
        return;
    }
    if (field->type == FIELD_BOOL) {
        node->numbers[id] = strcmp(literal->text, "yes") == 0 || strcmp(literal->text, "true") == 0;
        node->by_number[id] = true;
    }
    for (size_t i = 0; field->type == FIELD_ENUM && i < field->values->count; i++) {
        const schema_value_t *value = &field->values->values[i];
        if (strcmp(value->name, literal->text) == 0) {
            node->numbers[id] = value->number;
            node->by_number[id] = true;
        }
    }
}

static node_t *field_node(parser_t *p, node_t *node, const char *name, size_t length)
{
    bool any = false;
    char word[64];
    snprintf(word, sizeof(word), "%.*s", (int)length, name);
    node->kind = NODE_FIELD;
    node->fields = arena_alloc(&p->filter->arena, SCHEMA_MAX_EVENTS * sizeof(*node->fields));
    node->numbers = arena_alloc(&p->filter->arena, SCHEMA_MAX_EVENTS * sizeof(*node->numbers));
    node->by_number = arena_alloc(&p->filter->arena, SCHEMA_MAX_EVENTS * sizeof(*node->by_number));
    for (size_t id = 1; id < SCHEMA_MAX_EVENTS; id++) {
        const schema_event_t *event = p->schema->events[id];
        node->fields[id] = event ? schema_find_field(event, word) : NULL;
        if (node->fields[id]) {
            any = true;
            bind_literal(node, id, node->fields[id]);
        }
    }
    return any ? node
               : bad(p, name, "no event has a field '%.*s' (see u4 events)", name, (int)length);
}

static node_t *parse_comparison(parser_t *p)
{
    skip_space(p);
    const char *name = p->at;
    size_t length = 0;
    while (isalnum((unsigned char)name[length]) || name[length] == '_') {
        length++;
    }
    if (length == 0) {
        return bad(p, name, "%.*s", "expected a name, ! or (", 100);
    }
    p->at += length;
    node_t *node = new_node(p, NODE_VALUE);
    if (!parse_op(p, &node->op)) {
        return NULL;
    }
    skip_space(p);
    const char *where = p->at;
    if (!parse_literal(p, &node->literal) || !compile_regex(p, node, where)) {
        return NULL;
    }
    if (length == 5 && (memcmp(name, "class", 5) == 0 || memcmp(name, "event", 5) == 0)) {
        return event_set(p, node, *name == 'c', where);
    }
    if (value_name(name, length, &node->value)) {
        return check_value(p, node, where);
    }
    return field_node(p, node, name, length);
}

static node_t *parse_not(parser_t *p)
{
    if (++p->depth > MAX_DEPTH) {
        return bad(p, p->at, "%.*s", "too deep", 100);
    }
    skip_space(p);
    node_t *node = NULL;
    const char *open = p->at;
    if (*p->at == '!' && p->at[1] != '=') {
        p->at++;
        node = new_node(p, NODE_NOT);
        node->left = parse_not(p);
        node = node->left ? node : NULL;
    } else if (take(p, "(")) {
        node = parse_or(p);
        if (node && !take(p, ")")) {
            node = bad(p, open, "%.*s", "this ( is never closed", 100);
        }
    } else {
        node = parse_comparison(p);
    }
    p->depth--;
    return node;
}

static node_t *parse_and(parser_t *p)
{
    node_t *left = parse_not(p);
    while (left && take(p, "&&")) {
        node_t *node = new_node(p, NODE_AND);
        node->left = left;
        node->right = parse_not(p);
        left = node->right ? node : NULL;
    }
    return left;
}

static node_t *parse_or(parser_t *p)
{
    node_t *left = parse_and(p);
    while (left && take(p, "||")) {
        node_t *node = new_node(p, NODE_OR);
        node->left = left;
        node->right = parse_and(p);
        left = node->right ? node : NULL;
    }
    return left;
}

filter_t *filter_parse(const schema_t *schema, const char *text, u4_error_t *err)
{
    filter_t *filter = memory_new(1, sizeof(*filter));
    parser_t p = {.schema = schema, .text = text, .at = text, .filter = filter, .err = err};
    if (strlen(text) > MAX_LENGTH) {
        u4_fail(err, "filter: longer than %d characters", MAX_LENGTH);
    } else {
        filter->root = parse_or(&p);
        skip_space(&p);
        if (filter->root && *p.at) {
            filter->root = bad(&p, p.at, "%.*s", "expected && or || or the end", 100);
        }
    }
    if (!filter->root) {
        filter_free(filter);
        return NULL;
    }
    return filter;
}

void filter_free(filter_t *filter)
{
    if (filter) {
        for (size_t i = 0; i < filter->regex_count; i++) {
            regfree(filter->regexes[i]);
            free(filter->regexes[i]);
        }
        free(filter->regexes);
        arena_free(&filter->arena);
        free(filter);
    }
}
