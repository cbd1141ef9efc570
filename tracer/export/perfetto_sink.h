/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the Perfetto exporter share. The exporter keeps, per thread, the slices that
 * are open on its track; per ring, a kernel entry whose name is not known yet; per object, its
 * track. Everything else it asks the model.
 *
 *   perfetto.c           the sink: one event after the other to those below
 *   perfetto_names.c     texts: our own, those of the event table, labels
 *   perfetto_tracks.c    processes, threads, harts, objects as tracks
 *   perfetto_sched.c     who runs where, thread states
 *   perfetto_calls.c     kernel entry to exit; what a thread works on in between
 *   perfetto_ipc.c       messages, signals, waits, and the flows between threads
 *   perfetto_events.c    interrupts, and every event that needs no care of its own
 *   perfetto_uintr.c     user interrupts
 *   perfetto_coro.c      coroutines
 *   perfetto_conn.c      async IPC
 *   perfetto_async.c     async system calls
 *   perfetto_sc.c        scheduling contexts
 *   perfetto_smp.c       several harts: lock, interrupts, threads that move
 *   perfetto_sizes.c     how many bytes events take
 *   perfetto_counters.c  counter tracks
 *   perfetto_console.c   the guest's console
 *
 * A slice's arrow is drawn from its end: flows begin at instants, or where a slice ends.
 */
#ifndef TRACER_EXPORT_PERFETTO_SINK_H
#define TRACER_EXPORT_PERFETTO_SINK_H

#include "perfetto_state.h"

/* ---- names ---- */

void px_names_init(px_t *s, const schema_t *schema, uint32_t abi);
/* Names of an event, its fields, and of enumerations and classes that are new. */
void px_names_event(px_t *s, const schema_event_t *type);
void px_names_free(px_t *s);
pf_name_t *px_enum_text(px_t *s, const schema_field_t *field, uint64_t value);
pf_name_t *px_enum_name(px_t *s, const schema_field_t *field, uint64_t value);

pf_name_t *px_make_phrase(px_t *s, px_thread_t *x, enum px_phrase phrase);
pf_name_t *px_make_wait(px_t *s, px_object_t *object, unsigned why, enum px_name wait);
/* Those of a thread or object that has another name from now on. */
void px_forget_texts(px_t *s, px_text_t **texts, size_t count);
void px_free_texts(px_text_t **texts, size_t count);

static inline pf_name_t *px_phrase(px_t *s, px_thread_t *x, enum px_phrase phrase)
{
    px_text_t *text = x->phrases[phrase];
    return __builtin_expect(text != NULL, 1) ? &text->name : px_make_phrase(s, x, phrase);
}

/* `wait`: the name of such a wait, to which the object's is added. */
static inline pf_name_t *px_wait(px_t *s, px_object_t *object, unsigned why, enum px_name wait)
{
    px_text_t *text = object->waits[why];
    return __builtin_expect(text != NULL, 1) ? &text->name : px_make_wait(s, object, why, wait);
}

/* A field's value, 64 bits or unsigned; 0 if the trace's own event table does not have it. */
static inline uint64_t px_get(const px_t *s, enum px_field field, const event_t *event)
{
    return schema_bits(s->fields[field], event->record);
}

/* ---- tracks ---- */

px_thread_t *px_thread_slow(px_t *s, const thread_t *thread);
void px_thread_renamed(px_t *s, const thread_t *thread);
void px_thread_gone(px_t *s, const thread_t *thread);
void px_describe_now(px_t *s, px_thread_t *x, const thread_t *thread);
/* May write packets, too. `waits`: a thread that waits there, if one is known. */
px_object_t *px_object(px_t *s, enum px_group group, uint32_t ref, uint32_t uid,
                       const px_thread_t *waits);
px_object_t *px_irq(px_t *s, uint32_t irq);
/* A new track in a group, in the order of ranks; the name is copied. */
uint64_t px_track_below(px_t *s, uint64_t parent, const char *name, uint32_t rank);
uint64_t px_child_track(px_t *s, enum px_group group, const char *name, uint32_t rank);
void px_object_gone(px_t *s, uint32_t ref);
uint64_t px_group(px_t *s, enum px_group group);
uint64_t px_hart_track(px_t *s, uint32_t hart);
uint64_t px_counter_track(px_t *s, const char *name, const char *unit, unsigned rank);
uint64_t px_counter_below(px_t *s, uint64_t parent, const char *name, const char *unit,
                          unsigned rank);
void px_tracks_free(px_t *s);

