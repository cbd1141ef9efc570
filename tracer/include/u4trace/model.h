/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the traced system is, as of the last record: harts, threads, processes, endpoints and
 * notifications, calls in flight, capability counts. The model is moved on by one record at a
 * time; its memory depends on how many objects live at once, not on the trace's length. Sinks
 * see each event together with what the model made of it (event_t).
 *
 * Objects are known by reference (low 32 bits of their physical address). The same reference can
 * stand for another object later: each life has its own `uid`, never used again. Pointers are
 * good until the event that ends the object's life has been given to the sinks.
 *
 * A thread is RUNNING exactly while it is current on a hart.
 */
#ifndef U4TRACE_MODEL_H
#define U4TRACE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/trace/layout.h"
#include "u4trace/schema.h"

enum {
    MODEL_MAX_HARTS = 64,
    MODEL_MAX_RINGS = 256,
    MODEL_NAME_MAX = 64,
    MODEL_CAP_TYPES = 32,
};

typedef enum {
    THREAD_UNKNOWN, /* not heard of since the trace began */
    THREAD_RUNNING,
    THREAD_READY,
    THREAD_SENDING,   /* blocked: sends, nobody receives */
    THREAD_CALLING,   /* blocked: calls, nobody receives yet */
    THREAD_RECEIVING, /* blocked: waits for a message */
    THREAD_REPLY,     /* blocked: its call was received, waits for the reply */
    THREAD_NTFN,      /* blocked: waits on a notification */
    THREAD_FAULTED,   /* blocked: waits for its fault handler */
    THREAD_BLOCKED,   /* blocked, the trace does not say on what (class ipc off) */
    THREAD_POSTPONED, /* could run, but has no budget now, or no scheduling context (MCS) */
    THREAD_STOPPED,   /* not started, suspended, or faulted without a handler */
    THREAD_IDLE,      /* a hart's idle thread while current */
    THREAD_DEAD,
    THREAD_STATES,
} thread_state_t;

/* "running", "ready", "sending" ... */
const char *thread_state_name(thread_state_t state);

/* An event by its place: what flows connect. */
typedef struct {
    uint64_t position;
    uint64_t time;
    uint32_t ring; /* EVENT_NONE: no event */
    uint16_t id;
} event_ref_t;

#define EVENT_NONE UINT32_MAX
#define MODEL_VECTORS 64 /* of user interrupts */

typedef struct thread thread_t;
typedef struct process process_t;
typedef struct object object_t;

/* The IPC that a thread has begun and waits for: a Call (or a fault, which is one in effect)
 * until its reply, a Send until its transfer. One per thread at a time. */
typedef struct {
    uint64_t id;       /* 1, 2 ... in order of beginning */
    uint64_t begun;    /* time of the client's kernel entry, else of the first event */
    uint64_t received; /* the message reached the server; 0: not yet */
    uint64_t replied;  /* the reply was sent; 0: not yet */
    uint64_t done;     /* the client ran again; 0: not yet */
    event_ref_t first; /* the block or transfer event that began it */
    event_ref_t transfer;
    event_ref_t reply;
    thread_t *client;
    thread_t *server; /* NULL until received, and after the server's death */
    uint64_t badge;
    uint32_t endpoint;
    uint32_t client_uid, server_uid;
    uint8_t kind;   /* TRACE_IPC_KIND_CALL, _FAULT, _SEND ... */
    uint8_t length; /* message words sent */
    uint8_t reply_length;
    bool fast;    /* the client's own kernel path was the fast one (known at its exit event) */
    bool active;  /* begun and not over */
    bool certain; /* when over: no records were lost since it began */
    uint32_t epoch;
} call_t;

struct process {
    uint32_t id;     /* dense, from 1; 0 is the kernel's own */
    uint32_t vspace; /* reference of its root page table; 0 unknown */
    uint32_t uid;
    uint32_t threads; /* alive */
    uint8_t image;    /* which of the boot image's programs, from 1; 0 unknown */
    char name[MODEL_NAME_MAX];
    process_t *next, *prev; /* all, oldest first */
};

