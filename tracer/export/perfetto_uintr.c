/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User interrupts: a track for each receiver entry of the UINTC, handlers as slices of their
 * threads, and an arrow from each send to where its vector was taken. A send names an index of
 * the sender's table only: which entry that is, the registrations tell. Sends whose vectors are
 * taken together all end there.
 */
#include <stdio.h>
#include <stdlib.h>

#include "memory.h"
#include "perfetto_sink.h"

enum {
    ENTRIES = 512, /* of the UINTC; this number itself stands for "only sends" */
    MAX_PENDING = 64,
    BUCKETS = 64,
};

/* A vector on its way. */
typedef struct {
    uint64_t flow;
    uint8_t vector;
    bool delivered; /* an arrow has led to its delivery, from where the handler's comes */
} arrow_t;

typedef struct {
    uint32_t thread_uid; /* 0: nobody's */
    uint64_t track;      /* 0: not described */
    bool active;         /* its slice is open */
    unsigned pending;
    arrow_t arrows[MAX_PENDING];
} receiver_t;

typedef struct registration {
    uint32_t table, index, entry;
    uint8_t vector;
    struct registration *next;
} registration_t;

struct px_uintr {
    receiver_t *receivers[ENTRIES]; /* NULL: never heard of */
    registration_t *registrations[BUCKETS];
};

static void part_init(px_t *s)
{
    s->uintr = memory_new(1, sizeof(*s->uintr));
}

static void part_free(px_t *s)
{
    for (size_t i = 0; s->uintr && i < ENTRIES; i++) {
        free(s->uintr->receivers[i]);
    }
    for (size_t i = 0; s->uintr && i < BUCKETS; i++) {
        for (registration_t *next, *r = s->uintr->registrations[i]; r; r = next) {
            next = r->next;
            free(r);
        }
    }
    free(s->uintr);
}

static registration_t **registration(px_t *s, uint32_t table, uint32_t index)
{
    registration_t **link = &s->uintr->registrations[(table / 64 + index) % BUCKETS];
    while (*link && ((*link)->table != table || (*link)->index != index)) {
        link = &(*link)->next;
    }
    return link;
}

/* NULL if the number is not an entry's. */
static receiver_t *receiver(px_t *s, uint64_t entry)
{
    if (entry >= ENTRIES) {
        return NULL;
    }
    receiver_t **r = &s->uintr->receivers[entry];
    if (!*r) {
        char name[24];
        snprintf(name, sizeof(name), "receiver %u", (unsigned)entry);
        *r = memory_new(1, sizeof(**r));
        (*r)->track = px_child_track(s, GROUP_RECEIVERS, name, (uint32_t)entry);
    }
    return *r;
}

static receiver_t *receiver_of(px_t *s, const px_thread_t *x)
{
    for (size_t i = 0; i < ENTRIES; i++) {
        receiver_t *r = s->uintr->receivers[i];
        if (r && r->thread_uid == x->uid) {
            return r;
        }
    }
    return NULL;
}

static void end_active(px_t *s, receiver_t *r, bool cut)
{
    if (r->active) {
        r->active = false;
        pf_event_t e = px_event(s, EVENT_END, r->track);
        if (cut) {
            pf_arg(&e, &s->args[ARG_UNFINISHED], F_ANNOTATION_BOOL, 1);
        }
        pf_done(&e);
    }
}

static void part_cut(px_t *s)
{
    for (size_t i = 0; i < ENTRIES; i++) {
        receiver_t *r = s->uintr->receivers[i];
        if (r) {
            end_active(s, r, true);
            r->pending = 0;
        }
    }
}

/* ---- arrows ---- */

/* The packet in the making sends a vector. Of more than fit, the oldest never arrive. */
static void begin_arrow(px_t *s, pf_event_t *e, receiver_t *r, uint8_t vector)
{
    if (r->pending == MAX_PENDING) {
        memmove(r->arrows, r->arrows + 1, (MAX_PENDING - 1) * sizeof(r->arrows[0]));
        r->pending--;
    }
    uint64_t flow = px_flow(s);
    r->arrows[r->pending++] = (arrow_t){.flow = flow, .vector = vector};
    pf_flow(e, flow);
}

/* The packet in the making takes these vectors. */
static void end_arrows(px_t *s, pf_event_t *e, receiver_t *r, uint64_t vectors)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < r->pending; i++) {
        if (vectors >> r->arrows[i].vector & 1) {
            px_flow_end(s, e, r->arrows[i].flow);
        } else {
            r->arrows[kept++] = r->arrows[i];
        }
    }
    r->pending = kept;
}

/* The kernel has led the thread to its handler. Without events of the program, nothing tells of
 * the handler itself: what was delivered before and is still here, it has taken. */
