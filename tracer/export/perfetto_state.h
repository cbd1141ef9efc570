/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the Perfetto exporter keeps: of threads, objects, harts, processes, counters, and all of it
 * together. perfetto_sink.h says what is done with it.
 */
#ifndef TRACER_EXPORT_PERFETTO_STATE_H
#define TRACER_EXPORT_PERFETTO_STATE_H

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
    PX_KINDS = 8,   /* of messages, of signals' outcomes */
    PX_WAITS = 6,   /* kinds of ipc.block */
    PX_CHANGED = 4, /* threads whose states one kernel visit changes, before the first is written */
    PX_FLOWS = 1 << 9, /* numbers that wait to be used again; a power of two */
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

/* Names of events that a thread's own is part of. */
enum px_phrase {
    PHRASE_SERVED,                             /* "served by fs" */
    PHRASE_SERVE,                              /* "serve fs" */
    PHRASE_WAITS,                              /* "fs waits" */
    PHRASE_MESSAGE,                            /* + kind: "call from fs" */
    PHRASE_SIGNAL = PHRASE_MESSAGE + PX_KINDS, /* + outcome: "stored, by fs" */
    PHRASES = PHRASE_SIGNAL + PX_KINDS,
};

typedef struct {
    pf_name_t name;
    char text[];
} px_text_t;

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
    uint8_t task_next;   /* what it has become in a kernel visit that still lasts; 0: the same */
    uint8_t depth;       /* open slices */
    uint8_t open[PX_DEPTH];
    uint8_t open_kinds;              /* the same as bits */
    uint8_t kernel_path, kernel_why; /* of its last kernel visit, ... */
    bool path_known;                 /* ... if known */
    bool restarts;                   /* its system call was preempted */
    uint8_t result_error, result_type;
    uint16_t result_reason;
    bool result_known;
    bool wait_open;        /* its phase began with ipc.block */
    uint64_t arrow;        /* flow that ends where it runs next; 0 none */
    uint64_t reply_flow;   /* begun where its work ended, for the reply that follows; 0 none */
    uint32_t serves;       /* whose message its open slice works on; 0: nobody's */
    uint32_t sender_table; /* for user interrupts; 0 none */
    bool sends;            /* its program has just said that it sends one */
    px_work_t work;
    char name[PX_TEXT];
    pf_name_t as_text;           /* "fs" */
    px_text_t *phrases[PHRASES]; /* NULL: not used yet */
} px_thread_t;

typedef struct px_object {
    uint32_t ref, uid;
    uint64_t track;
    uint64_t last_flow; /* of the last signal that nobody has received yet */
    char name[PX_TEXT + 32];
    pf_name_t as_text;
    px_text_t *waits[PX_WAITS]; /* "wait for message at endpoint 1000"; NULL: not used yet */
    bool pending;               /* IRQ: its slice is open */
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
    px_thread_t *changed[PX_CHANGED]; /* those with task_next */
    unsigned changed_count;
    px_thread_t *visitor;           /* whose entry the current kernel visit is */
    uint8_t visit_kind;             /* entry kind + 1; 0: not in the kernel */
    uint64_t seen;                  /* time of its last event */
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

/* Numbers of flows: those that have ended are used again, as small ones take fewer bytes. They wait
 * until the time has moved on: packets may come a little late. */
typedef struct {
    uint64_t last; /* the highest given out */
    struct {
        uint64_t number, ended;
    } free[PX_FLOWS]; /* a queue */
    unsigned first, count;
} px_flows_t;

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
    uint64_t earliest; /* the same if order does not matter: events of a tick may share that */
    uint64_t newest;   /* time given to an event */
    uint64_t drift;    /* how far they may differ */
    px_hart_t harts[MODEL_MAX_HARTS + 1]; /* the last stands for rings of user programs */
    px_hart_t *hart;                      /* of the event in hand */
    px_thread_t **threads;                /* by model index */
    uint32_t thread_slots;
    px_object_t *objects[PX_OBJECT_BUCKETS];
    px_object_t *irqs[PX_OBJECT_BUCKETS];
    uint64_t next_track;
    px_flows_t flows;
    uint64_t groups[GROUP_TOTAL]; /* tracks of enum px_group; 0: not described */
    px_process_t *processes;      /* by process id */
    uint32_t process_slots;
    uint64_t begin; /* units: time of the first event that is shown */
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
    struct px_smp *smp;
    px_coro_t *coro;
    px_conn_t *conn;
    uint64_t *sizes;    /* bytes by event id, 0: counters; NULL: nobody asks */
    uint64_t size_from; /* bytes of the output when they were last counted */
};

#endif
