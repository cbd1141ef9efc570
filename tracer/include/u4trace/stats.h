/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A sink that sums a trace up: threads, messages, notifications, invocations, faults, kernel
 * entries. Its memory grows with the number of threads, endpoints and pairs, not with time.
 * Durations are in ns. Calls during which records were lost count, but have no latency.
 */
#ifndef U4TRACE_STATS_H
#define U4TRACE_STATS_H

#include "u4trace/histogram.h"
#include "u4trace/pipeline.h"

enum {
    STATS_IPC_KINDS = 16,
    STATS_SYSCALLS = 256,
    STATS_FAULTS = 16,
    STATS_SLOW_REASONS = 64,
    STATS_LONGEST = 8,
    STATS_SPANS = 16,
};

/* Latencies of messages: from the sender's kernel entry to the end, and its parts. */
typedef struct {
    uint64_t count;     /* transfers */
    uint64_t cancelled; /* ended without one */
    uint64_t fast;      /* begun on the kernel's fast path */
    uint64_t slow_sum;  /* begun on the slow one; what is missing to the count is not known */
    uint32_t slow[STATS_SLOW_REASONS]; /* by slow_reason */
    histogram_t total; /* begin to end: a Call's reply seen by the client, a Send's transfer */
    histogram_t wait;  /* until a receiver took it */
    histogram_t run;   /* until the server replied */
    histogram_t reply; /* until the client ran again */
} stats_latency_t;

typedef struct {
    uint32_t uid, ref;
    char name[MODEL_NAME_MAX], process[MODEL_NAME_MAX];
    uint8_t priority;
    bool idle, dead;
    uint64_t time_in[THREAD_STATES]; /* ns */
    uint64_t switches, preemptions;
    uint64_t calls, served;
    uint64_t imposed;        /* ns that servers ran for it, and theirs for them */
    uint64_t ran_for_others; /* ns of its own running that were imposed on a client */
    uint64_t caps_made, caps_deleted;
} stats_thread_t;

/* A stay in the kernel, interrupts off. */
typedef struct {
    uint64_t ns;
    uint64_t time; /* of its end, ns */
    uint32_t thread_uid;
    uint8_t kind, call; /* entry_kind, syscall */
} stats_section_t;

typedef struct {
    uint32_t ref, uid;
    stats_latency_t latency;
} stats_endpoint_t;

typedef struct {
    uint32_t client_uid, server_uid, endpoint;
    char client[MODEL_NAME_MAX], server[MODEL_NAME_MAX];
    stats_latency_t latency;
} stats_pair_t;

typedef struct {
    uint32_t ref, uid;
    uint64_t signals, merged, woke, received;
    histogram_t latency; /* signal to the woken thread running, or to its Wait or Poll */
} stats_ntfn_t;

typedef struct {
    uint64_t label;
    uint32_t type; /* captype value */
    uint32_t error, reason;
    uint64_t count;
} stats_invocation_t;

typedef struct {
    uint64_t count;
    histogram_t kernel; /* ns in the kernel */
} stats_entry_t;

/* Capabilities of one type that one process's threads have made. */
typedef struct {
    uint32_t process_uid;
    uint8_t type; /* captype value */
    char owner[MODEL_NAME_MAX];
    uint64_t made;    /* copies, mints, retypes, transfers; moving one makes none */
    uint64_t deleted; /* of these, by whomever */
    int64_t held;     /* made less deleted; below 0: there were some before the trace */
    int64_t peak;
    int64_t held_at[STATS_SPANS]; /* at the end of each span */
} stats_caps_t;

/* Async system calls of one thread: from its ring to the kernel and back to its coroutine. The
 * times before the pick-up and after the completion are known if the program has a trace ring. */
typedef struct {
    uint32_t thread_uid;
    char thread[MODEL_NAME_MAX];
    uint64_t rings, broken;
    uint64_t submitted, taken, answered, failed; /* failed: answered with an error */
    uint64_t deepest;                            /* lines seen in the ring */
    histogram_t total;                           /* submitted to fetched; its parts: */
    histogram_t wait;                            /* in the ring, */
    histogram_t latency;                         /* in the kernel, */
    histogram_t back;                            /* until the coroutine had it */
    struct stats_requests *under_way;
} stats_async_t;

enum { STATS_CLIENT, STATS_SERVER, STATS_CORO_WAITS = 16 };

/* One end of a connection: who it is; how often it notified the other, and by a system call of its
 * own (else by the one with which it waits), or need not since that one was awake; and how often the
 * other's notifications were taken in the kernel, or came as user interrupts. */
