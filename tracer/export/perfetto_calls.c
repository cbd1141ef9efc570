/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a thread does, as slices on its track. A system call or fault lasts from the kernel entry
 * to the return to user mode; in it lie the phases of waiting (perfetto_ipc.c). Around it lies,
 * for a thread that has received something, the slice of working on that: from the return of
 * the receiving call to the next call that receives.
 *
 * What a kernel entry means is only known from the event behind it: until that comes the entry
 * waits in px_hart_t. Nothing else is written to the ring's sequence meanwhile.
 */
#include "perfetto_sink.h"

static void add_result(px_t *s, pf_event_t *e, const px_thread_t *x)
{
    pf_name_t *type = px_enum_text(s, s->fields[FIELD_RESULT_TYPE], x->result_type);
    pf_name_t *error = px_enum_text(s, s->fields[FIELD_RESULT_ERROR], x->result_error);
    pf_name_t *reason = px_enum_text(s, s->fields[FIELD_RESULT_REASON], x->result_reason);
    if (type) {
        pf_arg_name(e, &s->args[ARG_OBJECT_TYPE], type);
    }
    if (error) {
        pf_arg_name(e, &s->args[ARG_RESULT], error);
    }
    if (reason && x->result_error != 0) {
        pf_arg_name(e, &s->args[ARG_REASON], reason);
    }
}

static void end_one(px_t *s, px_thread_t *x, uint64_t flow, bool cut)
{
    enum px_slice kind = (enum px_slice)x->open[--x->depth];
    x->open_kinds &= (uint8_t) ~(1u << kind);
    pf_event_t e = px_event(s, EVENT_END, x->track);
    if (cut) {
        pf_arg(&e, &s->args[ARG_UNFINISHED], F_ANNOTATION_BOOL, 1);
    } else if (kind == SLICE_CALL) {
        if (x->result_known) {
            add_result(s, &e, x);
        }
        if (x->path_known) {
            unsigned path = x->kernel_path == TRACE_EXIT_PATH_FAST ? 31 : x->kernel_why & 31;
            pf_arg_name(&e, &s->args[ARG_PATH], &s->paths[path]);
        }
    }
    if (kind == SLICE_CALL) {
        x->result_known = x->path_known = x->restarts = false;
    } else if (kind == SLICE_PHASE) {
        x->wait_open = false;
    }
    if (flow) {
        pf_flow(&e, flow);
    }
    pf_done(&e);
}

void px_end_open(px_t *s, px_thread_t *x, enum px_slice kind, uint64_t flow)
{
    while (x->open[x->depth - 1] != kind) {
        end_one(s, x, 0, false);
    }
    end_one(s, x, flow, false);
}

void px_cut(px_t *s, px_thread_t *x)
{
    while (x->depth > 0) {
        end_one(s, x, 0, true);
    }
    x->work.kind = WORK_NONE;
    x->result_known = x->path_known = x->restarts = false;
    x->arrow = 0;
}

void px_cut_all(px_t *s)
{
    for (uint32_t i = 0; i < s->thread_slots; i++) {
        if (s->threads[i]) {
            px_cut(s, s->threads[i]);
        }
    }
}

/* ---- kernel entry ---- */

static bool invokes(unsigned call)
{
    return call == TRACE_SYSCALL_CALL || call == TRACE_SYSCALL_SEND || call == TRACE_SYSCALL_NBSEND;
}

static bool receives(unsigned call)
{
    return (call >= TRACE_SYSCALL_RECV && call != TRACE_SYSCALL_YIELD &&
            call <= TRACE_SYSCALL_NBSENDWAIT) ||
           call == TRACE_SYSCALL_REPLYRECV;
}

/* Events that are the work of an object's invocation, when they follow a kernel entry. */
static bool invocation_event(const schema_event_t *event)
{
    static const char *const names[] = {"uintr.receiver", "uintr.receiver_end", "uintr.sender",
                                        "uintr.sender_end", "uintr.table"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(event->full_name, names[i]) == 0) {
            return true;
        }
    }
    unsigned id = event->id;
    return (id >= TRACE_CAP_MAKE && id <= TRACE_CAP_CANCEL_BADGED) ||
           (id >= TRACE_VSPACE_MAP && id <= TRACE_VSPACE_ASID_POOL) ||
           (id >= TRACE_THREAD_CREATE && id <= TRACE_THREAD_IPC_BUFFER) ||
           id == TRACE_INVOKE_RESULT || id == TRACE_IRQ_BIND || id == TRACE_IRQ_ACK ||
           id == TRACE_SCHED_PRIORITY || id == TRACE_NTFN_BIND || id == TRACE_NTFN_UNBIND ||
           id == TRACE_SCHED_WAKE || id == TRACE_SCHED_DOMAIN;
}

void px_calls_init(px_t *s)
{
    for (unsigned id = 0; id < SCHEMA_MAX_EVENTS; id++) {
        s->invocation[id] = s->schema->events[id] && invocation_event(s->schema->events[id]);
    }
}

