/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes, threads, harts and kernel objects as Perfetto knows them, described when first used. */
#include <stdio.h>
#include <stdlib.h>

#include "memory.h"
#include "perfetto_sink.h"

/* Track ids of processes; all others count up from 1. */
enum { PROCESS_TRACKS = 1 << 30 };

/* ---- descriptors ---- */

typedef struct {
    uint8_t *body, *p;
} track_t;

static track_t open_track(px_t *s, uint64_t uuid)
{
    uint8_t *body = pb_open(pf_packet(&s->pf, s->sequence, s->now), F_TRACK_DESCRIPTOR);
    return (track_t){.body = body, .p = pb_uint(body, F_TRACK_UUID, uuid)};
}

static void close_track(px_t *s, track_t *t)
{
    pf_packet_done(&s->pf, pb_close(t->body, t->p));
}

static void put_track(px_t *s, uint64_t uuid, uint64_t parent, const char *name, int rank,
                      int order)
{
    track_t t = open_track(s, uuid);
    t.p = pb_string(t.p, F_TRACK_NAME, name, PF_TEXT_MAX);
    if (parent) {
        t.p = pb_uint(t.p, F_TRACK_PARENT, parent);
    }
    if (rank >= 0) {
        t.p = pb_uint(t.p, F_TRACK_RANK, (uint64_t)rank);
    }
    if (order) {
        t.p = pb_uint(t.p, F_TRACK_CHILD_ORDER, (uint64_t)order);
    }
    close_track(s, &t);
}

uint64_t px_group(px_t *s, enum px_group group)
{
    static const struct {
        const char *name;
        int order;
    } groups[] = {
        [GROUP_HARTS] = {"Kernel", CHILDREN_EXPLICIT},
        [GROUP_ENDPOINTS] = {"Endpoints", CHILDREN_CHRONOLOGICAL},
        [GROUP_NOTIFICATIONS] = {"Notifications", CHILDREN_CHRONOLOGICAL},
        [GROUP_IRQS] = {"Interrupts", CHILDREN_EXPLICIT},
        [GROUP_RECEIVERS] = {"User interrupts", CHILDREN_EXPLICIT},
        [GROUP_CONNECTIONS] = {"Async connections", CHILDREN_EXPLICIT},
        [GROUP_ASYNC] = {"Async system calls", CHILDREN_EXPLICIT},
        [GROUP_COUNTERS] = {"Counters", CHILDREN_EXPLICIT},
        [GROUP_CONSOLE] = {"Console", 0},
    };
    if (s->groups[group] == 0) {
        s->groups[group] = s->next_track++;
        put_track(s, s->groups[group], 0, groups[group].name, (int)group, groups[group].order);
    }
    return s->groups[group];
}

uint64_t px_hart_track(px_t *s, uint32_t hart)
{
    px_hart_t *h = &s->harts[hart < MODEL_MAX_HARTS ? hart : MODEL_MAX_HARTS];
    if (h->track == 0) {
        uint64_t group = px_group(s, GROUP_HARTS);
        h->track = PF_HART_TRACKS + (uint64_t)(h - s->harts);
        if (hart < MODEL_MAX_HARTS) {
            snprintf(h->name, sizeof(h->name), "hart %u", hart);
        } else {
            snprintf(h->name, sizeof(h->name), "user rings");
        }
        put_track(s, h->track, group, h->name, (int)(h - s->harts), 0);
    }
    return h->track;
}

uint64_t px_counter_track(px_t *s, const char *name, const char *unit, unsigned rank)
{
    return px_counter_below(s, px_group(s, GROUP_COUNTERS), name, unit, rank);
}