typedef struct stats_side {
    uint32_t uid;
    char name[MODEL_NAME_MAX];
    uint64_t notified, alone, avoided;
    uint64_t woken, interrupted;
    struct stats_side **same; /* the thread's ends that are notified by the same bit; NULL: ended */
    struct stats_side *next;  /* of those */
} stats_side_t;

/* Kernel entries that the connection has cost this end. */
static inline uint64_t stats_traps(const stats_side_t *side)
{
    return side->alone + side->woken;
}

/* A connection of async IPC. */
typedef struct {
    uint32_t number;
    stats_side_t sides[2]; /* STATS_CLIENT, STATS_SERVER */
    uint64_t calls, sends, answered, late;
    uint64_t deepest;  /* lines seen in the requests' ring */
    histogram_t total; /* request to answer; its parts: */
    histogram_t ring;  /* until a server's coroutine took it, */
    histogram_t serve; /* until that one answered, */
    histogram_t back;  /* until the client took the answer */
    struct stats_requests *under_way;
} stats_conn_t;

/* Coroutines of one name in one thread. */
typedef struct {
    uint32_t thread_uid;
    char thread[MODEL_NAME_MAX], name[SCHEMA_STR_SIZE];
    uint64_t seen, alive, most;         /* in all, at the end, at a time */
    uint64_t runs, ran, ready;          /* times that they ran; ns */
    uint64_t waits[STATS_CORO_WAITS];   /* by coro_wait */
    uint64_t waited[STATS_CORO_WAITS];  /* ns, by coro_wait */
    uint64_t waiting[STATS_CORO_WAITS]; /* of those alive at the end, by what they wait for */
} stats_coros_t;

typedef struct {
    uint32_t uid;
    char name[MODEL_NAME_MAX];
    uint64_t ns;
} stats_spender_t;

/* A scheduling context (MCS), by the name of the thread that had it first. */
typedef struct {
    uint32_t ref, owner_uid; /* 0: nobody's yet */
    char owner[MODEL_NAME_MAX];
    uint32_t budget_us, period_us; /* 0: configured before the trace */
    uint64_t since;                /* first heard of, ns */
    uint64_t used;                 /* ns that threads ran on it */
    uint64_t charged;              /* ns that the kernel took off: what was yielded too */
    uint64_t turns;                /* times that the budget ran out or was given up */
    uint64_t postponed, waited;    /* times that its thread had to wait for budget; ns, in all */
    stats_spender_t *spenders;     /* who ran on it, the one that did most first */
    size_t spender_count;
} stats_time_t;

typedef struct stats {
    stats_latency_t kinds[STATS_IPC_KINDS]; /* by ipc_kind */
    stats_thread_t *threads;
    size_t thread_count;
    stats_endpoint_t **endpoints;
    size_t endpoint_count;
    stats_pair_t **pairs;
    size_t pair_count;
    stats_ntfn_t **ntfns;
    size_t ntfn_count;
    stats_invocation_t *invocations;
    size_t invocation_count;
    stats_entry_t *syscalls[STATS_SYSCALLS];
    stats_entry_t interrupts, exceptions;
    stats_section_t longest[STATS_LONGEST];  /* the longest first; ns 0: none */
    uint64_t fast_exits;                     /* of system calls */
    uint64_t slow_exits[STATS_SLOW_REASONS]; /* by slow_reason */
    histogram_t uintr_latency;               /* user interrupts: from send to handler */
    uint64_t faults[STATS_FAULTS], unhandled, lookups;
    stats_caps_t **caps;
    size_t caps_count;
    uint64_t caps_moved;
    uint64_t span_ns;    /* spans of time, from first_time on */
    unsigned spans;      /* of STATS_SPANS */
    stats_time_t **time; /* in the order in which they were heard of */
    size_t time_count;
    stats_async_t **async;
    size_t async_count;
    stats_conn_t **conns;
    size_t conn_count;
    stats_coros_t **coros;
    size_t coro_count;
    uint64_t per_event[SCHEMA_MAX_EVENTS]; /* that the filter let through */
    uint64_t events;
    uint64_t first_time, last_time; /* ns, of those */
    struct stats_private *private;
} stats_t;

stats_t *stats_new(void);
void stats_free(stats_t *stats);

/* `self` is the stats_t. When the end has been reached, tables are complete and sorted, the
 * busiest first. */
extern const sink_ops_t stats_sink;

#endif
