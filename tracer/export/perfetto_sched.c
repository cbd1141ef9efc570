/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scheduling: Perfetto's generic task states. A switch is two packets of the same time, the
 * leaving thread's new state first. States that mean "waits for work" become S, those that mean
 * "waits for somebody's answer" D; the slice on the thread's track says for what.
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

/* Zero is the default of `cpu`, so hart 0 need not be written. */
static void put_state(px_t *s, px_thread_t *x, uint32_t hart, enum pf_task_state task, int priority)
{
    /* Two states of a thread at one time are an error: the second is moved on by the least. */
    uint64_t time = pf_time(&s->pf, s->sequence, s->now);
    if (x->task && time <= x->task_since) {
        time = x->task_since + 1;
    }
    x->task_since = time;
    uint8_t *body = pb_open(pf_packet_alone(&s->pf, s->sequence, time), F_TASK_STATE);
    uint8_t *p = body;
    if (hart > 0) {
        p = pb_uint(p, F_STATE_CPU, hart);
    }
    p = pb_uint(p, F_STATE_TID, x->uid);
    p = pb_uint(p, F_STATE_STATE, task);
    if (priority >= 0) {
        p = pb_uint(p, F_STATE_PRIORITY, (uint64_t)priority);
    }
    pf_packet_done(&s->pf, pb_close(body, p));

    s->counters.ready -= x->task == TASK_RUNNABLE;
    s->counters.ready += task == TASK_RUNNABLE;
    x->task = (uint8_t)task;
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
            put_state(s, x, i, TASK_RUNNABLE, -1);
            s->harts[i].running = NULL;
        }
    }
}

void px_switch(px_t *s, const event_t *event, const thread_t *from, const thread_t *to,
               int priority)
{
    px_hart_t *h = s->hart;
    px_thread_t *next = px_thread(s, to);
    px_thread_t *last = h->running;
    if (last == next) {
        return;
    }
    if (last && last->task == TASK_RUNNING) {
        enum pf_task_state task = TASK_RUNNABLE;
        if (from && from->uid == last->uid) {
            task = left_as(from);
        } else if (last->idle) {
            task = TASK_SLEEPING;
        }
        put_state(s, last, event->hart, task, -1);
    }
    h->running = next;
    px_describe(s, next, to);
    if (next->task == TASK_RUNNING) { /* on another hart: it must have left that unseen */
        leave_others(s, next, event->hart);
    }
    px_end(s, next, SLICE_BUDGET);
    put_state(s, next, event->hart, TASK_RUNNING, priority);
    if (next->arrow) {
        pf_event_t e = px_instant(s, next->track, CAT_SIGNAL, NAME_WOKEN);
        pf_flow_end(&e, next->arrow);
        pf_done(&e);
        next->arrow = 0;
    }
    if (next->work.kind != WORK_NONE && !px_is_open(next, SLICE_CALL)) {
        px_work_begin(s, next);
    }
}

void px_sync(px_t *s, const thread_t *thread)
{
    uint8_t task = task_states[thread->state];
    if (task == 0 || task == TASK_RUNNING || thread->idle) {
        return;
    }
    px_thread_t *x = px_thread(s, thread);
    if (x->task == task || x->task == TASK_RUNNING) {
        return;
    }
    if (!x->described && task == TASK_STOPPED) {
        return; /* just made: it has no address space yet, by which it will be known */
    }
    px_describe(s, x, thread);
    put_state(s, x, 0, task, -1);
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
    put_state(s, x, hart < MODEL_MAX_HARTS ? hart : 0, TASK_DEAD, -1);
}

void px_forget_hart(px_t *s, uint32_t hart)
{
    px_thread_t *last = s->hart->running;
    if (last && last->task == TASK_RUNNING) {
        put_state(s, last, hart, last->idle ? TASK_SLEEPING : TASK_RUNNABLE, -1);
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
