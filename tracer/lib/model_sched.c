/* SPDX-License-Identifier: BSD-2-Clause */
/* Who runs, who is ready, who waits. */
#include <string.h>

#include "model_private.h"

const char *thread_state_name(thread_state_t state)
{
    static const char *const names[THREAD_STATES] = {
        [THREAD_UNKNOWN] = "unknown",     [THREAD_RUNNING] = "running",
        [THREAD_READY] = "ready",         [THREAD_SENDING] = "sending",
        [THREAD_CALLING] = "calling",     [THREAD_RECEIVING] = "receiving",
        [THREAD_REPLY] = "awaits reply",  [THREAD_NTFN] = "awaits signal",
        [THREAD_FAULTED] = "faulted",     [THREAD_BLOCKED] = "blocked",
        [THREAD_POSTPONED] = "no budget", [THREAD_STOPPED] = "stopped",
        [THREAD_IDLE] = "idle",           [THREAD_DEAD] = "dead",
    };
    return state < THREAD_STATES ? names[state] : "?";
}

void model_set_state(model_t *model, thread_t *thread, thread_state_t state, uint64_t time)
{
    (void)model;
    if (time > thread->since) {
        thread->time_in[thread->state] += time - thread->since;
        thread->since = time;
    }
    thread->state = state;
}

bool model_is_current(const model_t *model, const thread_t *thread)
{
    return thread->hart >= 0 && model->harts[thread->hart].current == thread;
}

void model_will_be(model_t *model, thread_t *thread, thread_state_t state, uint64_t time)
{
    if (model_is_current(model, thread)) {
        thread->next_state = state;
    } else {
        model_set_state(model, thread, state, time);
    }
}

uint64_t model_stop_waiting(thread_t *thread, uint64_t time)
{
    uint64_t since = thread->waiting_since;
    if (thread->wait_object) {
        thread->wait_object->waiting--;
        thread->wait_object = NULL;
    }
    thread->waiting_since = 0;
    return since && time > since ? time - since : 0;
}

uint64_t thread_time_in(const model_t *model, const thread_t *thread, thread_state_t state)
{
    uint64_t time = thread->time_in[state];
    if (thread->state == state && model->time > thread->since) {
        time += model->time - thread->since;
    }
    return time;
}

static void leave(model_t *model, thread_t *thread, thread_state_t fallback, uint64_t time)
{
    thread_state_t state = thread->next_state != THREAD_UNKNOWN ? thread->next_state : fallback;
    thread->next_state = THREAD_UNKNOWN;
    thread->preemptions += state == THREAD_READY && !thread->idle;
    model_set_state(model, thread, thread->idle ? THREAD_STOPPED : state, time);
}

void model_switch(model_t *model, event_t *event, thread_t *next, thread_state_t fallback)
{
    hart_t *hart = &model->harts[event->hart];
    uint64_t time = event->time;
    thread_t *prev = hart->current;
    uint64_t ran = prev && time > hart->since ? time - hart->since : 0;
    if (prev) {
        *(prev->idle ? &hart->idle_time : &hart->busy_time) += ran;
        if (prev != next) {
            leave(model, prev, fallback, time);
        }
    }
    hart->current = next;
    hart->since = time;
    if (!next) {
        return;
    }
    if (next->hart >= 0 && next->hart != (int32_t)event->hart &&
        model->harts[next->hart].current == next) {
        model->harts[next->hart].current = NULL; /* migrated, its leaving was lost */
    }
    next->hart = (int32_t)event->hart;
    next->switches++;
    model_stop_waiting(next, time);
    model_set_state(model, next, next->idle ? THREAD_IDLE : THREAD_RUNNING, time);
    if (next->call.active && next->call.replied) {
        model_call_over(model, event, next, EFFECT_CALL_DONE);
    }
}

static thread_state_t state_after(uint64_t reason)
{
    switch (reason) {
    case TRACE_SWITCH_REASON_BLOCKED: return THREAD_BLOCKED;
    case TRACE_SWITCH_REASON_STOPPED: return THREAD_STOPPED;
    default: return THREAD_READY;
    }
}

