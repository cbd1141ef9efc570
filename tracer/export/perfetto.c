/* SPDX-License-Identifier: BSD-2-Clause */
/* The Perfetto exporter: opens the output, hands each event to those that it concerns. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "memory.h"
#include "exporters.h"
#include "perfetto_sink.h"

enum { SAMPLE_NS = 100000, DRIFT_TICKS = 20 };

static const px_part_t *const parts[] = {&px_uintr_part, &px_coro_part, &px_conn_part,
                                         &px_async_part, &px_sc_part,   &px_smp_part};
enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

/* ---- opening ---- */

static bool parse_options(px_t *s, const char *options, u4_error_t *err)
{
    const char *at = options ? options : "";
    while (*at) {
        size_t n = strcspn(at, ",");
        if (n == 8 && strncmp(at, "compress", n) == 0) {
            s->compress = true;
        } else if (n == 9 && strncmp(at, "no-kernel", n) == 0) {
            s->kernel_tracks = false;
        } else if (n == 5 && strncmp(at, "sizes", n) == 0) {
            s->sizes = memory_grow(s->sizes, SCHEMA_MAX_EVENTS, sizeof(*s->sizes));
            memset(s->sizes, 0, SCHEMA_MAX_EVENTS * sizeof(*s->sizes));
        } else {
            return u4_fail(err,
                           "perfetto: unknown option '%.*s': there are compress (deflate the "
                           "packets), no-kernel (no tracks of what each hart does in the "
                           "kernel) and sizes (tell how many bytes events of each kind take)",
                           (int)n, at);
        }
        at += n + (at[n] == ',');
    }
    return true;
}

static void close_sink(void *self)
{
    px_t *s = self;
    px_names_free(s);
    for (size_t i = 0; i < PARTS; i++) {
        parts[i]->free(s);
    }
    px_tracks_free(s);
    px_counters_free(s);
    pf_free(&s->pf);
    if (s->opened && s->fd >= 0) {
        close(s->fd);
    }
    free(s->sizes);
    free(s->path);
    free(s);
}

static void *open_sink(const char *path, const char *options, u4_error_t *err)
{
    px_t *s = memory_new(1, sizeof(*s));
    s->path = memory_strdup(strcmp(path, "-") == 0 ? "standard output" : path);
    s->kernel_tracks = true;
    s->next_track = 1;
    s->fd = STDOUT_FILENO;
    if (!parse_options(s, options, err)) {
        close_sink(s);
        return NULL;
    }
    if (strcmp(path, "-") != 0) {
        s->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        s->opened = true;
        if (s->fd < 0) {
            u4_fail_errno(err, "%s: cannot create it", path);
            close_sink(s);
            return NULL;
        }
    }
    return s;
}

static bool write_failed(px_t *s, u4_error_t *err)
{
    errno = s->pf.out.error;
    return u4_fail_errno(err, "%s: cannot write the trace (what is there is not whole)", s->path);
}

/* ---- events ---- */

/* The time of the next event, in the output's units: its tick's, but behind the event before, as
 * long as that does not lead too far away. One that comes late (its ring was, or it says that it
 * follows newer ones) goes where the others are: it may end what they began, on any track. */
static uint64_t time_of(px_t *s, uint64_t ticks)
{
    uint64_t time = pf_units(&s->pf, ticks);
    s->earliest = time > s->newest ? time : s->newest;
    if (time <= s->newest) {
        time = s->newest + (s->newest - time < s->drift);
    }
    s->newest = time;
    return time;
}

static px_handler_t *usual_handler(const schema_event_t *event)
{
    for (unsigned i = 0; i < event->field_count; i++) {
        if (event->fields[i].type == FIELD_COUNTER) {
            return px_on_figures;
        }
    }
    return px_on_generic;
}

/* An event that the table did not have in the beginning: programs may define some as they go. */
static void on_late(px_t *s, const model_t *model, const event_t *event)
{
    unsigned id = event->type->id;
    if (event->type != &s->schema->unknown && s->handlers[id] == on_late) {
        px_names_event(s, event->type);
        s->handlers[id] = usual_handler(event->type);
        s->handlers[id](s, model, event);
    }
}