struct thread {
    uint32_t ref;
    uint32_t uid;   /* of this life; from 1 */
    uint32_t index; /* dense: smallest free when created; to key arrays */
    thread_state_t state;
    thread_state_t next_state; /* what it becomes when it leaves its hart; UNKNOWN: ready */
    process_t *process;        /* never NULL; id 0 while it has no address space */
    char name[MODEL_NAME_MAX]; /* given or made up, never empty */
    bool named;                /* given */
    bool idle;                 /* a hart's idle thread */
    bool created_seen;         /* its creation is in the trace */
    bool loaded;               /* known from the snapshot, no event has named it yet */
    uint8_t priority, mcp;
    uint8_t domain;
    int32_t hart; /* where it runs or last ran; -1 unknown */
    uint32_t vspace, cspace;
    uint32_t sc;           /* reference of the scheduling context it runs on; 0 none, unknown */
    uint64_t release;      /* POSTPONED: when it gets budget again; 0 not known */
    object_t *wait_object; /* what it waits on; NULL none or unknown */
    uint64_t wait_badge;
    uint64_t entry_pc;               /* from thread.start; 0 unknown */
    uint64_t born;                   /* first seen */
    uint64_t since;                  /* in this state since */
    uint64_t entered;                /* last kernel entry, 0 none */
    uint64_t waiting_since;          /* when it began to wait; 0 if it does not */
    uint64_t time_in[THREAD_STATES]; /* ticks, without the present interval */
    uint64_t switches, preemptions;
    event_ref_t last_block;
    event_ref_t last_wake;
    event_ref_t wake_cause; /* the event that is about to wake it */
    call_t call;            /* what it has begun itself */
    call_t last_call;       /* the last one that is over */
    thread_t *next, *prev;  /* all alive, oldest first */
};

/* An endpoint, notification or other object that events have named. */
struct object {
    uint32_t ref;
    uint32_t uid;
    uint8_t type;     /* captype value; 0 unknown */
    uint32_t waiting; /* endpoint, notification: threads known to wait on it */
    uint64_t pending; /* notification: badge bits signalled and not yet received */
    uint64_t count;   /* transfers or signals */
    event_ref_t last_signal;
    object_t *next, *prev; /* all, oldest first */
};

/* A scheduling context, as far as events have told of it. */
typedef struct {
    uint32_t ref;
    uint32_t budget_us, period_us; /* 0: configured before the trace began */
    uint32_t thread_uid;           /* who runs on it; 0: nobody, or unknown */
    uint64_t used;                 /* ticks charged */
    uint64_t left;                 /* ticks of its first refill, when it was last charged */
    uint64_t turns;                /* times that its budget ran out, or was yielded */
} model_sc_t;

typedef struct {
    thread_t *current; /* NULL unknown */
    thread_t *idle;
    uint64_t since;   /* current since */
    uint64_t entered; /* in the kernel since; 0: in user mode or unknown */
    uint8_t entry_kind;
    uint64_t last_time; /* of its last record */
    uint64_t idle_time, busy_time;
    event_ref_t last_entry;
    bool online; /* a record was seen */
    bool blind;  /* records were lost since: who is current is not known */
} hart_t;

/* One ring's account. emitted = skipped + kept + lost, always. */
typedef struct {
    uint64_t next;    /* position expected next */
    uint64_t skipped; /* before the recording began */
    uint64_t kept;
    uint64_t lost;
    uint32_t gaps; /* places where records were lost */
    uint32_t hart; /* UINT32_MAX: a user ring */
    uint32_t owner;
    bool seen;
} ring_account_t;

/* User interrupts. sent = coalesced + delivered + dropped + what is pending now; what rings lost
 * is missing. */
typedef struct {
    uint64_t sent;      /* by uipi send, or posted by the kernel */
    uint64_t coalesced; /* the vector was pending already */
    uint64_t delivered; /* vectors that handlers, Wait or Poll took */
    uint64_t dropped;   /* pending when the receiver ended */
    uint64_t ignored;   /* posts without effect that the kernel saw */
    /* With EFFECT_UINTR_ARRIVED: the vectors that arrived, each with the send that made it
     * pending. */
    unsigned arrived_count;
    struct {
        uint8_t vector;
        event_ref_t cause;
    } arrived[MODEL_VECTORS];
} model_uintr_t;

typedef struct model {
    const schema_t *schema;
    uint64_t timebase_hz;
    uint32_t abi; /* TRACE_ABI_* */
    hart_t harts[MODEL_MAX_HARTS];
    uint32_t hart_count; /* highest seen + 1 */
    ring_account_t rings[MODEL_MAX_RINGS];
    uint32_t ring_count;
    thread_t *threads, *last_thread; /* alive, oldest first */
    uint32_t thread_count, thread_peak;
    process_t *processes, *last_process; /* oldest first; the first is the kernel's own (id 0) */
    uint32_t process_count;
    object_t *objects, *last_object; /* endpoints and notifications */
    uint32_t object_count;
    uint64_t calls; /* begun */
    uint64_t events, lost;
    uint64_t per_event[SCHEMA_MAX_EVENTS];
    uint64_t caps_made[MODEL_CAP_TYPES], caps_deleted[MODEL_CAP_TYPES];
    uint64_t first_time, time;     /* of the first and the last record */
    uint64_t unexplained_switches; /* current thread changed without a switch event */
    uint32_t loss_epoch;           /* grows with each loss */
    model_uintr_t uintr;
    struct model_private *private;
} model_t;

