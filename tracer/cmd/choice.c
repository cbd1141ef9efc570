/* SPDX-License-Identifier: BSD-2-Clause */
#include "choice.h"

#include <string.h>

#include "cmd.h"
#include "hold.h"

static bool look(names_t *names, u4_error_t *err)
{
    if (!names->snapshot) {
        names->snapshot =
            hold_and_snapshot(names->source, names->kernel, names->qmp, NULL, NULL, err);
    }
    return names->snapshot != NULL;
}

bool names_thread(names_t *names, const char *text, uint32_t *ref, u4_error_t *err)
{
    uint64_t number;
    if (parse_uint(text, &number)) {
        *ref = (uint32_t)number;
        return true;
    }
    if (!look(names, err)) {
        return false;
    }
    const state_t *state = names->snapshot->state;
    unsigned found = 0;
    for (uint32_t i = 0; i < state->thread_count; i++) {
        if (strcmp(state->threads[i].name, text) == 0) {
            *ref = (uint32_t)state->threads[i].address;
            found++;
        }
    }
    if (found != 1) {
        return u4_fail(err,
                       found ? "%u threads are called '%s': give the reference of one (u4 caps)"
                             : "%u threads are called '%s' (u4 caps lists them)",
                       found, text);
    }
    return true;
}

void names_free(names_t *names)
{
    snapshot_free(names->snapshot);
    names->snapshot = NULL;
}

bool choice_apply(const choice_t *choice, attach_t *attach, names_t *names, u4_error_t *err)
{
    uint32_t thread = attach->header.filter_thread, object = attach->header.filter_object;
    uint64_t number = object;
    if (!choice->thread && !choice->object) {
        return true;
    }
    if (choice->thread && strcmp(choice->thread, "any") == 0) {
        thread = 0;
    } else if (choice->thread && !names_thread(names, choice->thread, &thread, err)) {
        return false;
    }
    if (choice->object && strcmp(choice->object, "any") == 0) {
        number = 0;
    } else if (choice->object && !parse_uint(choice->object, &number)) {
        return u4_fail(err, "expected an object's reference such as 0x80a03000, found '%s'",
                       choice->object);
    }
    return attach_set_filter(attach, thread, (uint32_t)number, err);
}

static bool name_of_thread(void *context, const char *name, uint32_t *ref)
{
    u4_error_t ignored;
    return names_thread(context, name, ref, &ignored);
}

bool choice_triggers(const choice_t *choice, const schema_t *schema, uint64_t timebase_hz,
                     names_t *names, const trigger_action_t *action, triggers_t *triggers,
                     u4_error_t *err)
{
    triggers->count = 0;
    for (unsigned i = 0; i < choice->triggers; i++) {
        trigger_plan_t plan;
        if (!trigger_parse(schema, choice->trigger[i], timebase_hz, names ? name_of_thread : NULL,
                           names, &plan, err)) {
            return false;
        }
        trace_trigger_t *last = &plan.trigger[plan.count - 1];
        last->actions = (uint16_t)action->actions;
        last->after = (uint32_t)choice->after;
        last->since += plan.count == 2 ? triggers->count : 0;
        memcpy(last->clear, action->clear, sizeof(last->clear));
        memcpy(last->set, action->set, sizeof(last->set));
        memcpy(&triggers->trigger[triggers->count], plan.trigger,
               plan.count * sizeof(plan.trigger[0]));
        triggers->count += plan.count;
    }
    return true;
}

void choice_events(const triggers_t *triggers, const schema_t *schema,
                   uint64_t mask[TRACE_MASK_WORDS])
{
    u4_error_t ignored; /* of a kernel without this event */
    for (uint32_t i = 0; i < triggers->count; i++) {
        unsigned id = triggers->trigger[i].event;
        const char *name = schema_event(schema, id)->full_name;
        mask[id / 64 % TRACE_MASK_WORDS] |= 1ull << id % 64;
        if (strcmp(name, "ipc.transfer") == 0 || strcmp(name, "ipc.block") == 0) {
            schema_mask_change(schema, "ipc.reply_wait", mask, &ignored);
        }
    }
}

bool choice_add_trigger(choice_t *choice, const char *text)
{
    if (choice->triggers == CHOICE_TRIGGERS) {
        return false;
    }
    choice->trigger[choice->triggers++] = text;
    return true;
}
