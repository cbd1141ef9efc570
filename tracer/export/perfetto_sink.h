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
 *   perfetto_sizes.c     how many bytes events take
 *   perfetto_counters.c  counter tracks
 *   perfetto_console.c   the guest's console
 *
 * A slice's arrow is drawn from its end, so flows begin at instants.
 */
#ifndef TRACER_EXPORT_PERFETTO_SINK_H
#define TRACER_EXPORT_PERFETTO_SINK_H

#include "abi/trace/layout.h"
#include "perfetto_lists.h"
#include "perfetto_packet.h"
#include "u4trace/export.h"
#include "trace/ids.h"
#include "u4trace/labels.h"

#define PX_CATEGORY_ENUM(symbol, text) CAT_##symbol,
#define PX_NAME_ENUM(symbol, text) NAME_##symbol,
#define PX_ARG_ENUM(symbol, text) ARG_##symbol,
enum px_category { PX_CATEGORIES(PX_CATEGORY_ENUM) CATEGORY_TOTAL };
enum px_name { PX_NAMES(PX_NAME_ENUM) NAME_TOTAL };
enum px_arg { PX_ARGS(PX_ARG_ENUM) ARG_TOTAL };

#define PX_FIELD_ENUM(symbol, event, field) FIELD_##symbol,
enum px_field { PX_FIELDS(PX_FIELD_ENUM) PX_FIELD_COUNT };

enum {
    PX_DEPTH = 8,
    PX_LABELS = 512,
    PX_OBJECT_BUCKETS = 1024, /* a power of two */
    PX_USER_COUNTERS = 64,
    PX_SC_RANK = 1 << 15,    /* of its counters among all */
    PX_ASYNC_RANK = 1 << 16, /* the same */
    PX_CONSOLE_SEQUENCE = PF_SEQUENCES - 1,
    PX_TEXT = MODEL_NAME_MAX + 16,
};

/* A ring's sequence of packets; the many rings of user programs share one. */
static inline unsigned px_sequence(uint32_t ring)
{
    return ring < PX_CONSOLE_SEQUENCE ? ring : PX_CONSOLE_SEQUENCE - 1;
}

/* Slices of a thread's track, from outer to inner. */
enum px_slice {
    SLICE_SERVE = 1, /* works on a message or a signal that it has received */
    SLICE_CALL,      /* from kernel entry to return: system call or fault */
    SLICE_PHASE,     /* what it waits for in there */
    SLICE_BUDGET,    /* its scheduling context has no budget */
    SLICE_HANDLER,   /* the handler of a user interrupt, wherever that has come */
};

/* A message or signal that a thread has received and will work on once it is in user mode. */
typedef struct {
    enum { WORK_NONE, WORK_MESSAGE, WORK_FAULT, WORK_SIGNAL } kind;
    uint64_t flow; /* 0: none */
    struct px_thread *client;
    uint32_t client_uid;
    uint64_t badge;
    struct px_object *object;
    uint32_t object_uid;
} px_work_t;

typedef struct px_thread {
    uint32_t uid;
    uint32_t pid;
    uint64_t track;
    bool described, idle, named;
    uint64_t task_since; /* when that was */
    uint8_t task;        /* enum pf_task_state as last written; 0 none */
    uint8_t depth;       /* open slices */
    uint8_t open[PX_DEPTH];
    uint8_t open_kinds;              /* the same as bits */
    uint8_t kernel_path, kernel_why; /* of its last kernel visit, ... */
    bool path_known;                 /* ... if known */
    bool restarts;                   /* its system call was preempted */
    uint8_t result_error, result_type;
    uint16_t result_reason;
    bool result_known;
    uint64_t arrow;        /* flow that ends where it runs next; 0 none */
    uint32_t sender_table; /* for user interrupts; 0 none */
    bool sends;            /* its program has just said that it sends one */
    px_work_t work;
    char name[PX_TEXT], served_text[PX_TEXT], serve_text[PX_TEXT];
    pf_name_t as_text;   /* "fs" */
    pf_name_t as_server; /* "served by fs" */
    pf_name_t as_client; /* "serve fs" */
} px_thread_t;