static pf_name_t *syscall_name(px_t *s, const px_entry_t *entry, const event_t *next,
                               enum px_category *category)
{
    uint32_t label = entry->info >> 12;
    *category = CAT_SYSCALL;
    if (next && invokes(entry->call) &&
        s->invocation[next->record->event & (SCHEMA_MAX_EVENTS - 1)]) {
        *category = CAT_INVOKE;
        if (label < PX_LABELS && s->labels[label].kind) {
            return &s->labels[label];
        }
    } else if (next && next->record->event == TRACE_NTFN_SIGNAL && invokes(entry->call)) {
        return &s->names[NAME_SIGNAL];
    }
    pf_name_t *name = px_enum_name(s, s->fields[FIELD_ENTRY_CALL], entry->call);
    return name ? name : &s->names[NAME_UNKNOWN_SYSCALL];
}

/* Is that the reply to whom the thread's open slice serves? */
static bool replies(const px_t *s, const px_thread_t *x, const event_t *next)
{
    if (!next || next->record->event != TRACE_IPC_TRANSFER || !next->thread || !next->other ||
        next->thread->uid != x->uid || next->other->uid != x->serves) {
        return false;
    }
    unsigned kind = (unsigned)px_get(s, FIELD_TRANSFER_KIND, next);
    return kind == TRACE_IPC_KIND_REPLY || kind == TRACE_IPC_KIND_FAULT_REPLY;
}

/* A call that receives ends the work on what was received before; from there leads the arrow of
 * the reply, if the call brings one. */
static void end_work(px_t *s, px_thread_t *x, const event_t *next)
{
    if (px_is_open(x, SLICE_SERVE)) {
        x->reply_flow = replies(s, x, next) ? px_flow(s) : 0;
        px_end_open(s, x, SLICE_SERVE, x->reply_flow);
    }
}

static void begin_syscall(px_t *s, const px_entry_t *entry, const event_t *next)
{
    px_thread_t *x = entry->thread;
    enum px_category category;
    pf_name_t *name = syscall_name(s, entry, next, &category);
    x->reply_flow = 0;
    if (receives(entry->call)) {
        end_work(s, x, next);
    }
    if (px_is_open(x, SLICE_CALL)) {
        if (x->restarts) { /* the same call again, after a preemption point */
            x->restarts = false;
            return;
        }
        px_end(s, x, SLICE_CALL);
    }
    uint32_t length = entry->info & 0x7f, caps = entry->info >> 7 & 3, label = entry->info >> 12;
    pf_event_t e = px_begin(s, x, SLICE_CALL, category, name);
    pf_arg_hex(&e, &s->args[ARG_CPTR], entry->cptr);
    if (length > 0) {
        pf_arg_uint(&e, &s->args[ARG_LENGTH], length);
    }
    if (caps > 0) {
        pf_arg_uint(&e, &s->args[ARG_CAPS], caps);
    }
    if (label > 0 && category != CAT_INVOKE) {
        pf_arg_uint(&e, &s->args[ARG_LABEL], label);
    }
    pf_done(&e);
}

static void begin_fault(px_t *s, const px_entry_t *entry, const event_t *next)
{
    pf_name_t *name = &s->names[entry->kind == TRACE_ENTRY_KIND_EXCEPTION ? NAME_EXCEPTION
                                                                          : NAME_UNKNOWN_SYSCALL];
    if (next && next->record->event == TRACE_FAULT_RAISED) {
        pf_name_t *kind =
            px_enum_name(s, s->fields[FIELD_FAULT_KIND], px_get(s, FIELD_FAULT_KIND, next));
        name = kind ? kind : name;
    }
    px_end(s, entry->thread, SLICE_CALL);
    pf_event_t e = px_begin(s, entry->thread, SLICE_CALL, CAT_FAULT, name);
    pf_arg_hex(&e, &s->args[ARG_PC], entry->pc);
    pf_done(&e);
}

static void begin_visit(px_t *s, const px_entry_t *entry, const event_t *next)
{
    px_hart_t *h = s->hart;
    if (!s->kernel_tracks) {
        return;
    }
    enum px_category category = CAT_KERNEL;
    pf_name_t *name = &s->names[NAME_INTERRUPT];
    if (entry->kind == TRACE_ENTRY_KIND_SYSCALL) {
        name = syscall_name(s, entry, next, &category);
    } else if (entry->kind != TRACE_ENTRY_KIND_INTERRUPT) {
        name = &s->names[NAME_EXCEPTION];
    } else if (next && next->record->event == TRACE_IRQ_TIMER) {
        name = &s->names[NAME_TIMER];
        h->timer = true;
    }
    h->open = true;
    pf_event_t e = px_event(s, EVENT_BEGIN, px_hart_track(s, (uint32_t)(h - s->harts)));
    pf_named(&e, &s->categories[CAT_KERNEL], name);
    pf_done(&e);
}

void px_end_visit(px_t *s)
{
    px_hart_t *h = s->hart;
    px_put_changed(s);
    if (h->open) {
        pf_event_t e = px_event(s, EVENT_END, h->track);
        pf_done(&e);
        h->open = h->timer = false;
    }
    h->visit_kind = 0;
    h->visitor = NULL;
    h->irq_flow = 0;
    h->sender = h->receiver = NULL;
}