uint64_t px_counter_below(px_t *s, uint64_t parent, const char *name, const char *unit,
                          unsigned rank)
{
    uint64_t uuid = s->next_track++;
    track_t t = open_track(s, uuid);
    t.p = pb_string(t.p, F_TRACK_NAME, name, PF_TEXT_MAX);
    t.p = pb_uint(t.p, F_TRACK_PARENT, parent);
    t.p = pb_uint(t.p, F_TRACK_RANK, rank);
    uint8_t *body = pb_open(t.p, F_TRACK_COUNTER);
    uint8_t *p = strcmp(unit, "bytes") == 0 ? pb_uint(body, F_COUNTER_UNIT, UNIT_BYTES)
                 : strcmp(unit, "ns") == 0  ? pb_uint(body, F_COUNTER_UNIT, UNIT_TIME_NS)
                                            : pb_string(body, F_COUNTER_UNIT_NAME, unit, 32);
    t.p = pb_close(body, p);
    close_track(s, &t);
    return uuid;
}

/* ---- processes ---- */

static uint32_t hash_text(const char *text)
{
    uint32_t hash = 2166136261u;
    while (*text) {
        hash = (hash ^ (uint8_t)*text++) * 16777619u;
    }
    return hash | 1;
}

/* A process tree makes a process, each time that it names one: a new name for one that is there
 * goes in its track's description. */
static void put_process(px_t *s, uint32_t pid, const char *name, bool is_new)
{
    uint8_t *p;
    if (is_new) {
        uint8_t *body = pb_open(pf_packet(&s->pf, s->sequence, s->now), F_PROCESS_TREE);
        uint8_t *process = pb_open(body, F_TREE_PROCESS);
        p = pb_uint(process, F_TREE_PID, pid);
        p = pb_close(process, pb_string(p, F_TREE_CMDLINE, name, PF_TEXT_MAX));
        pf_packet_done(&s->pf, pb_close(body, p));
    }
    track_t t = open_track(s, PROCESS_TRACKS + pid);
    uint8_t *process = pb_open(t.p, F_TRACK_PROCESS);
    p = pb_uint(process, F_PROCESS_PID, pid);
    t.p = pb_close(process, pb_string(p, F_PROCESS_NAME, name, PF_TEXT_MAX));
    close_track(s, &t);
}

/* Perfetto wants the pid to be the tid of a process' main thread: that is its first one here. A
 * thread whose address space is not known (the root task's at boot) is a process of its own. */
static void describe_process(px_t *s, px_thread_t *x, const thread_t *thread)
{
    const process_t *process = thread->process;
    if (x->idle) {
        x->pid = 0;
        return;
    }
    if (process->id == 0) {
        x->pid = x->described ? x->pid : x->uid;
        if (x->pid == x->uid) {
            put_process(s, x->pid, x->name, !x->described);
        }
        return;
    }
    if (process->id >= s->process_slots) {
        uint32_t slots = 2 * (process->id + 8);
        s->processes = memory_grow(s->processes, slots, sizeof(*s->processes));
        memset(s->processes + s->process_slots, 0,
               (slots - s->process_slots) * sizeof(*s->processes));
        s->process_slots = slots;
    }
    px_process_t *known = &s->processes[process->id];
    if (known->pid == 0) {
        known->pid = x->described ? x->pid : x->uid;
    }
    if (!x->described) { /* a process is for life */
        x->pid = known->pid;
    }
    uint32_t hash = hash_text(process->name);
    if (known->name_hash != hash) {
        bool is_new = known->name_hash == 0 && known->pid == x->uid && !x->described;
        known->name_hash = hash;
        put_process(s, known->pid, process->name, is_new);
    }
}

/* ---- threads ---- */

static void name_thread(px_t *s, px_thread_t *x, const thread_t *thread)
{
    pf_forget(&s->pf, &x->as_text);
    px_forget_texts(s, x->phrases, PHRASES);
    x->named = thread->named;
    snprintf(x->name, sizeof(x->name), "%s", thread->name);
    pf_register(&s->pf, &x->as_text, F_ANNOTATION_STRINGS, x->name);
}