static void bind_by_name(px_t *s, const px_binding_t *b)
{
    for (; b->event; b++) {
        const schema_event_t *event = schema_find_event(s->schema, b->event);
        if (event) {
            s->handlers[event->id] = b->handler;
        }
    }
}

static void bind(px_t *s)
{
    for (unsigned id = 0; id < SCHEMA_MAX_EVENTS; id++) {
        const schema_event_t *event = s->schema->events[id];
        s->handlers[id] = event ? usual_handler(event) : on_late;
    }
    static const struct {
        uint16_t id;
        px_handler_t *handler;
    } special[] = {
        {TRACE_KERNEL_ENTRY, px_on_entry},     {TRACE_KERNEL_EXIT, px_on_exit},
        {TRACE_KERNEL_PREEMPT, px_on_preempt}, {TRACE_KERNEL_BOOT, px_on_hart},
        {TRACE_IPC_TRANSFER, px_on_transfer},  {TRACE_IPC_BLOCK, px_on_block},
        {TRACE_IPC_CANCEL, px_on_cancel},      {TRACE_IPC_CAP_TRANSFER, px_on_cap_transfer},
        {TRACE_NTFN_SIGNAL, px_on_signal},     {TRACE_NTFN_RECEIVE, px_on_receive},
        {TRACE_NTFN_BIND, px_on_object},       {TRACE_NTFN_UNBIND, px_on_object},
        {TRACE_SCHED_SWITCH, px_on_nothing},   {TRACE_SCHED_WAKE, px_on_wake},
        {TRACE_SCHED_DOMAIN, px_on_hart},      {TRACE_SCHED_SLICE_END, px_on_hart},
        {TRACE_CAP_RETYPE, px_on_retype},      {TRACE_CAP_UNTYPED_RESET, px_on_reset},
        {TRACE_CAP_DELETE, px_on_cap_delete},  {TRACE_FAULT_RAISED, px_on_fault},
        {TRACE_INVOKE_RESULT, px_on_result},   {TRACE_IRQ_RAISED, px_on_irq},
        {TRACE_IRQ_ACK, px_on_irq_ack},        {TRACE_IRQ_TIMER, px_on_timer},
        {TRACE_IRQ_SPURIOUS, px_on_hart},      {TRACE_THREAD_NAME, px_on_nothing},
        {TRACE_THREAD_SUSPEND, px_on_suspend}, {TRACE_THREAD_RESUME, px_on_resume},
        {TRACE_DEBUG_PUTCHAR, px_on_nothing},  {TRACE_USER_COUNTER, px_on_user_counter},
    };
    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
        if (s->schema->events[special[i].id]) {
            s->handlers[special[i].id] = special[i].handler;
        }
    }
    for (size_t i = 0; i < PARTS; i++) {
        bind_by_name(s, parts[i]->bindings);
    }
}

static void put_info(px_t *s, const trace_info_t *info)
{
    const struct {
        enum px_arg arg;
        const char *text;
    } facts[] = {{ARG_IMAGE, info->image},
                 {ARG_MACHINE, info->machine},
                 {ARG_COMMAND, info->command},
                 {ARG_BUILD_ID, info->build_id}};
    /* Below the console: a track without any below it is put where it has to be unfolded. */
    uint64_t track = px_child_track(s, GROUP_CONSOLE, "recording", 0);
    pf_event_t e = px_instant(s, track, CAT_TRACE, NAME_RECORDING);
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
        if (facts[i].text[0]) {
            pf_arg_text(&e, &s->args[facts[i].arg], facts[i].text);
        }
    }
    pf_done(&e);
}

static bool on_begin(void *self, const model_t *model, const trace_info_t *info, u4_error_t *err)
{
    px_t *s = self;
    if (!pf_open(&s->pf, s->fd, model->timebase_hz, s->compress)) {
        return u4_fail(err, "%s: no memory for the output's buffers", s->path);
    }
    s->info = info;
    px_names_init(s, model->schema, model->abi);
    px_calls_init(s);
    for (size_t i = 0; i < PARTS; i++) {
        parts[i]->init(s);
    }
    bind(s);
    s->counters.period = SAMPLE_NS / s->pf.unit_ns;
    s->drift = 1 + DRIFT_TICKS * (1000000000 / s->pf.hz) / s->pf.unit_ns;
    return true;
}

