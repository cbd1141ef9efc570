/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes a .u4t of a made-up system, for tests of exporters: on each hart clients call a server,
 * a driver waits for signals, interrupts arrive, a worker invokes objects and faults now and then.
 * Prints what is in it, as the guest's programs do: "synth: count name=value". The records follow
 * each other as the kernel emits them. -d: densely, many in a tick of the clock.
 * -x: events without sense instead.
 *
 *   synth [-d] [-x] [-n RECORDS] [-r HARTS] [-c CLIENTS] [-l GAPS] [-z HZ] FILE.u4t
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi/trace/layout.h"
#include "trace/ids.h"
#include "trace/pack.h"
#include "u4trace/u4t.h"

enum { BATCH = 4096, MAX_CLIENTS = 16, PRIORITY = 100 };

/* What the reader must find again. */
#define COUNTS(X) \
    X(records) \
    X(lost) \
    X(gaps) \
    X(threads) \
    X(switches) \
    X(calls) \
    X(replies) \
    X(waits) \
    X(signals) \
    X(irqs) \
    X(faults) \
    X(invocations) \
    X(failures) \
    X(cap_transfers) \
    X(timers) \
    X(call_ticks) \
    X(serve_ticks) \
    X(irq_ticks) \
    X(chains) \
    X(inversions)

#define MEMBER(name) uint64_t name;
typedef struct {
    COUNTS(MEMBER)
} counts_t;

typedef struct {
    uint32_t ring;
    uint64_t position, time;
    uint32_t current, base; /* thread references of this hart begin at base */
    trace_record_t batch[BATCH];
    size_t count;
    uint32_t round;
} writer_t;

static u4t_writer_t *out;
static counts_t counts;
static uint64_t gap_every, next_gap; /* in records of a hart; 0: none */
static unsigned clients = 3;
static uint32_t seed = 1;
static bool dense; /* many records in a tick */
static bool chaos; /* events without sense */

enum { IDLE, SERVER, DRIVER, WORKER, PAGER, CLIENT };
static const char *const roles[] = {"idle", "server", "driver", "worker", "pager"};