/* What the model made of the event; bits of event_t.effects. */
enum {
    EFFECT_CALL_BEGUN = 1 << 0,    /* event->call: begun by this event */
    EFFECT_CALL_RECEIVED = 1 << 1, /* ... its message reached the server */
    EFFECT_CALL_REPLIED = 1 << 2,  /* ... the reply was sent */
    EFFECT_CALL_DONE = 1 << 3,     /* event->done: its client runs again (a Send: was received) */
    EFFECT_CALL_ENDED = 1 << 4,    /* event->done: was cancelled, no reply will come */
    EFFECT_SWITCH = 1 << 5,        /* `prev` left the hart and `other` is current */
    EFFECT_UNEXPLAINED = 1 << 6, /* before this event the current thread changed silently: `prev` */
    EFFECT_THREAD_NEW = 1 << 7,  /* `other`, or `thread`, is seen for the first time */
    EFFECT_THREAD_NAMED = 1 << 8,   /* `other` has a new name */
    EFFECT_THREAD_GONE = 1 << 9,    /* `gone` dies with this event */
    EFFECT_WOKEN = 1 << 10,         /* `other` became ready */
    EFFECT_BLOCKED = 1 << 11,       /* `thread` is about to wait */
    EFFECT_PROCESS = 1 << 12,       /* `other` was given an address space: other->process */
    EFFECT_UINTR_ARRIVED = 1 << 13, /* a receiver took vectors: model->uintr.arrived */
};

/* A record with what it means. */
typedef struct event {
    const trace_record_t *record;
    const schema_event_t *type; /* never NULL; schema->unknown if the table lacks the id */
    uint64_t time;              /* ticks */
    uint64_t position;          /* in its ring */
    uint32_t ring;
    uint32_t hart;
    uint32_t effects;
    bool again;        /* the same record as the event before: the rest of what it says */
    thread_t *thread;  /* current on the hart; NULL only if the record says 0 */
    thread_t *other;   /* the second thread: peer, next, woken, concerned; or NULL */
    thread_t *prev;    /* with EFFECT_SWITCH, EFFECT_UNEXPLAINED: who left */
    thread_t *gone;    /* with EFFECT_THREAD_GONE: who dies with this event */
    object_t *object;  /* endpoint or notification; or NULL */
    call_t *call;      /* that the event begins or moves on; or NULL */
    call_t *done;      /* that is over with this event; or NULL */
    event_ref_t cause; /* what brought this about: a wake's signal, a switch's wake, a transfer's
                          block; ring is EVENT_NONE if there is none */
    uint64_t waited;   /* ticks that whoever waited for this had waited; kernel.exit: ticks in the
                          kernel */
} event_t;

/* `schema` is borrowed. hz: ticks a second. */
model_t *model_new(const schema_t *schema, uint64_t timebase_hz, uint32_t abi);
void model_free(model_t *model);

/* The programs in the boot image, by which unnamed threads get names. Takes them over. */
struct images;
void model_images(model_t *model, struct images *images);

/* What a snapshot says was there at `time`, before the first record. `at_end`: it was taken after
 * the last one, and tells names, processes and priorities only. */
struct state;
void model_load(model_t *model, const struct state *state, uint64_t time, bool at_end);

/* Which hart writes a ring; without it, ring n is hart n's. */
void model_ring(model_t *model, uint32_t ring, uint32_t hart, uint32_t owner);

/* Moves on by one record and describes it in *event. */
void model_record(model_t *model, uint32_t ring, uint64_t position, const trace_record_t *record,
                  event_t *event);

/* `count` records of a ring, from `position` on, are missing. */
void model_loss(model_t *model, uint32_t ring, uint64_t position, uint64_t count);

/* NULL if not known (or dead). */
thread_t *model_thread(const model_t *model, uint32_t ref);
object_t *model_object(const model_t *model, uint32_t ref);

/* By reference; NULL if no event has named it. */
const model_sc_t *model_sc(const model_t *model, uint32_t ref);

/* Ticks to nanoseconds since the guest's clock began. */
uint64_t model_ns(const model_t *model, uint64_t ticks);

/* Time in `state` up to now, the interval that is running included. */
uint64_t thread_time_in(const model_t *model, const thread_t *thread, thread_state_t state);

/* A reference to this event. */
static inline event_ref_t event_ref(const event_t *event)
{
    return (event_ref_t){.position = event->position,
                         .time = event->time,
                         .ring = event->ring,
                         .id = event->record->event};
}

#endif