/* The first event that is shown: what the threads are doing by then, if that is known. */
static void start(px_t *s, const model_t *model)
{
    s->started = true;
    s->begin = s->now;
    s->counters.rate_since = s->counters.next_sample = s->now;
    s->counters.rate_events = model->events;
    put_info(s, s->info);
    px_console_early(s);
    for (const thread_t *t = model->threads; t; t = t->next) {
        px_sync(s, t);
    }
}

static void after_event(px_t *s, const event_t *event)
{
    if (event->done && event->done->client) {
        px_thread_t *client = px_thread(s, event->done->client);
        px_end(s, client, SLICE_PHASE);
    }
    if (event->effects & EFFECT_SWITCH && event->other) {
        px_switch(s, event, event->prev, event->other, event->other->priority);
    } else if (event->other && !(event->effects & EFFECT_THREAD_GONE)) {
        px_sync(s, event->other);
    }
    if (event->effects & (EFFECT_THREAD_NAMED | EFFECT_PROCESS) && event->other) {
        px_thread_renamed(s, event->other);
    }
    if (event->effects & EFFECT_THREAD_GONE) {
        px_thread_gone(s, event->gone);
    }
}

/* The current thread is not the one that was written as running: at the beginning, behind a
 * loss, or because the filter keeps the switches back. The very first may turn out to be an idle
 * thread, which Perfetto must know at once: it is written as soon as there is a sign. */
static void found_current(px_t *s, const event_t *event)
{
    const thread_t *t = event->thread;
    if (s->hart->running || s->hart->blind || t->named || t->process->id || t->idle ||
        event->record->event == TRACE_KERNEL_ENTRY) {
        s->hart->blind = false;
        px_switch(s, event, event->prev, t, t->priority);
    }
}

static bool idles(const px_hart_t *hart)
{
    return hart->running && hart->running->idle;
}

/* Several harts tell of the lock first; one that does not idle may also take it again in a visit. */
static bool begins_visit(const px_t *s, unsigned id)
{
    return id == TRACE_KERNEL_ENTRY || (id == TRACE_SMP_LOCK && idles(s->hart));
}

/* An idle hart waits in the kernel, so the visit after which it does has no exit: it ends with the
 * last that was seen of it, and the wait is none of it. */
static void end_unseen(px_t *s)
{
    uint64_t now = s->now;
    s->now = s->hart->seen;
    px_end_visit(s);
    s->now = now;
}

static bool on_event(void *self, const model_t *model, const event_t *event, u4_error_t *err)
{
    px_t *s = self;
    s->sequence = px_sequence(event->ring);
    s->now = time_of(s, event->time);
    s->hart = &s->harts[event->hart < MODEL_MAX_HARTS ? event->hart : MODEL_MAX_HARTS];
    if (__builtin_expect(!s->started, 0)) {
        start(s, model);
    }
    if (s->hart->entry.active) {
        px_entry_flush(s, event);
        px_count_size(s, TRACE_KERNEL_ENTRY);
    }
    if (s->hart->open && begins_visit(s, event->record->event)) {
        end_unseen(s);
    }
    if (__builtin_expect(s->now >= s->counters.next_sample, 0)) {
        px_counters_sample(s, model);
        px_count_size(s, 0);
    }
    if (event->thread && !(event->effects & EFFECT_SWITCH) && event->hart < MODEL_MAX_HARTS &&
        (!s->hart->running || s->hart->running->uid != event->thread->uid)) {
        found_current(s, event);
    }
    s->handlers[event->record->event & (SCHEMA_MAX_EVENTS - 1)](s, model, event);
    if (event->effects || event->other) {
        after_event(s, event);
    }
    px_count_size(s, event->record->event);
    s->hart->seen = s->now;
    /* A ring's packets may have run ahead of a tick with many events: the other rings' follow. */
    uint64_t last = s->pf.sequences[s->sequence].last;
    s->newest = last > s->newest ? last : s->newest;
    return __builtin_expect(s->pf.out.error == 0, 1) || write_failed(s, err);
}