static uint32_t random_below(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

static _Noreturn void die(const char *text)
{
    fprintf(stderr, "synth: %s\n", text);
    exit(1);
}

static uint32_t thread_of(const writer_t *h, unsigned role)
{
    return h->base + 0x1000 * (role + 1);
}

static uint32_t endpoint_of(const writer_t *h, unsigned which)
{
    return h->base + 0x100000 + 0x40 * which;
}

static void flush(writer_t *h)
{
    u4_error_t err;
    if (h->count && !u4t_write_records(out, h->ring, h->ring, 0, h->position - h->count, h->batch,
                                       h->count, &err)) {
        die(err.text);
    }
    h->count = 0;
}

/* Room for a record of the current thread; the caller makes it an event: */
static trace_record_t *next(writer_t *h)
{
    if (h->count == BATCH) {
        flush(h);
    }
    h->time += dense ? random_below(8) == 0 : 1 + random_below(8);
    trace_record_t *r = &h->batch[h->count++];
    *r = (trace_record_t){.time = h->time, .thread = h->current};
    h->position++;
    counts.records++;
    return r;
}
#define PUT(h, event, ...) TRACE_PACK(next(h), event, ##__VA_ARGS__)

static void enter(writer_t *h, unsigned kind, unsigned call, uint32_t cptr, uint32_t info)
{
    h->time += dense ? random_below(4) : 20 + random_below(200);
    trace_record_t *r = next(h);
    TRACE_PACK(r, kernel_entry, .kind = kind, .call = call, .cptr = cptr, .info = info,
               .pc = 0x10000 + 4 * random_below(1000));
}

static void leave(writer_t *h, bool fast)
{
    PUT(h, kernel_exit, .path = fast ? TRACE_EXIT_PATH_FAST : TRACE_EXIT_PATH_SLOW,
        .why = fast ? 0 : TRACE_SLOW_REASON_NOT_ELIGIBLE);
}

static void switch_to(writer_t *h, unsigned role, unsigned reason)
{
    PUT(h, sched_switch, .reason = reason, .priority = role == IDLE ? 0 : PRIORITY + role,
        .next = thread_of(h, role), .slice = 5);
    h->current = thread_of(h, role);
    counts.switches++;
}

static void wake(writer_t *h, unsigned role, unsigned reason)
{
    PUT(h, sched_wake, .reason = reason, .priority = PRIORITY + role, .thread = thread_of(h, role));
}

static void transfer(writer_t *h, unsigned kind, unsigned peer, uint32_t endpoint, unsigned length,
                     uint64_t badge)
{
    PUT(h, ipc_transfer, .kind = kind, .length = length, .peer = thread_of(h, peer),
        .endpoint = endpoint, .badge = badge);
    counts.calls += kind == TRACE_IPC_KIND_CALL;
    counts.replies += kind == TRACE_IPC_KIND_REPLY;
}

static void block(writer_t *h, unsigned why, uint32_t object)
{
    PUT(h, ipc_block, .why = why, .object = object);
    counts.waits++;
}

/* ---- what happens; each begins and ends with the idle thread running ---- */

/* While the server works, it calls another server itself. */
static void nested_call(writer_t *h)
{
    enter(h, TRACE_ENTRY_KIND_SYSCALL, TRACE_SYSCALL_CALL, 6, 3 << 12);
    transfer(h, TRACE_IPC_KIND_CALL, PAGER, endpoint_of(h, 8), 0, 9);
    switch_to(h, PAGER, TRACE_SWITCH_REASON_DIRECT);
    leave(h, true);
    enter(h, TRACE_ENTRY_KIND_SYSCALL, TRACE_SYSCALL_REPLYRECV, 5, 0);
    transfer(h, TRACE_IPC_KIND_REPLY, SERVER, 0, 0, 0);
    block(h, TRACE_BLOCK_KIND_RECV, endpoint_of(h, 8));
    switch_to(h, SERVER, TRACE_SWITCH_REASON_DIRECT);
    leave(h, true);
    counts.chains++;
}

/* While the server could work, the worker runs, which is less important than the client. */
static void inversion(writer_t *h)
{
    enter(h, TRACE_ENTRY_KIND_INTERRUPT, 0, 5, 0);
    PUT(h, irq_timer);
    switch_to(h, WORKER, TRACE_SWITCH_REASON_DOMAIN);
    leave(h, false);
    enter(h, TRACE_ENTRY_KIND_INTERRUPT, 0, 5, 0);
    PUT(h, irq_timer);
    switch_to(h, SERVER, TRACE_SWITCH_REASON_DOMAIN);
    leave(h, false);
    counts.timers += 2;
    counts.inversions++;
}

/* The client is let run by a timer tick, calls, is answered, and sleeps again. */
static void call(writer_t *h, unsigned client)
{
    unsigned length = random_below(5);
    switch_to(h, CLIENT + client, TRACE_SWITCH_REASON_TIMESLICE);
    leave(h, false);
    enter(h, TRACE_ENTRY_KIND_SYSCALL, TRACE_SYSCALL_CALL, 17, (7 + client) << 12 | length);
    uint64_t called = h->time;
    transfer(h, TRACE_IPC_KIND_CALL, SERVER, endpoint_of(h, 0), length, client + 1);
    if (random_below(64) == 0) {
        PUT(h, ipc_cap_transfer, .slot = endpoint_of(h, 9), .object = 0x1234,
            .type = TRACE_CAPTYPE_ENDPOINT);
        counts.cap_transfers++;
    }
    switch_to(h, SERVER, TRACE_SWITCH_REASON_DIRECT);
    leave(h, true);
    uint64_t served = h->time;
    uint32_t dice = random_below(32);
    if (dice == 0) {
        nested_call(h);
    } else if (dice == 1) {
        inversion(h);
    }
    enter(h, TRACE_ENTRY_KIND_SYSCALL, TRACE_SYSCALL_REPLYRECV, 5, 1);
    counts.serve_ticks += h->time - served;
    transfer(h, TRACE_IPC_KIND_REPLY, CLIENT + client, 0, 1, 0);
    block(h, TRACE_BLOCK_KIND_RECV, endpoint_of(h, 0));
    switch_to(h, CLIENT + client, TRACE_SWITCH_REASON_DIRECT);
    leave(h, true);
    counts.call_ticks += h->time - called;
    enter(h, TRACE_ENTRY_KIND_SYSCALL, TRACE_SYSCALL_WAIT, 9, 0);
    block(h, TRACE_BLOCK_KIND_NTFN, endpoint_of(h, 2 + client));
    switch_to(h, IDLE, TRACE_SWITCH_REASON_BLOCKED);
}

/* Something signals the client, which will run when its turn comes. */
static void signal_client(writer_t *h, unsigned client)
{
    enter(h, TRACE_ENTRY_KIND_INTERRUPT, 0, 5, 0);
    PUT(h, irq_timer);
    counts.timers++;
    PUT(h, ntfn_signal, .outcome = TRACE_SIGNAL_OUTCOME_WOKE, .ntfn = endpoint_of(h, 2 + client),
        .woken = thread_of(h, CLIENT + client), .badge = 1);
    counts.signals++;
    wake(h, CLIENT + client, TRACE_WAKE_REASON_SIGNAL);
    call(h, client);
}

/* A device interrupt wakes the driver, which acknowledges it and waits for the next. */
static void interrupt(writer_t *h)
{
    enter(h, TRACE_ENTRY_KIND_INTERRUPT, 0, 9, 0);
    PUT(h, irq_raised, .irq = 10 + h->ring, .ntfn = endpoint_of(h, 1), .badge = 2);
    counts.irqs++;
    uint64_t raised = h->time;
    PUT(h, ntfn_signal, .outcome = TRACE_SIGNAL_OUTCOME_WOKE, .ntfn = endpoint_of(h, 1),
        .woken = thread_of(h, DRIVER), .badge = 2);
    counts.signals++;
    wake(h, DRIVER, TRACE_WAKE_REASON_SIGNAL);
    switch_to(h, DRIVER, TRACE_SWITCH_REASON_IDLE);
    leave(h, false);
    enter(h, TRACE_ENTRY_KIND_SYSCALL, TRACE_SYSCALL_CALL, 33, 29 << 12);
    PUT(h, irq_ack, .irq = 10 + h->ring);
    counts.irq_ticks += h->time - raised;
    PUT(h, invoke_result, .type = TRACE_CAPTYPE_IRQ_HANDLER, .label = 29);
    counts.invocations++;
    leave(h, false);
    enter(h, TRACE_ENTRY_KIND_SYSCALL, TRACE_SYSCALL_WAIT, 9, 0);
    block(h, TRACE_BLOCK_KIND_NTFN, endpoint_of(h, 1));
    switch_to(h, IDLE, TRACE_SWITCH_REASON_BLOCKED);
}

/* The worker invokes an object, sometimes in vain, and faults; the pager lets it go on. */
static void work(writer_t *h)
{
    switch_to(h, WORKER, TRACE_SWITCH_REASON_TIMESLICE);
    leave(h, false);
    enter(h, TRACE_ENTRY_KIND_SYSCALL, TRACE_SYSCALL_CALL, 3, 1 << 12 | 6);
    bool fails = random_below(4) == 0;
    PUT(h, invoke_result, .error = fails ? TRACE_ERROR_DELETEFIRST : TRACE_ERROR_NOERROR,
        .type = TRACE_CAPTYPE_UNTYPED, .label = 1, .cptr = 3,
        .reason = fails ? TRACE_REASON_DEST_OCCUPIED : TRACE_REASON_NONE);
    counts.invocations++;
    counts.failures += fails;
    leave(h, false);
    enter(h, TRACE_ENTRY_KIND_EXCEPTION, 0, 13, 0);
    trace_record_t *r = next(h);
    TRACE_PACK(r, fault_raised, .kind = TRACE_FAULT_KIND_VM, .code = 13,
               .address = 0x40000000 + random_below(1 << 20));
    counts.faults++;
    transfer(h, TRACE_IPC_KIND_FAULT, PAGER, endpoint_of(h, 8), 4, 7);
    wake(h, PAGER, TRACE_WAKE_REASON_MESSAGE);
    switch_to(h, PAGER, TRACE_SWITCH_REASON_STOPPED);
    leave(h, false);
    enter(h, TRACE_ENTRY_KIND_SYSCALL, TRACE_SYSCALL_REPLYRECV, 5, 0);
    transfer(h, TRACE_IPC_KIND_FAULT_REPLY, WORKER, 0, 0, 0);
    PUT(h, fault_reply, .restarted = 1, .thread = thread_of(h, WORKER));
    wake(h, WORKER, TRACE_WAKE_REASON_FAULT_REPLY);
    block(h, TRACE_BLOCK_KIND_RECV, endpoint_of(h, 8));
    switch_to(h, WORKER, TRACE_SWITCH_REASON_BLOCKED);
    leave(h, false);
    enter(h, TRACE_ENTRY_KIND_INTERRUPT, 0, 5, 0);
    PUT(h, irq_timer);
    counts.timers++;
    switch_to(h, IDLE, TRACE_SWITCH_REASON_DOMAIN);
}

/* ---- the system's beginning ---- */

static void thread(writer_t *h, unsigned role)
{
    char name[32];
    uint32_t ref = thread_of(h, role);
    if (role < CLIENT) {
        snprintf(name, sizeof(name), "%s%u", roles[role], h->ring & 63);
    } else {
        snprintf(name, sizeof(name), "client%u.%u", h->ring & 63, role - CLIENT);
    }
    if (role != IDLE) { /* the kernel's own thread is only named */
        PUT(h, thread_create, .thread = ref);
        PUT(h, thread_configure, .thread = ref, .vspace = h->base + 0x200000 + 0x1000 * role);
    }
    PUT(h, thread_name, .thread = ref, .text = name);
    counts.threads++;
}

static void begin(writer_t *h, uint32_t ring)
{
    *h = (writer_t){.ring = ring, .base = 0x80400000 + (ring << 24), .time = 1000 + 7 * ring};
    h->current = thread_of(h, IDLE);
    PUT(h, kernel_boot, .hart = ring);
    for (unsigned role = IDLE; role < CLIENT + clients; role++) {
        thread(h, role);
    }
}

/* As a reader that was too slow would find it: some hundred records are not there. */
static void lose(writer_t *h)
{
    uint64_t n = 100 + random_below(400);
    flush(h);
    h->position += n;
    h->time += n * 20;
    counts.lost += n;
    counts.gaps++;
}

/* Any event, with any arguments: what no kernel does, but a damaged file may seem to tell. */
static void nonsense(writer_t *h)
{
    uint32_t refs[] = {0, thread_of(h, random_below(CLIENT + clients)),
                       endpoint_of(h, random_below(9)), random_below(64)};
    const schema_t *schema = schema_builtin();
    unsigned event = random_below(TRACE_MAX_EVENTS);
    if (!schema->events[event]) {
        return;
    }
    h->current = random_below(4) == 0 ? thread_of(h, random_below(CLIENT + clients)) : h->current;
    trace_record_t *r = next(h);
    r->event = (uint16_t)event;
    r->h = (uint16_t)(random_below(2) ? random_below(1 << 16) : random_below(16));
    r->a = refs[random_below(4)];
    r->b = refs[random_below(4)];
    r->c = refs[random_below(4)];
    r->d = refs[random_below(4)];
}

static void step(writer_t *h)
{
    if (chaos) {
        nonsense(h);
        return;
    }
    uint32_t dice = random_below(16);
    if (dice == 0) {
        work(h);
    } else if (dice < 3) {
        interrupt(h);
    } else {
        signal_client(h, random_below(clients));
    }
}

static void run(uint64_t records, unsigned harts, uint64_t timebase)
{
    u4_error_t err;
    writer_t *all = calloc(harts, sizeof(*all));
    if (!all) {
        die("out of memory");
    }
    for (unsigned i = 0; i < harts && records > 0; i++) {
        begin(&all[i], i);
    }
    next_gap = gap_every;
    while (counts.records < records) {
        writer_t *earliest = &all[0];
        for (unsigned i = 1; i < harts; i++) {
            earliest = all[i].time < earliest->time ? &all[i] : earliest;
        }
        step(earliest);
        if (gap_every && counts.records >= next_gap) {
            lose(earliest);
            next_gap += gap_every;
        }
        if (earliest->count > BATCH - 100) {
            for (unsigned i = 0; i < harts; i++) {
                flush(&all[i]);
            }
            if (!u4t_write_round(out, &err)) {
                die(err.text);
            }
        }
    }
    uint64_t emitted[TRACE_MAX_HARTS] = {0};
    for (unsigned i = 0; i < harts; i++) {
        flush(&all[i]);
        emitted[i] = all[i].position;
    }
    trace_info_t info = {.timebase_hz = timebase, .harts = harts, .ended = true, .status = 0};
    if (!u4t_finish(out, &info, emitted, harts, &err)) {
        die(err.text);
    }
    free(all);
}

int main(int argc, char **argv)
{
    uint64_t records = 10000, gaps = 0, hz = 10000000;
    unsigned harts = 1;
    int level = 0;
    for (int option; (option = getopt(argc, argv, "n:r:c:l:z:k:dx")) != -1;) {
        uint64_t value = optarg ? strtoull(optarg, NULL, 0) : 0;
        switch (option) {
        case 'n': records = value; break;
        case 'r': harts = (unsigned)value; break;
        case 'c': clients = (unsigned)value; break;
        case 'l': gaps = value; break;
        case 'z': hz = value; break;
        case 'k': level = (int)value; break;
        case 'd': dense = true; break;
        case 'x': chaos = true; break;
        default: optind = argc + 1; break;
        }
    }
    if (optind != argc - 1 || harts < 1 || harts > TRACE_MAX_HARTS || clients < 1 ||
        clients > MAX_CLIENTS) {
        fputs(
            "usage: synth [-n RECORDS] [-r HARTS] [-c CLIENTS] [-l GAPS] [-z HZ] [-k LEVEL] [-d] [-x] FILE.u4t\n",
            stderr);
        return 2;
    }
    gap_every = gaps ? records / (gaps + 1) : 0;
    u4_error_t err;
    trace_info_t info = {.timebase_hz = hz, .harts = harts, .status = -1, .machine = "none"};
    out = u4t_create(argv[optind], &info, schema_builtin(), level, &err);
    if (!out) {
        die(err.text);
    }
    run(records, harts, hz);
#define PRINT(name) printf("synth: count " #name "=%" PRIu64 "\n", counts.name);
    COUNTS(PRINT)
    return 0;
}