/* Before a thread's track is used. */
static inline void px_describe(px_t *s, px_thread_t *x, const thread_t *thread)
{
    if (__builtin_expect(!x->described, 0)) {
        px_describe_now(s, x, thread);
    }
}

/* The exporter's side of a thread. May write packets: not while one is being made. */
static inline px_thread_t *px_thread(px_t *s, const thread_t *thread)
{
    px_thread_t *x = thread->index < s->thread_slots ? s->threads[thread->index] : NULL;
    return __builtin_expect(x && x->uid == thread->uid, 1) ? x : px_thread_slow(s, thread);
}

/* The event's current thread, described; NULL: nobody, or an idle thread. */
static inline px_thread_t *px_current(px_t *s, const event_t *event)
{
    px_thread_t *x = NULL;
    if (event->thread && !event->thread->idle) {
        x = px_thread(s, event->thread);
        px_describe(s, x, event->thread);
    }
    return x;
}

/* NULL if the exporter has not met it. */
static inline px_thread_t *px_thread_known(const px_t *s, const thread_t *thread)
{
    px_thread_t *x = thread->index < s->thread_slots ? s->threads[thread->index] : NULL;
    return x && x->uid == thread->uid ? x : NULL;
}

/* ---- packets at the event in hand ---- */

__attribute__((always_inline)) static inline pf_event_t px_event(px_t *s, enum pf_event_type type,
                                                                 uint64_t track)
{
    return pf_event(&s->pf, s->sequence, s->now, type, track);
}

static inline pf_event_t px_instant(px_t *s, uint64_t track, enum px_category category,
                                    enum px_name name)
{
    pf_event_t e = px_event(s, EVENT_INSTANT, track);
    pf_named(&e, &s->categories[category], &s->names[name]);
    return e;
}

/* What happened to an object, on its track; the caller adds to the event and ends it. */
static inline pf_event_t px_object_event(px_t *s, uint64_t track, pf_name_t *name)
{
    pf_event_t e = px_event(s, EVENT_INSTANT, track);
    pf_name(&e, name);
    return e;
}

/* The number of a new flow; the packet in the making or the next begins it. */
static inline uint64_t px_flow(px_t *s)
{
    px_flows_t *f = &s->flows;
    if (f->count == 0 || f->free[f->first].ended >= s->now) {
        return ++f->last;
    }
    uint64_t number = f->free[f->first].number;
    f->first = (f->first + 1) & (PX_FLOWS - 1);
    f->count--;
    return number;
}

/* The flow ends at the packet in the making: its number may stand for another. */
static inline void px_flow_end(px_t *s, pf_event_t *e, uint64_t flow)
{
    px_flows_t *f = &s->flows;
    pf_flow_end(e, flow);
    if (f->count < PX_FLOWS) {
        unsigned at = (f->first + f->count++) & (PX_FLOWS - 1);
        f->free[at].number = flow;
        f->free[at].ended = pf_time(&s->pf, s->sequence, s->now);
    }
}

/* ---- slices of threads ---- */

static inline bool px_is_open(const px_thread_t *x, enum px_slice kind)
{
    return x->open_kinds >> kind & 1;
}

/* Ends the slice of that kind, which is open, and those inside it; from its end leads the flow, if
 * that is not 0. */
void px_end_open(px_t *s, px_thread_t *x, enum px_slice kind, uint64_t flow);
/* The same, if it is open. */
static inline void px_end(px_t *s, px_thread_t *x, enum px_slice kind)
{
    if (px_is_open(x, kind)) {
        px_end_open(s, x, kind, 0);
    }
}
/* Begins a slice without a name; for the functions below. */
__attribute__((always_inline)) static inline pf_event_t px_open(px_t *s, px_thread_t *x,
                                                                enum px_slice kind)
{
    if (__builtin_expect(x->depth == PX_DEPTH, 0)) { /* cannot be: each kind is open once */
        px_end_open(s, x, (enum px_slice)x->open[PX_DEPTH - 1], 0);
    }
    x->open[x->depth++] = (uint8_t)kind;
    x->open_kinds |= (uint8_t)(1u << kind);
    return px_event(s, EVENT_BEGIN, x->track);
}

/* Begins a slice; the caller adds to the event and ends it with pf_done(). */
__attribute__((always_inline)) static inline pf_event_t px_begin(px_t *s, px_thread_t *x,
                                                                 enum px_slice kind,
                                                                 enum px_category category,
                                                                 pf_name_t *name)
{
    pf_event_t e = px_open(s, x, kind);
    pf_named(&e, &s->categories[category], name);
    return e;
}