/* Nothing may take the next thread of this slot for the one that is gone. */
static void detach(px_t *s, const px_thread_t *x)
{
    for (uint32_t i = 0; i <= MODEL_MAX_HARTS; i++) {
        px_hart_t *h = &s->harts[i];
        h->running = h->running == x ? NULL : h->running;
        h->visitor = h->visitor == x ? NULL : h->visitor;
        h->entry.thread = h->entry.thread == x ? NULL : h->entry.thread;
        h->sender = h->sender == x ? NULL : h->sender;
        h->receiver = h->receiver == x ? NULL : h->receiver;
    }
}

px_thread_t *px_thread_slow(px_t *s, const thread_t *thread)
{
    if (thread->index >= s->thread_slots) {
        uint32_t slots = 2 * (thread->index + 16);
        s->threads = memory_grow(s->threads, slots, sizeof(*s->threads));
        memset(s->threads + s->thread_slots, 0, (slots - s->thread_slots) * sizeof(*s->threads));
        s->thread_slots = slots;
    }
    px_thread_t *x = s->threads[thread->index];
    if (!x) {
        x = s->threads[thread->index] = memory_new(1, sizeof(*x));
    } else {
        px_cut(s, x);
        detach(s, x);
        s->counters.ready -= x->task == TASK_RUNNABLE;
        pf_forget(&s->pf, &x->as_text);
        px_forget_texts(s, x->phrases, PHRASES);
        memset(x, 0, sizeof(*x));
    }
    x->uid = thread->uid;
    x->track = s->next_track++;
    name_thread(s, x, thread);
    return x;
}

static void put_thread(px_t *s, const px_thread_t *x)
{
    uint8_t *body, *p;
    if (x->described) {
        body = pb_open(pf_packet(&s->pf, s->sequence, s->now), F_TASK_RENAME);
        p = pb_uint(body, F_RENAME_TID, x->uid);
        p = pb_string(p, F_RENAME_COMM, x->name, PF_TEXT_MAX);
    } else {
        body = pb_open(pf_packet(&s->pf, s->sequence, s->now), F_PROCESS_TREE);
        uint8_t *thread = pb_open(body, F_TREE_THREAD);
        p = pb_uint(thread, F_TREE_TID, x->uid);
        p = pb_uint(p, F_TREE_TID_PID, x->pid);
        p = pb_string(p, F_TREE_COMM, x->name, PF_TEXT_MAX);
        if (x->idle) {
            p = pb_uint(p, F_TREE_IDLE, 1);
        }
        p = pb_close(thread, p);
    }
    pf_packet_done(&s->pf, pb_close(body, p));

    track_t t = open_track(s, x->track);
    uint8_t *thread = pb_open(t.p, F_TRACK_THREAD);
    p = pb_uint(thread, F_THREAD_PID, x->pid);
    p = pb_uint(p, F_THREAD_TID, x->uid);
    t.p = pb_close(thread, pb_string(p, F_THREAD_NAME, x->name, PF_TEXT_MAX));
    close_track(s, &t);
}

void px_describe_now(px_t *s, px_thread_t *x, const thread_t *thread)
{
    if (strcmp(x->name, thread->name) != 0) {
        name_thread(s, x, thread);
    }
    if (!x->described) {
        x->idle = thread->idle;
    }
    describe_process(s, x, thread);
    put_thread(s, x);
    x->described = true;
}

void px_thread_renamed(px_t *s, const thread_t *thread)
{
    px_thread_t *x = px_thread(s, thread);
    if (x->described) {
        px_describe_now(s, x, thread);
    } else {
        name_thread(s, x, thread);
    }
}

void px_thread_gone(px_t *s, const thread_t *thread)
{
    px_thread_t *x = px_thread(s, thread);
    if (x->described) {
        px_cut(s, x);
        px_state_dead(s, x);
    }
    px_coro_thread_gone(s, x);
    detach(s, x);
}

/* ---- objects ---- */

static px_object_t *find(px_object_t **table, uint32_t ref)
{
    px_object_t *object = table[ref / 16 % PX_OBJECT_BUCKETS];
    while (object && object->ref != ref) {
        object = object->next;
    }
    return object;
}

