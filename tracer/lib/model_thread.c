/* SPDX-License-Identifier: BSD-2-Clause */
/* Life of threads, and what the capability events tell about objects. */
#include <stdio.h>
#include <string.h>

#include "model_private.h"

static thread_t *concerned(model_t *model, event_t *event, enum model_field field)
{
    event->other = model_thread_get(model, (uint32_t)model_get(model, field, event), event);
    return event->other;
}

static void on_create(model_t *model, event_t *event)
{
    uint32_t ref = (uint32_t)model_get(model, F_CREATE_THREAD, event);
    thread_t *t = model_thread(model, ref);
    bool foreseen = t && t->loaded && model->private->loaded_at_end;
    if (foreseen) {
        t->loaded = false;
        event->effects |= EFFECT_THREAD_NEW;
    } else if (t && (t->created_seen || t != event->thread)) {
        model_thread_kill(model, t, event); /* its deletion was not traced, or lost */
        t = NULL;
    }
    if (!t && ref) {
        t = model_thread_make(model, ref, event);
        model_set_state(model, t, THREAD_STOPPED, event->time);
    }
    event->other = t;
    if (t) {
        t->created_seen = true;
    }
}

void model_name_process(thread_t *t)
{
    process_t *p = t->process;
    if (t->named && p->vspace && strncmp(p->name, "vspace@", 7) == 0) {
        snprintf(p->name, sizeof(p->name), "%s", t->name);
    }
}

static void on_name(model_t *model, event_t *event)
{
    thread_t *t = concerned(model, event, F_NAME_THREAD);
    const schema_field_t *text = model->private->fields[F_NAME_TEXT];
    size_t offset = (size_t)model_get(model, F_NAME_OFFSET, event);
    if (!t || text->type != FIELD_STR || offset >= sizeof(t->name)) {
        return;
    }
    char piece[13];
    schema_field_str(text, event->record, piece);
    if (offset == 0) {
        memset(t->name, 0, sizeof(t->name));
    }
    if (offset > strlen(t->name)) {
        return; /* a piece before it was lost */
    }
    snprintf(t->name + offset, sizeof(t->name) - offset, "%s", piece);
    t->named = t->name[0] != 0;
    if (!t->named) {
        snprintf(t->name, sizeof(t->name), "tcb@%x", t->ref);
    }
    t->idle |= strncmp(t->name, "idle", 4) == 0 && t->process == model->processes;
    event->effects |= EFFECT_THREAD_NAMED;
    model_name_process(t);
}

static void on_configure(model_t *model, event_t *event)
{
    thread_t *t = concerned(model, event, F_CONFIGURE_THREAD);
    if (!t) {
        return;
    }
    model_thread_process(model, t, (uint32_t)model_get(model, F_CONFIGURE_VSPACE, event));
    t->cspace = (uint32_t)model_get(model, F_CONFIGURE_CSPACE, event);
    event->effects |= EFFECT_PROCESS;
    model_name_process(t);
}

static void on_suspend(model_t *model, event_t *event)
{
    thread_t *t = concerned(model, event, F_SUSPEND_THREAD);
    if (t) {
        model_stop_waiting(t, event->time);
        model_will_be(model, t, THREAD_STOPPED, event->time);
    }
}

static void on_resume(model_t *model, event_t *event)
{
    thread_t *t = concerned(model, event, F_RESUME_THREAD);
    if (t) {
        t->wake_cause = event_ref(event);
        if (t->state == THREAD_STOPPED) {
            model_set_state(model, t, THREAD_READY, event->time);
        }
    }
}

static void on_delete(model_t *model, event_t *event)
{
    uint32_t ref = (uint32_t)model_get(model, F_THREAD_DELETE_THREAD, event);
    event->other = model_thread(model, ref);
    if (event->other) {
        model_thread_kill(model, event->other, event);
    }
}

static void on_start(model_t *model, event_t *event)
{
    thread_t *t = concerned(model, event, F_START_THREAD);
    if (t && !t->entry_pc) {
        t->entry_pc = model_get(model, F_START_PC, event);
        model_name_by_start(model, t, t->entry_pc, event);
    }
}

static void on_ipc_buffer(model_t *model, event_t *event)
{
    concerned(model, event, F_IPC_BUFFER_THREAD);
}

static void on_fault_reply(model_t *model, event_t *event)
{
    concerned(model, event, F_FAULT_REPLY_THREAD);
}

static bool is_queue(uint64_t type)
{
    return type == TRACE_CAPTYPE_ENDPOINT || type == TRACE_CAPTYPE_NOTIFICATION;
}

static void on_make(model_t *model, event_t *event)
{
    uint64_t type = model_get(model, F_MAKE_TYPE, event) % MODEL_CAP_TYPES;
    model->caps_made[type]++;
    if (is_queue(type)) {
        event->object = model_object_get(model, (uint32_t)model_get(model, F_MAKE_OBJECT, event));
        if (event->object) {
            event->object->type = (uint8_t)type;
        }
    }
}

static void on_cap_delete(model_t *model, event_t *event)
{
    uint64_t type = model_get(model, F_DELETE_TYPE, event) % MODEL_CAP_TYPES;
    model->caps_deleted[type]++;
    if (is_queue(type)) {
        event->object = model_object(model, (uint32_t)model_get(model, F_DELETE_OBJECT, event));
        if (event->object && model_get(model, F_DELETE_FINAL, event)) {
            model_object_kill(model, event->object);
        }
    }
}

const model_handler_t model_thread_handlers[] = {
    {"thread.create", on_create},       {"thread.name", on_name},
    {"thread.configure", on_configure}, {"thread.suspend", on_suspend},
    {"thread.resume", on_resume},       {"thread.delete", on_delete},
    {"thread.start", on_start},         {"thread.ipc_buffer", on_ipc_buffer},
    {"fault.reply", on_fault_reply},    {"cap.make", on_make},
    {"cap.delete", on_cap_delete},      {NULL, NULL},
};