typedef struct px_object {
    uint32_t ref, uid;
    uint64_t track;
    uint64_t last_flow; /* of the last signal that nobody has received yet */
    char name[PX_TEXT + 32];
    pf_name_t as_text;
    bool pending; /* IRQ: its slice is open */
    struct px_object *next;
} px_object_t;

/* A kernel entry of which only what follows tells what it is. */
typedef struct {
    bool active;
    uint8_t kind, call;
    uint32_t cptr, info;
    uint64_t time, pc;
    px_thread_t *thread;
} px_entry_t;

typedef struct {
    px_thread_t *running; /* as last written */
    px_entry_t entry;
    px_thread_t *visitor;           /* whose entry the current kernel visit is */
    uint8_t visit_kind;             /* entry kind + 1; 0: not in the kernel */
    bool open;                      /* a slice is open on its track */
    bool timer;                     /* ... that says that the timer fired */
    bool blind;                     /* records were lost: who runs is not known */
    px_thread_t *sender, *receiver; /* of this visit's message */
    uint64_t irq_flow;              /* of the device interrupt that this visit handles; 0 none */
    uint64_t track;                 /* 0: not described */
    char name[16];
} px_hart_t;

typedef struct {
    uint32_t pid;       /* 0: not described */
    uint32_t name_hash; /* of the name written last */
} px_process_t;

/* A field that is a counter, of one of the things that such events tell of. */
typedef struct px_figure {
    uint64_t key; /* the thing: the event's first field that is no counter; 0 if it has none */
    uint64_t track;
    uint8_t event, field;
    struct px_figure *next;
} px_figure_t;

/* Free bytes of one Untyped. */
typedef struct px_untyped {
    uint32_t ref;
    uint64_t free;
    struct px_untyped *next;
} px_untyped_t;

typedef struct {
    uint64_t track;
    uint64_t written;
    bool ever;
} px_counter_t;

enum { COUNTER_READY, COUNTER_LOST, COUNTER_RATE, COUNTER_FREE, COUNTER_CAPS };

typedef struct {
    uint64_t period, next_sample; /* units of the clock */
    uint64_t rate_since, rate_events;
    uint64_t ready, lost, free_bytes;
    px_counter_t values[COUNTER_CAPS + MODEL_CAP_TYPES];
    px_counter_t user[PX_USER_COUNTERS];
    px_untyped_t *untypeds[PX_OBJECT_BUCKETS];
    bool untyped_seen;
    px_figure_t *figures[64]; /* by hash */
    unsigned figure_count;
} px_counters_t;

typedef struct px px_t;
typedef struct px_uintr px_uintr_t;
typedef struct px_async px_async_t;
typedef struct px_sc px_sc_t;
typedef struct px_coro px_coro_t;
typedef struct px_conn px_conn_t;
typedef void px_handler_t(px_t *s, const model_t *model, const event_t *event);

/* Groups of tracks, in their order. */
enum px_group {
    GROUP_HARTS = 1,
    GROUP_ENDPOINTS,
    GROUP_NOTIFICATIONS,
    GROUP_IRQS,
    GROUP_RECEIVERS,
    GROUP_CONNECTIONS,
    GROUP_ASYNC,
    GROUP_COUNTERS,
    GROUP_CONSOLE,
    GROUP_TOTAL,
};

/* What a part of the exporter does with which events, by their names: a trace's table may lack
 * them. A NULL name ends such a list. */
typedef struct {
    const char *event;
    px_handler_t *handler;
} px_binding_t;

struct px {
    pf_t pf;
    char *path;
    int fd;
    bool opened; /* fd is ours */
    const trace_info_t *info;
    bool compress, kernel_tracks;
    const schema_t *schema;
    unsigned sequence; /* of the event in hand */
    uint64_t now;      /* its time, or that of the entry being written; in the output's units */
    uint64_t newest;   /* time given to an event */
    uint64_t drift;    /* how far they may differ */
    px_hart_t harts[MODEL_MAX_HARTS + 1]; /* the last stands for rings of user programs */
    px_hart_t *hart;                      /* of the event in hand */
    px_thread_t **threads;                /* by model index */
    uint32_t thread_slots;
    px_object_t *objects[PX_OBJECT_BUCKETS];
    px_object_t *irqs[PX_OBJECT_BUCKETS];
    uint64_t next_track, flows;
    uint64_t groups[GROUP_TOTAL]; /* tracks of enum px_group; 0: not described */
    px_process_t *processes;      /* by process id */
    uint32_t process_slots;
    bool kernel_seen, started;
    char line[256]; /* of the console, so far */
    size_t line_length;
    char early[8192]; /* console text from before the first event */
    size_t early_length;