void px_entry_flush(px_t *s, const event_t *next)
{
    px_entry_t *entry = &s->hart->entry;
    uint64_t now = s->now;
    s->now = entry->time;
    entry->active = false;
    px_end_visit(s);
    begin_visit(s, entry, next);
    s->hart->visitor = entry->thread;
    s->hart->visit_kind = (uint8_t)(entry->kind + 1);
    if (entry->thread) {
        entry->thread->path_known = false;
        if (entry->kind == TRACE_ENTRY_KIND_SYSCALL) {
            begin_syscall(s, entry, next);
        } else if (entry->kind != TRACE_ENTRY_KIND_INTERRUPT) {
            begin_fault(s, entry, next);
        }
    }
    s->now = now;
}

void px_on_entry(px_t *s, const model_t *model, const event_t *event)
{
    (void)model;
    px_thread_t *x = NULL;
    if (event->thread && !event->thread->idle) {
        x = px_thread(s, event->thread);
        px_describe(s, x, event->thread);
    }
    s->kernel_seen = true;
    s->hart->entry = (px_entry_t){
        .active = true,
        .time = s->now,
        .thread = x,
        .kind = (uint8_t)px_get(s, FIELD_ENTRY_KIND, event),
        .call = (uint8_t)px_get(s, FIELD_ENTRY_CALL, event),
        .cptr = (uint32_t)px_get(s, FIELD_ENTRY_CPTR, event),
        .info = (uint32_t)px_get(s, FIELD_ENTRY_INFO, event),
        .pc = px_get(s, FIELD_ENTRY_PC, event),
    };
}

/* ---- and return ---- */

void px_on_exit(px_t *s, const model_t *model, const event_t *event)
{
    (void)model;
    px_thread_t *visitor = s->hart->visitor;
    if (visitor && px_is_open(visitor, SLICE_CALL)) {
        visitor->kernel_path = (uint8_t)px_get(s, FIELD_EXIT_PATH, event);
        visitor->kernel_why = (uint8_t)px_get(s, FIELD_EXIT_WHY, event);
        visitor->path_known = true;
    }
    px_end_visit(s);
    if (event->thread && !event->thread->idle) {
        px_thread_t *x = px_thread(s, event->thread);
        if (!x->restarts) {
            px_end(s, x, SLICE_CALL);
        }
        if (x->work.kind != WORK_NONE) {
            px_work_begin(s, x);
        }
    }
}

void px_on_preempt(px_t *s, const model_t *model, const event_t *event)
{
    (void)model;
    if (!event->thread) {
        return;
    }
    px_thread_t *x = px_thread(s, event->thread);
    x->restarts = px_is_open(x, SLICE_CALL);
    pf_event_t e = px_instant(s, x->track, CAT_KERNEL, NAME_PREEMPTED);
    pf_name_t *op =
        px_enum_text(s, s->fields[FIELD_PREEMPT_OP], px_get(s, FIELD_PREEMPT_OP, event));
    if (op) {
        pf_arg_name(&e, &s->args[ARG_OPERATION], op);
    }
    pf_done(&e);
}

void px_on_result(px_t *s, const model_t *model, const event_t *event)
{
    (void)model;
    if (!event->thread) {
        return;
    }
    px_thread_t *x = px_thread(s, event->thread);
    x->result_known = true;
    x->result_error = (uint8_t)px_get(s, FIELD_RESULT_ERROR, event);
    x->result_type = (uint8_t)px_get(s, FIELD_RESULT_TYPE, event);
    x->result_reason = (uint16_t)px_get(s, FIELD_RESULT_REASON, event);
    if (!px_is_open(x, SLICE_CALL)) { /* class kernel is off: the result stands alone */
        px_on_generic(s, model, event);
        x->result_known = false;
    }
}

void px_work_begin(px_t *s, px_thread_t *x)
{
    px_work_t *work = &x->work;
    bool signal = work->kind == WORK_SIGNAL;
    px_thread_t *client = work->client;
    if (client && client->uid != work->client_uid) {
        client = NULL; /* died meanwhile */
    }
    px_object_t *object =
        work->object && work->object->uid == work->object_uid ? work->object : NULL;
    px_end(s, x, SLICE_SERVE);
    pf_name_t *name = signal   ? &s->names[NAME_HANDLE]
                      : client ? px_phrase(s, client, PHRASE_SERVE)
                               : &s->names[NAME_SERVE];
    x->serves = client && !signal ? client->uid : 0;
    pf_event_t e = px_begin(s, x, SLICE_SERVE, CAT_SERVE, name);
    if (work->flow) {
        px_flow_end(s, &e, work->flow);
    }
    if (object) {
        pf_arg_name(&e, &s->args[signal ? ARG_NOTIFICATION : ARG_ENDPOINT], &object->as_text);
    }
    pf_arg_uint(&e, &s->args[ARG_BADGE], work->badge);
    pf_done(&e);
    work->kind = WORK_NONE;
}
