/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Coroutines: functions with stacks of their own that run within one thread and hand it on to one
 * another where they wait. An executor is what a thread runs coroutines with; a program may have
 * several, one per thread. Nothing here may be called for another thread's executor, except
 * u4_exec_poke().
 *
 * Floating-point registers that a function must preserve (fs0..fs11) survive a switch only in an
 * executor made with `fpu`: most coroutines use none, and then a switch is less than half as long.
 */
#ifndef U4_CORO_H
#define U4_CORO_H

#include <u4/ring.h>
#include <u4/vspace.h>

#define U4_EXEC_MAGIC 0x315f434558453455ull /* "U4EXEC_1" */
#define U4_NEVER UINT64_MAX                 /* a deadline that does not come */

enum { U4_PRIORITIES = 8, U4_CORO_NAME = 16, U4_CORO_MAX = 16384, U4_GROUPS = 64 };

/* How a wait, or an operation that can wait, ended. */
typedef enum {
    U4_OK = 0,
    U4_TIMEOUT,   /* the deadline came first */
    U4_CANCELLED, /* u4_coro_cancel() */
    U4_CLOSED,    /* the peer left, died, or broke the protocol */
    U4_REFUSED,   /* the peer does not want to connect */
    U4_INVALID,   /* an argument out of range */
    U4_NO_MEMORY, /* the kernel gave no memory or slot, or the pool is used up */
    U4_STUCK,     /* coroutines wait, and nothing is left that could wake one */
} u4_status_t;

const char *u4_status_name(u4_status_t status);

typedef enum { U4_CORO_FREE, U4_CORO_READY, U4_CORO_RUNNING, U4_CORO_BLOCKED } u4_coro_state_t;

/* Why a coroutine waits; waits_for is then the object named. */
typedef enum {
    U4_WAIT_NONE,
    U4_WAIT_SLEEP,   /* - */
    U4_WAIT_JOIN,    /* the coroutine */
    U4_WAIT_CALL,    /* connection: its answer */
    U4_WAIT_ROOM,    /* connection, or the executor's kernel ring: room in it */
    U4_WAIT_RECV,    /* port: a request */
    U4_WAIT_NOTIFY,  /* the executor: a U-notification */
    U4_WAIT_SYSCALL, /* the executor's kernel ring: a system call's completion */
    U4_WAIT_EVENT,   /* whatever the program says: u4_block() */
} u4_wait_t;

/* With a deadline; for an answer that may have more words than a line. Such waits are never ended
 * by u4_next_answer(). */
enum { U4_HOW_TIMED = 1, U4_HOW_LONG = 2 };

/* Where a coroutine goes on: all else that it needs lies on its stack (u4/fast.h). `ra` is stored
 * by whoever runs next. */
typedef struct {
    seL4_Word ra, sp, s0;
} u4_context_t;

struct u4_exec;
typedef struct u4_coro u4_coro_t;

typedef struct {
    u4_coro_t *head, *tail;
} u4_queue_t;

struct u4_coro {
    u4_context_t context;
    /* These four are also set and compared as one word: U4_CORO_WORD(). */
    uint8_t state;    /* u4_coro_state_t */
    uint8_t wait;     /* u4_wait_t */
    uint8_t status;   /* u4_status_t of the wait that ended */
    uint8_t how;      /* it waits: U4_HOW_* */
    uint8_t priority; /* 0..7, 7 is the most important */
    bool cancelled;   /* its next wait ends at once */
    uint16_t index;   /* in the executor's pool */
    u4_coro_t *next;  /* in the queue that it is in */
    u4_coro_t *prev;  /* in a queue of waiters */
    struct u4_exec *exec;
    /* First word of its last request, by which the answer finds it (abi/u4/ring.h). */
    uint64_t token;
    void *waits_for;
    union { /* that answer, if the coroutine could not go on at once; */
        u4_ring_line_t answer;
        struct { /* with U4_HOW_LONG: where its words go, at most so many */
            seL4_Word result_info, *result_words;
            uint64_t result_max;
        };
    };
    uint64_t deadline;  /* U4_NEVER, or `time` ticks */
    uint32_t timer;     /* place among the timers + 1, 0: none */
    u4_queue_t joiners; /* who wait for its end */
    u4_queue_t *in;     /* queue of waiters that it is in */
    void (*entry)(void *argument);
    void *argument;
    struct u4_conn *served; /* connection of the request that it has to answer, while it is open */
    uint64_t served_token;
    seL4_Word stack;   /* lowest address; the guard page lies below */
    uint32_t mapped;   /* its stack has memory */
    uint32_t sequence; /* how often this place of the pool was used */
    char name[U4_CORO_NAME];
} __attribute__((aligned(1 << U4_RING_INDEX_SHIFT)));
_Static_assert(sizeof(u4_coro_t) == 1 << U4_RING_INDEX_SHIFT, "a token's index is a distance");