static void step_arrows(pf_event_t *e, receiver_t *r)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < r->pending; i++) {
        if (!r->arrows[i].delivered) {
            pf_flow(e, r->arrows[i].flow);
            r->arrows[kept] = r->arrows[i];
            r->arrows[kept++].delivered = true;
        }
    }
    r->pending = kept;
}

/* ---- who is who ---- */

static void on_receiver(px_t *s, const model_t *model, const event_t *event)
{
    receiver_t *r = receiver(s, px_get(s, FIELD_RECEIVER_ENTRY, event));
    const thread_t *thread = model_thread(model, (uint32_t)px_get(s, FIELD_RECEIVER_THREAD, event));
    if (r && thread) {
        px_thread_t *x = px_thread(s, thread);
        px_describe(s, x, thread);
        r->thread_uid = x->uid;
        r->pending = 0;
        px_all_fields(s, model, event, r->track);
    }
}

static void on_receiver_end(px_t *s, const model_t *model, const event_t *event)
{
    receiver_t *r = receiver(s, px_get(s, FIELD_RECEIVER_END_ENTRY, event));
    if (r) {
        end_active(s, r, false);
        r->thread_uid = 0;
        r->pending = 0;
        px_all_fields(s, model, event, r->track);
    }
}

static void on_sender(px_t *s, const model_t *model, const event_t *event)
{
    uint32_t table = (uint32_t)px_get(s, FIELD_SENDER_TABLE, event);
    uint32_t index = (uint32_t)px_get(s, FIELD_SENDER_INDEX, event);
    registration_t **link = registration(s, table, index);
    if (!*link) {
        *link = memory_new(1, sizeof(**link));
    }
    (*link)->table = table;
    (*link)->index = index;
    (*link)->entry = (uint32_t)px_get(s, FIELD_SENDER_ENTRY, event);
    (*link)->vector = px_get(s, FIELD_SENDER_VECTOR, event) & 63;
    px_on_generic(s, model, event);
}

static void on_sender_end(px_t *s, const model_t *model, const event_t *event)
{
    registration_t **link = registration(s, (uint32_t)px_get(s, FIELD_SENDER_END_TABLE, event),
                                         (uint32_t)px_get(s, FIELD_SENDER_END_INDEX, event));
    registration_t *gone = *link;
    if (gone) {
        *link = gone->next;
        free(gone);
    }
    px_on_generic(s, model, event);
}

static void on_table(px_t *s, const model_t *model, const event_t *event)
{
    const thread_t *thread = model_thread(model, (uint32_t)px_get(s, FIELD_TABLE_THREAD, event));
    if (thread) {
        px_thread(s, thread)->sender_table = (uint32_t)px_get(s, FIELD_TABLE_TABLE, event);
    }
    px_on_generic(s, model, event);
}

/* A receiver can be interrupted while it is loaded in its hart. */
static void on_enter(px_t *s, const model_t *model, const event_t *event)
{
    (void)model;
    receiver_t *r = receiver(s, px_get(s, FIELD_ENTER_ENTRY, event));
    if (r && !r->active) {
        r->active = true;
        pf_event_t e = px_event(s, EVENT_BEGIN, r->track);
        pf_named(&e, &s->categories[CAT_UINTR], &s->names[NAME_ACTIVE]);
        pf_done(&e);
    }
}

static void on_leave(px_t *s, const model_t *model, const event_t *event)
{
    (void)model;
    receiver_t *r = receiver(s, px_get(s, FIELD_LEAVE_ENTRY, event));
    if (r) {
        end_active(s, r, false);
    }
}

/* ---- sending ---- */

/* The program's own word: where the hardware sends, the kernel knows nothing of it. */
static void on_send(px_t *s, const model_t *model, const event_t *event)
{
    px_thread_t *x = px_current(s, event);
    uint32_t index = (uint32_t)px_get(s, FIELD_SEND_INDEX, event);
    const registration_t *known = x ? *registration(s, x->sender_table, index) : NULL;
    receiver_t *r = known ? receiver(s, known->entry) : NULL;
    if (!r) {
        px_on_generic(s, model, event);
        return;
    }
    pf_event_t e = px_instant(s, x->track, CAT_UINTR, NAME_UIPI);
    begin_arrow(s, &e, r, known->vector);
    pf_arg_uint(&e, &s->args[ARG_INDEX], index);
    pf_arg_uint(&e, &s->args[ARG_VECTOR], known->vector);
    pf_arg_uint(&e, &s->args[ARG_RECEIVER], known->entry);
    pf_done(&e);
    x->sends = true;
}

/* Is this the kernel emulating what the program has just said that it sends? */
static bool told_before(px_t *s, const px_thread_t *x, const event_t *event)
{
    const pf_name_t *source =
        px_enum_name(s, s->fields[FIELD_POST_SOURCE], px_get(s, FIELD_POST_SOURCE, event));
    return x && x->sends && source && strcmp(source->text, "send") == 0;
}