/* ---- losses, console, end ---- */

/* Of those threads that may have gone on meanwhile nothing is known any more. */
static void on_loss(void *self, const model_t *model, const loss_t *loss)
{
    px_t *s = self;
    uint32_t hart = loss->hart < MODEL_MAX_HARTS ? loss->hart : MODEL_MAX_HARTS;
    s->sequence = px_sequence(loss->ring);
    s->hart = &s->harts[hart];
    s->now = time_of(s, loss->after ? loss->after : loss->until);
    if (!s->started) {
        start(s, model);
    }
    if (s->hart->entry.active) {
        px_entry_flush(s, NULL);
    }
    px_forget_hart(s, hart);
    pf_mark_dropped(&s->pf, s->sequence, s->now);

    uint64_t track = px_hart_track(s, hart);
    pf_event_t e = px_event(s, EVENT_BEGIN, track);
    pf_named(&e, &s->categories[CAT_LOSS], &s->names[NAME_LOST]);
    pf_arg_uint(&e, &s->args[ARG_COUNT], loss->count);
    pf_arg_uint(&e, &s->args[ARG_RING], loss->ring);
    pf_done(&e);
    uint64_t until = pf_units(&s->pf, loss->until);
    s->now = until > s->now ? until : s->now;
    e = px_event(s, EVENT_END, track);
    pf_done(&e);
    px_counter_lost(s, loss->count);
}

static void on_console(void *self, const model_t *model, const console_t *console)
{
    px_t *s = self;
    (void)model;
    uint64_t time = pf_units(&s->pf, console->guest_time);
    s->now = time > s->begin ? time : s->begin; /* the firmware's has no time */
    px_console(s, console->text, console->length);
}

static void on_idle(void *self, const model_t *model)
{
    px_t *s = self;
    (void)model;
    pb_flush(&s->pf.out);
}

static void finish(px_t *s, const model_t *model, const trace_info_t *info)
{
    s->now = time_of(s, model->time);
    for (unsigned i = 0; i < PF_SEQUENCES; i++) { /* states may have been moved on */
        s->now = pf_time(&s->pf, i, s->now);
    }
    for (uint32_t i = 0; i <= MODEL_MAX_HARTS; i++) {
        s->sequence = px_sequence(i);
        s->hart = &s->harts[i];
        if (s->hart->entry.active) {
            px_entry_flush(s, NULL);
        }
        if (s->hart->open && idles(s->hart)) {
            end_unseen(s);
        }
        px_end_visit(s);
    }
    px_console_end(s, info ? info->panic : "");
    px_cut_all(s);
    px_irqs_cut(s);
    for (size_t i = 0; i < PARTS; i++) {
        if (parts[i]->cut) {
            parts[i]->cut(s);
        }
    }
    px_counters_sample(s, model);
}

static bool on_end(void *self, const model_t *model, const trace_info_t *info, u4_error_t *err)
{
    px_t *s = self;
    if (!s->started) { /* an empty trace is one, too */
        s->now = time_of(s, model->time);
        start(s, model);
    }
    if (s->sizes) {
        px_print_sizes(s, model);
    }
    finish(s, model, info);
    if (pf_finish(&s->pf) != 0) {
        return write_failed(s, err);
    }
    if (s->opened) {
        int status = close(s->fd);
        s->fd = -1;
        if (status != 0) {
            return u4_fail_errno(err, "%s: cannot write the trace", s->path);
        }
    }
    return true;
}

const exporter_t exporter_perfetto = {
    .name = "perfetto",
    .summary = "timeline for ui.perfetto.dev and trace_processor (options: compress, no-kernel, "
               "sizes)",
    .extension = ".perfetto-trace",
    .binary = true,
    .open = open_sink,
    .sink = {.name = "perfetto",
             .begin = on_begin,
             .event = on_event,
             .loss = on_loss,
             .console = on_console,
             .idle = on_idle,
             .end = on_end},
    .close = close_sink,
};