typedef struct {
    const char *name;
    u4_alloc_t *alloc;   /* memory for stacks, coroutines, connections */
    u4_vspace_t *vspace; /* where they are mapped */
    unsigned capacity;   /* coroutines at a time, 1..U4_CORO_MAX */
    unsigned stack_pages;
    bool fpu; /* coroutines use floating point */
    /* Initialised by the thread (u4/uintr.h): it is notified by user interrupts, all vectors of
     * which become the executor's. Null: by ordinary notifications. Not with a port, whose
     * endpoint the thread sleeps on. */
    struct u4_uintr *uintr;
    /* How often it looks at its rings before it sleeps: peers on other harts may answer sooner than
     * they could wake it. 0, the default: it never polls. */
    unsigned looks;
} u4_exec_config_t;

typedef struct u4_exec {
    uint64_t magic; /* U4_EXEC_MAGIC */
    u4_context_t main;
    u4_coro_t *current; /* null: the executor itself */
    u4_coro_t *ready;   /* first of those that can go on, the most important ones in front */
    u4_coro_t *last[U4_PRIORITIES]; /* of a priority, if it is ready */
    bool fpu;
    bool on_u4;           /* the kernel has u4's system calls */
    bool direct;          /* answers are fetched one by one, by whoever waits next */
    bool traced;          /* the thread has a trace ring */
    unsigned looks;       /* as configured; may be changed */
    unsigned patience;    /* switches until connections are looked at though coroutines are ready */
    u4_coro_t *coros;     /* the pool: a power of 2 of places, of which capacity are used */
    seL4_Word place_mask; /* of a token's bits that say which place, as a distance in bytes */
    unsigned capacity, live;
    unsigned at_priority[U4_PRIORITIES], priorities; /* of those alive; how many are in use */
    u4_coro_t *free;
    u4_coro_t **timers; /* a heap by deadline */
    unsigned timer_count;
    seL4_Word stacks; /* first stack's guard page */
    unsigned stack_pages;
    u4_alloc_t *alloc;
    u4_vspace_t *vspace;
    seL4_CPtr notification;       /* what wakes this thread, receive right */
    seL4_CPtr wait_on;            /* what it blocks on: that, or an endpoint if it is bound */
    struct u4_conn *active;       /* connections to look at */
    unsigned active_count, quiet; /* how many, and of the open ones how many are not among them */
    struct u4_conn *conns;        /* all of them */
    struct u4_conn *by_group[U4_GROUPS]; /* by the bit that their peers notify with */
    u4_queue_t notified;                 /* coroutines in reL4_Wait */
    uint64_t notices;                    /* U-notifications for them, not yet fetched */
    uint64_t notice_mask;                /* bits that are meant for them */
    struct u4_port *acceptor;            /* serves the endpoint wait_on */
    struct u4_sysring *sysring;
    struct u4_uintr *uintr;          /* it is notified by user interrupts */
    volatile uint64_t hints;         /* groups that its handler was told of */
    uint64_t sleeps, notified_count; /* times that it slept, and was notified */
    const char *name;
    struct u4_exec *next; /* all executors of the program, for debuggers */
} u4_exec_t;