/* Begins a phase of the slice around it, from which it differs by having no category; `flow`: what
 * ends there, 0 for nothing. */
static inline void px_phase(px_t *s, px_thread_t *x, pf_name_t *name, uint64_t flow)
{
    pf_event_t e = px_open(s, x, SLICE_PHASE);
    pf_name(&e, name);
    if (flow) {
        px_flow_end(s, &e, flow);
    }
    pf_done(&e);
}

/* Ends all, as cut off by a loss or the end of the trace. */
void px_cut(px_t *s, px_thread_t *x);
void px_cut_all(px_t *s);
void px_irqs_cut(px_t *s);
/* Writes the kernel entry that this hart still holds, now that `event` follows. */
void px_entry_flush(px_t *s, const event_t *event);
/* Ends the slice of the hart's kernel visit, if one is open. */
void px_end_visit(px_t *s);
/* Begins the slice of what the thread has received. */
void px_work_begin(px_t *s, px_thread_t *x);

void px_calls_init(px_t *s);
px_handler_t px_on_entry, px_on_exit, px_on_preempt, px_on_result;
px_handler_t px_on_transfer, px_on_block, px_on_cancel, px_on_cap_transfer, px_on_signal,
    px_on_receive, px_on_fault;
/* An instant on a track, with every field of the event. */
void px_all_fields(px_t *s, const model_t *model, const event_t *event, uint64_t track);
px_handler_t px_on_irq, px_on_timer, px_on_irq_ack, px_on_wake, px_on_generic, px_on_hart,
    px_on_object, px_on_nothing, px_on_suspend, px_on_resume;
px_handler_t px_on_retype, px_on_reset, px_on_cap_delete, px_on_user_counter, px_on_figures;

/* ---- parts that keep something of their own ---- */

typedef struct {
    void (*init)(px_t *s);
    void (*free)(px_t *s); /* also if init was not called */
    void (*cut)(px_t *s);  /* ends what is open, cut off by the end of the trace; NULL: nothing */
    const px_binding_t *bindings;
} px_part_t;

extern const px_part_t px_uintr_part, px_coro_part, px_conn_part, px_async_part, px_sc_part,
    px_smp_part;

/* The track of the coroutine that the thread runs; the thread's own if it runs none. */
uint64_t px_coro_track(px_t *s, const px_thread_t *x);
void px_coro_thread_gone(px_t *s, const px_thread_t *x);
/* The scheduling context was deleted: another may come to its place. */
void px_sc_gone(px_t *s, uint32_t ref);

/* ---- option "sizes" ---- */

/* What was written since the last call belongs to events of that kind; 0: to none. */
static inline void px_count_size(px_t *s, unsigned event)
{
    if (__builtin_expect(s->sizes != NULL, 0)) {
        uint64_t out = pb_bytes_out(&s->pf.out);
        s->sizes[event & (SCHEMA_MAX_EVENTS - 1)] += out - s->size_from;
        s->size_from = out;
    }
}
void px_print_sizes(const px_t *s, const model_t *model);

/* ---- scheduling ---- */

/* Writes that `to` runs on the event's hart now; `from` (NULL: unknown) has left it. */
void px_switch(px_t *s, const event_t *event, const thread_t *from, const thread_t *to,
               uint32_t priority);
/* Writes the thread's state if it is not what was written last. */
void px_sync(px_t *s, const thread_t *thread);
/* Writes the states that the hart's kernel visit has given to threads that it does not run. */
void px_put_changed_now(px_t *s);
static inline void px_put_changed(px_t *s)
{
    if (s->hart->changed_count) {
        px_put_changed_now(s);
    }
}
void px_state_dead(px_t *s, px_thread_t *x);
/* Nobody knows any more what runs on the hart, nor what became of threads that it may have run. */
void px_forget_hart(px_t *s, uint32_t hart);

/* ---- console ---- */

void px_console(px_t *s, const char *text, size_t length);
/* Writes what has come before the first event; that is the one in hand. */
void px_console_early(px_t *s);
/* Writes the last line, and the reason of a panic if there was one ("": none). */
void px_console_end(px_t *s, const char *panic);

/* ---- counters ---- */

void px_counters_free(px_t *s);
void px_counters_sample(px_t *s, const model_t *model);
void px_figure(px_t *s, uint64_t track, uint64_t value);
void px_counter_lost(px_t *s, uint64_t lost);

#endif