static void on_post(px_t *s, const model_t *model, const event_t *event)
{
    (void)model;
    uint64_t vector = px_get(s, FIELD_POST_VECTOR, event);
    pf_name_t *source =
        px_enum_text(s, s->fields[FIELD_POST_SOURCE], px_get(s, FIELD_POST_SOURCE, event));
    pf_name_t *outcome =
        px_enum_text(s, s->fields[FIELD_POST_OUTCOME], px_get(s, FIELD_POST_OUTCOME, event));
    bool posted = px_get(s, FIELD_POST_OUTCOME, event) == 0;
    receiver_t *r = posted ? receiver(s, px_get(s, FIELD_POST_ENTRY, event)) : NULL;
    bool interrupt = s->hart->visit_kind == TRACE_ENTRY_KIND_INTERRUPT + 1;
    px_thread_t *x = interrupt ? NULL : px_current(s, event);
    uint64_t track = x ? x->track : px_hart_track(s, event->hart);

    pf_event_t e = px_instant(s, track, CAT_UINTR, NAME_POST);
    if (r && !told_before(s, x, event)) {
        begin_arrow(s, &e, r, vector & 63);
    }
    pf_arg_uint(&e, &s->args[ARG_VECTOR], vector);
    if (source) {
        pf_arg_name(&e, &s->args[ARG_SOURCE], source);
    }
    if (outcome && !posted) {
        pf_arg_name(&e, &s->args[ARG_OUTCOME], outcome);
    }
    pf_done(&e);
    if (x) {
        x->sends = false;
    }
    if (r) {
        e = px_object_event(s, r->track, &s->names[NAME_POST]);
        pf_arg_uint(&e, &s->args[ARG_VECTOR], vector);
        pf_done(&e);
    }
}

/* ---- receiving ---- */

static void on_wake(px_t *s, const model_t *model, const event_t *event)
{
    receiver_t *r = receiver(s, px_get(s, FIELD_UWAKE_ENTRY, event));
    if (r) {
        px_all_fields(s, model, event, r->track);
    }
}

static void on_deliver(px_t *s, const model_t *model, const event_t *event)
{
    receiver_t *r = receiver(s, px_get(s, FIELD_DELIVER_ENTRY, event));
    px_thread_t *x = px_current(s, event);
    if (!r || !x) {
        px_on_generic(s, model, event);
        return;
    }
    pf_event_t e = px_instant(s, x->track, CAT_UINTR, NAME_DELIVERED);
    step_arrows(&e, r);
    pf_done(&e);
}

static void on_take(px_t *s, const model_t *model, const event_t *event)
{
    receiver_t *r = receiver(s, px_get(s, FIELD_TAKE_ENTRY, event));
    px_thread_t *x = px_current(s, event);
    uint64_t vectors = px_get(s, FIELD_TAKE_VECTORS, event);
    if (!r || !x) {
        px_on_generic(s, model, event);
        return;
    }
    px_end(s, x, SLICE_PHASE);
    pf_event_t e = px_instant(s, x->track, CAT_UINTR, NAME_TAKEN);
    end_arrows(s, &e, r, vectors);
    pf_arg_hex(&e, &s->args[ARG_VECTORS], vectors);
    pf_done(&e);
}

static void on_handler(px_t *s, const model_t *model, const event_t *event)
{
    (void)model;
    px_thread_t *x = px_current(s, event);
    if (!x) {
        return;
    }
    uint64_t vectors = px_get(s, FIELD_HANDLER_VECTORS, event);
    receiver_t *r = receiver_of(s, x);
    px_end(s, x, SLICE_HANDLER);
    pf_event_t e = px_begin(s, x, SLICE_HANDLER, CAT_UINTR, &s->names[NAME_HANDLER]);
    if (r) {
        end_arrows(s, &e, r, vectors);
    }
    pf_arg_hex(&e, &s->args[ARG_VECTORS], vectors);
    pf_done(&e);
}

static void on_handler_end(px_t *s, const model_t *model, const event_t *event)
{
    (void)model;
    px_thread_t *x = px_current(s, event);
    if (x) {
        px_end(s, x, SLICE_HANDLER);
    }
}

static const px_binding_t bindings[] = {
    {"uintr.receiver", on_receiver},
    {"uintr.receiver_end", on_receiver_end},
    {"uintr.sender", on_sender},
    {"uintr.sender_end", on_sender_end},
    {"uintr.table", on_table},
    {"uintr.enter", on_enter},
    {"uintr.leave", on_leave},
    {"uintr.send", on_send},
    {"uintr.post", on_post},
    {"uintr.wake", on_wake},
    {"uintr.deliver", on_deliver},
    {"uintr.take", on_take},
    {"uintr.handler", on_handler},
    {"uintr.handler_end", on_handler_end},
    {NULL, NULL},
};

const px_part_t px_uintr_part = {
    .init = part_init, .free = part_free, .cut = part_cut, .bindings = bindings};