    pf_name_t categories[CATEGORY_TOTAL], names[NAME_TOTAL], args[ARG_TOTAL];
    const schema_field_t *fields[PX_FIELD_COUNT];
    px_handler_t *handlers[SCHEMA_MAX_EVENTS];
    bool invocation[SCHEMA_MAX_EVENTS]; /* behind an entry: an object is being invoked */
    pf_name_t **enums;                  /* by enum, then number: its text as an argument's value */
    pf_name_t **enum_names;             /* the same as event names */
    size_t *enum_sizes;
    size_t enum_count;                          /* of those */
    pf_name_t *class_names[SCHEMA_MAX_CLASSES]; /* as categories; NULL: none yet */
    pf_name_t *event_names[SCHEMA_MAX_EVENTS];
    pf_name_t *event_args[SCHEMA_MAX_EVENTS][SCHEMA_MAX_FIELDS];
    pf_name_t labels[PX_LABELS], label_texts[PX_LABELS];
    pf_name_t paths[32]; /* how a kernel visit went: "fast", "slow: ..." */
    char path_texts[32][80];
    px_counters_t counters;
    px_uintr_t *uintr;
    px_async_t *async;
    px_sc_t *sc;
    px_coro_t *coro;
    px_conn_t *conn;
    uint64_t *sizes;    /* bytes by event id, 0: counters; NULL: nobody asks */
    uint64_t size_from; /* bytes of the output when they were last counted */
};

/* ---- names ---- */

void px_names_init(px_t *s, const schema_t *schema, uint32_t abi);
/* Names of an event, its fields, and of enumerations and classes that are new. */
void px_names_event(px_t *s, const schema_event_t *type);
void px_names_free(px_t *s);
pf_name_t *px_enum_text(px_t *s, const schema_field_t *field, uint64_t value);
pf_name_t *px_enum_name(px_t *s, const schema_field_t *field, uint64_t value);

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

/* The number of a new flow. */
static inline uint64_t px_flow(px_t *s)
{
    return ++s->flows;
}

/* ---- slices of threads ---- */

static inline bool px_is_open(const px_thread_t *x, enum px_slice kind)
{
    return x->open_kinds >> kind & 1;
}

/* Ends the slice of that kind, which is open, and those inside it. */
void px_end_open(px_t *s, px_thread_t *x, enum px_slice kind);
/* The same, if it is open. */
static inline void px_end(px_t *s, px_thread_t *x, enum px_slice kind)
{
    if (px_is_open(x, kind)) {
        px_end_open(s, x, kind);
    }
}
/* Begins a slice; the caller adds to the event and ends it with pf_done(). */
__attribute__((always_inline)) static inline pf_event_t px_begin(px_t *s, px_thread_t *x,
                                                                 enum px_slice kind,
                                                                 enum px_category category,
                                                                 pf_name_t *name)
{
    if (__builtin_expect(x->depth == PX_DEPTH, 0)) { /* cannot be: each kind is open once */
        px_end_open(s, x, (enum px_slice)x->open[PX_DEPTH - 1]);
    }
    x->open[x->depth++] = (uint8_t)kind;
    x->open_kinds |= (uint8_t)(1u << kind);
    pf_event_t e = px_event(s, EVENT_BEGIN, x->track);
    pf_named(&e, &s->categories[category], name);
    return e;
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

extern const px_part_t px_uintr_part, px_coro_part, px_conn_part, px_async_part, px_sc_part;

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
               int priority);
/* Writes the thread's state if it is not what was written last. */
void px_sync(px_t *s, const thread_t *thread);
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