/* All executors of the program. */
extern u4_exec_t *u4_exec_all;
/* This thread's. */
extern __thread u4_exec_t *u4_exec_self;

/*
 * Make this thread's executor; its notification and all its memory come from config->alloc, but
 * for stacks, which get theirs when they are first used. u4_exec_t must stay where it is.
 */
u4_status_t u4_exec_init(u4_exec_t *exec, const u4_exec_config_t *config);

/* The thread does without: its memory may go. Its coroutines must not be running. */
void u4_exec_fini(u4_exec_t *exec);

/*
 * Notifications that are the program's own: those whose bits are in MASK (0 to 62), of badges of
 * the executor's notification; with user interrupts, of vectors. To be said before connections
 * are made, which take the other bits. u4_notice_wait() (or reL4_Wait(), without a deadline) then
 * waits for some that have come since the last time, in a coroutine: *BITS.
 */
void u4_exec_notices(u4_exec_t *exec, uint64_t mask);
u4_status_t u4_notice_wait(uint64_t *bits, uint64_t deadline);

/* Run coroutines until none can go on: U4_OK if none is left, else U4_STUCK: all wait. */
u4_status_t u4_exec_run_until_blocked(u4_exec_t *exec);

/* Run until CORO has ended (null: until all have); the thread sleeps while all wait. U4_STUCK if
 * nothing could ever wake one of them. */
u4_status_t u4_exec_run_until_complete(u4_exec_t *exec, const u4_coro_t *coro);

/* From another thread, or an interrupt handler: look at your connections. SIGNAL is a capability
 * to the executor's notification with send right. */
void u4_exec_poke(seL4_CPtr signal);

/* ---- within coroutines, and between runs ---- */

/* A coroutine of this thread's executor, ready to run; null if the pool or memory is used up. */
u4_coro_t *u4_coro_spawn(const char *name, unsigned priority, void (*entry)(void *),
                         void *argument);
void u4_coro_yield(void);
/* Wait for CORO's end; at once if it has ended. */
u4_status_t u4_coro_join(u4_coro_t *coro, uint64_t deadline);
/* CORO's wait, or its next one if it does not wait, ends with U4_CANCELLED. */
void u4_coro_cancel(u4_coro_t *coro);
u4_coro_t *u4_coro_self(void);

/* Wait for u4_coro_wake(); WHAT is what tools show. The building stone of everything that waits. */
u4_status_t u4_coro_block(u4_wait_t why, void *what, uint64_t deadline);
/* End CORO's wait with STATUS; nothing if it does not wait. */
void u4_coro_wake_with(u4_coro_t *coro, u4_status_t status);
static inline void u4_coro_wake(u4_coro_t *coro)
{
    u4_coro_wake_with(coro, U4_OK);
}

/* `time` ticks since the machine started, and how many a second has. */
static inline uint64_t u4_now(void)
{
    uint64_t now;
    __asm__ volatile("rdtime %0" : "=r"(now));
    return now;
}
uint64_t u4_ticks_per_second(void);
void u4_sleep_until(uint64_t deadline);

/* Wait in a queue; woken first come, first served. */
u4_status_t u4_queue_wait(u4_queue_t *queue, u4_wait_t why, void *what, uint64_t deadline);
/* Wake the first of QUEUE with STATUS; false if nobody waits there. */
bool u4_queue_wake(u4_queue_t *queue, u4_status_t status);

/*
 * If ADDRESS is in the guard page of one of the program's coroutines: that coroutine, which has
 * used up its stack.
 */
u4_coro_t *u4_coro_overflowed(seL4_Word address);
/* What a fault at ADDRESS means, for whoever handles the thread's faults: which coroutine used up
 * its stack. False if it is no such thing. */
bool u4_coro_explain(seL4_Word address, char *text, size_t size);

#endif
