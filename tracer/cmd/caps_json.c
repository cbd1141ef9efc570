/* SPDX-License-Identifier: BSD-2-Clause */
#include <jansson.h>
#include <stdio.h>

#include "caps.h"

static void set(json_t *object, const char *key, uint64_t value)
{
    json_object_set_new(object, key, json_integer((json_int_t)value));
}

static void set_hex(json_t *object, const char *key, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "0x%llx", (unsigned long long)value);
    json_object_set_new(object, key, json_string(text));
}

static void set_words(json_t *object, const char *key, const char *text)
{
    json_object_set_new(object, key, json_string(text));
}

static json_t *thread_json(const state_t *state, const state_thread_t *t)
{
    json_t *object = json_object();
    char name[STATE_NAME_MAX + 24];
    *state_format_thread(name, name + sizeof(name) - 1, state, t->address) = 0;
    set_words(object, "name", name);
    set_hex(object, "tcb", t->address);
    set_words(object, "state", thread_state_name(t->state));
    set(object, "priority", t->priority);
    set(object, "mcp", t->mcp);
    set(object, "domain", t->domain);
    set_hex(object, "pc", t->pc);
    set_hex(object, "fault_handler", t->fault_handler);
    if (t->blocked_on) {
        set_hex(object, "blocked_on", t->blocked_on);
    }
    if (t->vspace) {
        set_hex(object, "vspace", t->vspace);
    }
    return object;
}

static void set_cap(json_t *object, const state_t *state, const state_cap_t *cap)
{
    char text[256];
    const char *type = state_cap_type_name(cap->type);
    *state_format_cap(text, text + sizeof(text) - 1, state, cap) = 0;
    set_words(object, "type", type ? type : "?");
    set_words(object, "text", text);
    if (cap->type == TRACE_CAPTYPE_IRQ_HANDLER) {
        set(object, "irq", cap->object);
    } else if (cap->object) {
        set_hex(object, "object", cap->object);
        set(object, "size", cap->size);
    }
    if (cap->type == TRACE_CAPTYPE_ENDPOINT || cap->type == TRACE_CAPTYPE_NOTIFICATION) {
        set(object, "rights", cap->rights);
        set_hex(object, "badge", cap->badge);
    }
}

static json_t *slot_json(const state_t *state, uint32_t index)
{
    const state_slot_t *slot = &state->slots[index];
    json_t *object = json_object();
    char text[256];
    *state_format_place(text, text + sizeof(text) - 1, state, index) = 0;
    set(object, "id", index);
    set_words(object, "place", text);
    set_hex(object, "slot", slot->address);
    set_cap(object, state, &slot->cap);
    set(object, "depth", slot->depth);
    if (slot->parent != STATE_NONE) {
        set(object, "parent", slot->parent);
    }
    return object;
}

typedef struct {
    json_t *array;
    const state_t *state;
} list_t;

static bool add_place(void *context, const state_t *state, const state_place_t *place)
{
    json_t *object = slot_json(state, place->slot);
    set_hex(object, "cptr", place->cptr);
    set(object, "bits", 64 - place->bits_left);
    set(object, "level", place->level);
    json_array_append_new(context, object);
    return true;
}

static void add_way(void *context, const state_thread_t *thread, const state_place_t *place)
{
    const list_t *list = context;
    char name[STATE_NAME_MAX + 24];
    json_t *object = json_object();
    *state_format_thread(name, name + sizeof(name) - 1, list->state, thread->address) = 0;
    set_words(object, "thread", name);
    set_hex(object, "cptr", place->cptr);
    json_array_append_new(list->array, object);
}

static json_t *space_json(const state_t *state, const state_thread_t *thread)
{
    json_t *array = json_array();
    const state_cap_t *root = caps_root(state, thread);
    if (root) {
        state_walk_cspace(state, root, add_place, array);
    }
    return array;
}

static json_t *holders_json(const state_t *state, uint64_t object)
{
    json_t *array = json_array();
    for (uint32_t i = state_holder(state, object); i != STATE_NONE; i = state->slots[i].next_same) {
        json_t *slot = slot_json(state, i);
        list_t ways = {json_array(), state};
        caps_ways(state, i, add_way, &ways);
        json_object_set_new(slot, "named_by", ways.array);
        json_array_append_new(array, slot);
    }
    return array;
}

/* All slots; of an object, those that stand for it. Parents are ids. */
static json_t *derivation_json(const state_t *state, uint64_t object)
{
    json_t *array = json_array();
    for (uint32_t i = object ? state_holder(state, object) : 0; i < state->slot_count;
         i = object ? state->slots[i].next_same : i + 1) {
        json_array_append_new(array, slot_json(state, i));
    }
    return array;
}

static json_t *mappings_json(const state_t *state, const state_thread_t *thread)
{
    json_t *array = json_array();
    const state_space_t *space = state_space(state, thread->vspace);
    for (uint32_t i = 0; space && i < space->mappings; i++) {
        const state_mapping_t *m = &state->mappings[space->first + i];
        json_t *object = json_object();
        set_hex(object, "vaddr", m->vaddr);
        set_hex(object, "paddr", m->paddr);
        set(object, "size_bits", m->size_bits);
        set(object, "flags", m->flags);
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *threads_json(const state_t *state)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < state->thread_count; i++) {
        json_array_append_new(array, thread_json(state, &state->threads[i]));
    }
    return array;
}

bool caps_print_json(const snapshot_t *snapshot, const caps_request_t *request, u4_error_t *err)
{
    const state_t *state = snapshot->state;
    json_t *object = json_object();
    set(object, "paused_ns", snapshot->info.paused_ns);
    set(object, "capabilities", state->slot_count);
    set(object, "problems", state->problem_count);
    switch (request->what) {
    case CAPS_SUMMARY: json_object_set_new(object, "threads", threads_json(state)); break;
    case CAPS_SPACE:
        json_object_set_new(object, "slots", space_json(state, request->thread));
        break;
    case CAPS_OBJECT:
        json_object_set_new(object, "slots", holders_json(state, request->object));
        break;
    case CAPS_DERIVATION:
        json_object_set_new(object, "slots", derivation_json(state, request->object));
        break;
    case CAPS_MAPPINGS:
        json_object_set_new(object, "mappings", mappings_json(state, request->thread));
        break;
    }
    bool ok = json_dumpf(object, stdout, JSON_INDENT(1)) == 0 && putchar('\n') != EOF;
    json_decref(object);
    return ok || u4_fail_errno(err, "standard output");
}