static px_object_t *insert(px_object_t **table, uint32_t ref)
{
    px_object_t *object = memory_new(1, sizeof(*object));
    px_object_t **bucket = &table[ref / 16 % PX_OBJECT_BUCKETS];
    object->ref = ref;
    object->next = *bucket;
    *bucket = object;
    return object;
}

/* "endpoint 80500040 (fs)": objects have no names, but who is first known to wait there tells what
 * they are for. */
static void name_object(px_object_t *object, enum px_group group, const px_thread_t *waits)
{
    const char *type = group == GROUP_ENDPOINTS ? "endpoint" : "notification";
    bool named = waits && waits->named;
    snprintf(object->name, sizeof(object->name), "%s %x%s%s%s", type, object->ref,
             named ? " (" : "", named ? waits->name : "", named ? ")" : "");
}

px_object_t *px_object(px_t *s, enum px_group group, uint32_t ref, uint32_t uid,
                       const px_thread_t *waits)
{
    px_object_t *object = find(s->objects, ref);
    if (__builtin_expect(object && object->uid == uid, 1)) {
        return object;
    }
    if (!object) {
        object = insert(s->objects, ref);
    }
    pf_forget(&s->pf, &object->as_text);
    px_forget_texts(s, object->waits, PX_WAITS);
    object->uid = uid;
    object->last_flow = 0;
    name_object(object, group, waits);
    pf_register(&s->pf, &object->as_text, F_ANNOTATION_STRINGS, object->name);
    uint64_t parent = px_group(s, group);
    object->track = s->next_track++;
    put_track(s, object->track, parent, object->name, -1, 0);
    return object;
}

void px_object_gone(px_t *s, uint32_t ref)
{
    px_object_t **link = &s->objects[ref / 16 % PX_OBJECT_BUCKETS];
    while (*link && (*link)->ref != ref) {
        link = &(*link)->next;
    }
    px_object_t *object = *link;
    if (!object) {
        return;
    }
    for (uint32_t i = 0; i < s->thread_slots; i++) {
        px_work_t *work = s->threads[i] ? &s->threads[i]->work : NULL;
        if (work && work->object == object) {
            work->object = NULL;
        }
    }
    *link = object->next;
    pf_forget(&s->pf, &object->as_text);
    px_forget_texts(s, object->waits, PX_WAITS);
    free(object);
}

px_object_t *px_irq(px_t *s, uint32_t irq)
{
    px_object_t *object = find(s->irqs, irq);
    if (!object) {
        object = insert(s->irqs, irq);
        snprintf(object->name, sizeof(object->name), "IRQ %u", irq);
        object->track = px_child_track(s, GROUP_IRQS, object->name, irq & 0xffff);
    }
    return object;
}

uint64_t px_child_track(px_t *s, enum px_group group, const char *name, uint32_t rank)
{
    return px_track_below(s, px_group(s, group), name, rank);
}

uint64_t px_track_below(px_t *s, uint64_t parent, const char *name, uint32_t rank)
{
    uint64_t track = s->next_track++;
    put_track(s, track, parent, name, (int)rank, CHILDREN_EXPLICIT);
    return track;
}

static void free_objects(px_object_t **table)
{
    for (size_t i = 0; i < PX_OBJECT_BUCKETS; i++) {
        for (px_object_t *next, *object = table[i]; object; object = next) {
            next = object->next;
            px_free_texts(object->waits, PX_WAITS);
            free(object);
        }
    }
}

void px_tracks_free(px_t *s)
{
    free_objects(s->objects);
    free_objects(s->irqs);
    for (uint32_t i = 0; i < s->thread_slots; i++) {
        if (s->threads[i]) {
            px_free_texts(s->threads[i]->phrases, PHRASES);
        }
        free(s->threads[i]);
    }
    free(s->threads);
    free(s->processes);
}
