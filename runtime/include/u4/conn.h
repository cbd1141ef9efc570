/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Async IPC: connections between coroutines of two threads, mostly in two programs. A client
 * connects to a port over an ordinary endpoint; from then on requests and answers go through
 * memory that both share (abi/u4/ring.h), and the kernel is only asked to wake a thread that
 * sleeps. Everything read from the peer is checked; a peer that breaks the protocol, leaves or
 * dies ends the connection, and what waits on it ends with U4_CLOSED.
 *
 * Words of a message are in the caller's memory, up to seL4_MsgMaxLength; u4/rel4.h has the same
 * with the IPC buffer, as seL4's own calls use it.
 */
#ifndef U4_CONN_H
#define U4_CONN_H

#include <u4/coro.h>
#include <u4/ring.h>

enum { U4_CONNECTIONS = 64, U4_DATA_MAX = 1 << 20, U4_CONN_FRAMES = 320 };

typedef struct u4_port u4_port_t;

typedef struct u4_conn {
    struct u4_conn *next_active;
    struct u4_conn *next;       /* of the executor's */
    struct u4_conn *next_group; /* with the same notification bit */
    u4_exec_t *exec;
    u4_port_t *port; /* server's side: where its requests go */
    /* In the list of those to look at. If not, its ring is armed, and tx.limit is tx.head, so that
     * who wants to send comes by. */
    bool active;
    bool open;
    uint8_t group;        /* bit of the notification's word */
    uint32_t sequence;    /* how often this structure was used */
    u4_producer_t tx;     /* client: requests; server: responses */
    u4_consumer_t rx;     /* the other one */
    uint64_t sent, taken; /* tx.head and rx.tail when peers were last told */
    seL4_CPtr peer;       /* notification to wake the peer by */
    seL4_CPtr bell;       /* what the peer wakes us by: the capability that it got a copy of */
    seL4_Word badge;      /* server's side: who connected */
    u4_queue_t room;      /* coroutines that wait for room in tx, */
    uint64_t offered;     /* and tx.limit when they were last woken */
    char *data;
    seL4_Word data_size;
    u4_rings_t *rings;
    uint32_t id;      /* what traces call it, on both sides */
    seL4_CPtr frames; /* first of frame_count slots */
    unsigned frame_count, frames_given;
    seL4_Word handle;           /* server's side: of its handshake, 0 when that is over */
    uint64_t notified, avoided; /* times that the peer was told, or not since it was awake */
    void *user;                 /* the program's */
} u4_conn_t;

/* Decides about a client: true to accept it. BADGE is that of the endpoint capability it used. */
typedef bool (*u4_accept_t)(void *argument, u4_conn_t *conn);

struct u4_port {
    u4_exec_t *exec;
    u4_queue_t receivers; /* coroutines in u4_recv */
    u4_conn_t *current;   /* whose requests are being taken */
    seL4_CPtr endpoint;   /* where clients connect */
    u4_accept_t accept;
    void *argument;
    seL4_CPtr receive_slot;
    seL4_CPtr reply; /* MCS only */
};

typedef struct {
    unsigned log2;       /* lines of each ring: U4_RING_MIN_LOG2..U4_RING_MAX_LOG2 */
    seL4_Word data_size; /* bytes of bulk data, up to U4_DATA_MAX */
} u4_conn_config_t;

/* Connect this thread's executor to the port behind ENDPOINT (which needs the grant right). The
 * thread waits in the kernel for the answer. U4_REFUSED if the port does not want. */
u4_status_t u4_connect(u4_conn_t **conn, seL4_CPtr endpoint, const u4_conn_config_t *config);

/* Open a port: clients connect over ENDPOINT (receive right), TCB is this thread's own. One per
 * executor. ACCEPT may be null: everybody is welcome. */
u4_status_t u4_port_open(u4_port_t *port, seL4_CPtr endpoint, seL4_TCB tcb, u4_accept_t accept,
                         void *argument);

/* Leave: the peer's waiting calls end with U4_CLOSED, and so do ours. */
void u4_disconnect(u4_conn_t *conn);

/*
 * A request with the words of INFO's length from WORDS; waits for room and for the answer, whose
 * words are stored to WORDS, at most MAX, and whose info to *INFO (its length is what was stored).
 */
static inline u4_status_t u4_call(u4_conn_t *conn, seL4_MessageInfo_t *info, seL4_Word *words,
                                  uint64_t max, uint64_t deadline);

/* A request without an answer: waits for room only. */
u4_status_t u4_send(u4_conn_t *conn, seL4_MessageInfo_t info, const seL4_Word *words,
                    uint64_t deadline);
/* The same, false instead of waiting. */
bool u4_try_send(u4_conn_t *conn, seL4_MessageInfo_t info, const seL4_Word *words);

/* The next request to PORT, from any connection: its words to WORDS, at most MAX; *FROM (may be
 * null) is the connection. The coroutine answers it by u4_reply(), or not at all if it was sent. */
u4_status_t u4_recv(u4_port_t *port, u4_conn_t **from, seL4_MessageInfo_t *info, seL4_Word *words,
                    uint64_t max, uint64_t deadline);
/* Answer the request that this coroutine received last. Waits for room. */
u4_status_t u4_reply(seL4_MessageInfo_t info, const seL4_Word *words);
static inline u4_status_t u4_reply_recv(u4_port_t *port, u4_conn_t **from, seL4_MessageInfo_t *info,
                                        seL4_Word *words, uint64_t max, uint64_t deadline);

/* A request that is to be answered later, or by another coroutine of the executor. */
typedef struct {
    u4_conn_t *conn;
    uint64_t sequence, token;
} u4_request_t;
u4_request_t u4_defer(void);
u4_status_t u4_reply_to(u4_request_t request, seL4_MessageInfo_t info, const seL4_Word *words);

/* The bulk data at OFFSET, LENGTH bytes; null unless all of it is in the connection's region. The
 * peer can change it at any time: copy what must not change between two looks. */
void *u4_bulk(const u4_conn_t *conn, seL4_Word offset, seL4_Word length);

/* Messages to a port's endpoint, sent by u4_connect(). */
enum {
    U4_CONNECT_OPEN = 0x7558, /* log2, data size; capability: client's notification */
    U4_CONNECT_FRAME,         /* handle; capability: the next frame of the shared memory */
    U4_CONNECT_START,         /* handle */
    U4_CONNECT_GONE,          /* badge: who used it is dead; from a supervisor (badge 0) only */
};

#include <u4/fast.h>

#endif
