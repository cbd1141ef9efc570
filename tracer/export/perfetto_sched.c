/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scheduling: Perfetto's generic task states. A switch is two packets of the same time: the next
 * thread runs; the last one's state is another, for which the hart need not be told any more (and
 * nobody asks for the state of an idle thread that does not run). States that mean "waits for work"
 * become S, those that mean "waits for somebody's answer" D; the slice on the thread's track says
 * for what.
 */
#include "perfetto_sink.h"

static const uint8_t task_states[THREAD_STATES] = {
    [THREAD_UNKNOWN] = 0,
    [THREAD_RUNNING] = TASK_RUNNING,
    [THREAD_READY] = TASK_RUNNABLE,
    [THREAD_SENDING] = TASK_WAITING,
    [THREAD_CALLING] = TASK_WAITING,
    [THREAD_RECEIVING] = TASK_SLEEPING,
    [THREAD_REPLY] = TASK_WAITING,
    [THREAD_NTFN] = TASK_SLEEPING,
    [THREAD_FAULTED] = TASK_STOPPED,
    [THREAD_BLOCKED] = TASK_SLEEPING,
    [THREAD_POSTPONED] = TASK_SLEEPING,
    [THREAD_STOPPED] = TASK_STOPPED,
    [THREAD_IDLE] = TASK_SLEEPING,
    [THREAD_DEAD] = TASK_DEAD,
};

/* When the threads' states can change: two states of a thread at one time are an error, the second
 * is moved on by the least. `y` may be NULL. */
static uint64_t time_of_change(const px_t *s, const px_thread_t *x, const px_thread_t *y)
{
    uint64_t time = pf_time(&s->pf, s->sequence, s->earliest);
    time = x->task && time <= x->task_since ? x->task_since + 1 : time;
    return y && y->task && time <= y->task_since ? y->task_since + 1 : time;
}

/* Zero is the default of hart and priority: it need not be written. */
static void put_state_at(px_t *s, px_thread_t *x, uint64_t time, uint32_t hart,
                         enum pf_task_state task, uint32_t priority)
{
    x->task_since = time;
    x->task_next = 0;
    uint8_t *body = pb_open(pf_packet_alone(&s->pf, s->sequence, time), F_TASK_STATE);
    uint8_t *p = body;
    if (hart > 0) {
        p = pb_uint(p, F_STATE_CPU, hart);
    }
    p = pb_uint(p, F_STATE_TID, x->uid);
    p = pb_uint(p, F_STATE_STATE, task);
    if (priority > 0) {
        p = pb_uint(p, F_STATE_PRIORITY, priority);
    }
    pf_packet_done(&s->pf, pb_close(body, p));

    s->counters.ready -= x->task == TASK_RUNNABLE;
    s->counters.ready += task == TASK_RUNNABLE;
    x->task = (uint8_t)task;
}

/* The state of a thread that does not run now. */
static void put_state(px_t *s, px_thread_t *x, uint32_t hart, enum pf_task_state task)
{
    put_state_at(s, x, time_of_change(s, x, NULL), hart, task, 0);
}

/* What a thread that no longer runs has become. */
static enum pf_task_state left_as(const thread_t *thread)
{
    if (thread->idle) {
        return TASK_SLEEPING;
    }
    uint8_t task = task_states[thread->state];
    return task == 0 || task == TASK_RUNNING ? TASK_RUNNABLE : task;
}

static void leave_others(px_t *s, px_thread_t *x, uint32_t hart)
{
    for (uint32_t i = 0; i < MODEL_MAX_HARTS; i++) {
        if (i != hart && s->harts[i].running == x) {
            put_state(s, x, i, TASK_RUNNABLE);
            s->harts[i].running = NULL;
        }
    }
}

/* Both states, where the next thread is known and described. */
static void put_switch(px_t *s, const event_t *event, px_thread_t *last, const thread_t *from,
                       px_thread_t *next, uint32_t priority)
{
    uint64_t time = time_of_change(s, next, last);
    put_state_at(s, next, time, event->hart, TASK_RUNNING, priority);
    if (last && last->idle) {
        last->task = TASK_SLEEPING;
        last->task_since = time;
    } else if (last) {
        bool known = from && from->uid == last->uid;
        put_state_at(s, last, time, 0, known ? left_as(from) : TASK_RUNNABLE, 0);
    }
}

void px_switch(px_t *s, const event_t *event, const thread_t *from, const thread_t *to,
               uint32_t priority)
{
    px_hart_t *h = s->hart;
    px_thread_t *next = px_thread(s, to);
    px_thread_t *last = h->running;
    if (last == next) {
        return;
    }
    h->running = next;
    px_describe(s, next, to);
    if (next->task == TASK_RUNNING) { /* on another hart: it must have left that unseen */
        leave_others(s, next, event->hart);
    }
    px_end(s, next, SLICE_BUDGET);
    put_switch(s, event, last && last->task == TASK_RUNNING ? last : NULL, from, next, priority);
    px_put_changed(s);
    if (next->arrow) {
        pf_event_t e = px_instant(s, next->track, CAT_SIGNAL, NAME_WOKEN);
        px_flow_end(s, &e, next->arrow);
        pf_done(&e);
        next->arrow = 0;
    }
    if (next->work.kind != WORK_NONE && !px_is_open(next, SLICE_CALL)) {
        px_work_begin(s, next);
    }
}

void px_put_changed_now(px_t *s)
{
    px_hart_t *h = s->hart;
    for (unsigned i = 0; i < h->changed_count; i++) {
        px_thread_t *x = h->changed[i];
        if (x->task_next) {
            put_state(s, x, 0, x->task_next);
        }
    }
    h->changed_count = 0;
}

/* What the kernel does to another thread counts when it is done with that: to whom the hart is
 * handed over is not shown as ready in between, nor as stopped whose wait is called off. */
void px_sync(px_t *s, const thread_t *thread)
{
    uint8_t task = task_states[thread->state];
    if (task == 0 || task == TASK_RUNNING || thread->idle) {
        return;
    }
    px_thread_t *x = px_thread(s, thread);
    px_hart_t *h = s->hart;
    bool listed = x->task_next;
    x->task_next = 0;
    if (x->task == task || x->task == TASK_RUNNING) {
        return;
    }
    if (!x->described && task == TASK_STOPPED) {
        return; /* just made: it has no address space yet, by which it will be known */
    }
    px_describe(s, x, thread);
    if (h->visit_kind && (listed || h->changed_count < PX_CHANGED)) {
        x->task_next = task;
        if (!listed) {
            h->changed[h->changed_count++] = x;
        }
        return;
    }
    put_state(s, x, 0, task);
}

void px_state_dead(px_t *s, px_thread_t *x)
{
    if (x->task == TASK_DEAD) { /* it died when it left its hart */
        return;
    }
    uint32_t hart = 0;
    while (hart < MODEL_MAX_HARTS && s->harts[hart].running != x) {
        hart++;
    }
    put_state(s, x, hart < MODEL_MAX_HARTS ? hart : 0, TASK_DEAD);
}

void px_forget_hart(px_t *s, uint32_t hart)
{
    px_thread_t *last = s->hart->running;
    if (last && last->task == TASK_RUNNING) {
        put_state(s, last, hart, last->idle ? TASK_SLEEPING : TASK_RUNNABLE);
    }
    s->hart->running = NULL;
    s->hart->blind = true;
    px_end_visit(s);
    for (uint32_t i = 0; i < s->thread_slots; i++) {
        if (s->threads[i] && s->threads[i]->task != TASK_RUNNING) {
            px_cut(s, s->threads[i]);
        }
    }
}