static void mark_idle(model_t *model, thread_t *thread, uint32_t hart)
{
    if (thread && !thread->idle) {
        thread->idle = true;
        if (thread->state == THREAD_RUNNING) {
            /* It ran up to now under the wrong name. */
            thread->state = THREAD_IDLE;
        }
        if (!thread->named) {
            strcpy(thread->name, "idle");
        }
    }
    if (thread && hart < MODEL_MAX_HARTS) {
        model->harts[hart].idle = thread;
    }
}

static void on_switch(model_t *model, event_t *event)
{
    if (event->hart >= MODEL_MAX_HARTS) {
        return;
    }
    uint64_t reason = model_get(model, F_SWITCH_REASON, event);
    thread_t *next =
        model_thread_get(model, (uint32_t)model_get(model, F_SWITCH_NEXT, event), event);
    if (reason == TRACE_SWITCH_REASON_IDLE) {
        mark_idle(model, event->thread, event->hart);
    }
    event->prev = model->harts[event->hart].current;
    event->other = next;
    event->effects |= EFFECT_SWITCH;
    if (next) {
        next->priority = (uint8_t)model_get(model, F_SWITCH_PRIORITY, event);
        next->domain = (uint8_t)model_get(model, F_SWITCH_DOMAIN, event);
        event->cause = next->last_wake;
        next->last_wake.ring = EVENT_NONE;
    }
    model_switch(model, event, next, state_after(reason));
}

static void on_wake(model_t *model, event_t *event)
{
    thread_t *woken =
        model_thread_get(model, (uint32_t)model_get(model, F_WAKE_THREAD, event), event);
    event->other = woken;
    if (!woken) {
        return;
    }
    woken->priority = (uint8_t)model_get(model, F_WAKE_PRIORITY, event);
    event->object = model_object(model, (uint32_t)model_get(model, F_WAKE_OBJECT, event));
    event->waited = model_stop_waiting(woken, event->time);
    event->cause = woken->wake_cause;
    event->effects |= EFFECT_WOKEN;
    woken->wake_cause.ring = EVENT_NONE;
    woken->last_wake = event_ref(event);
    if (model_is_current(model, woken)) {
        woken->next_state = THREAD_UNKNOWN;
    } else if (woken->state != THREAD_POSTPONED) {
        model_set_state(model, woken, THREAD_READY, event->time);
    }
}

static void on_priority(model_t *model, event_t *event)
{
    event->other =
        model_thread_get(model, (uint32_t)model_get(model, F_PRIORITY_THREAD, event), event);
    if (event->other) {
        event->other->priority = (uint8_t)model_get(model, F_PRIORITY_PRIORITY, event);
        event->other->mcp = (uint8_t)model_get(model, F_PRIORITY_MCP, event);
    }
}

static void on_domain(model_t *model, event_t *event)
{
    event->other =
        model_thread_get(model, (uint32_t)model_get(model, F_DOMAIN_THREAD, event), event);
    if (event->other) {
        event->other->domain = (uint8_t)model_get(model, F_DOMAIN_DOMAIN, event);
    }
}

static void on_entry(model_t *model, event_t *event)
{
    if (event->hart < MODEL_MAX_HARTS) {
        hart_t *hart = &model->harts[event->hart];
        hart->entered = event->time;
        hart->entry_kind = (uint8_t)model_get(model, F_ENTRY_KIND, event);
        hart->last_entry = event_ref(event);
    }
    if (event->thread) {
        event->thread->entered = event->time;
    }
}

static void on_exit(model_t *model, event_t *event)
{
    if (event->hart < MODEL_MAX_HARTS) {
        hart_t *hart = &model->harts[event->hart];
        if (hart->entered && event->time >= hart->entered) {
            event->waited = event->time - hart->entered;
            event->cause = hart->last_entry;
        }
        hart->entered = 0;
    }
}

const model_handler_t model_sched_handlers[] = {
    {"sched.switch", on_switch},
    {"sched.wake", on_wake},
    {"sched.priority", on_priority},
    {"sched.domain", on_domain},
    {"kernel.entry", on_entry},
    {"kernel.exit", on_exit},
    {NULL, NULL},
};
