/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes the trace that the screens are tested on: two harts, clients that call a file server, a
 * driver woken by interrupts, a fault, a gap, console text. Nothing in it is random.
 *
 *   screens-trace FILE.u4t [ROUNDS]    ROUNDS "noise": records that make no sense at all; "harts":
 *                                      four harts, user interrupts, a thread that moves, lock waits
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/trace/layout.h"
#include "trace/ids.h"
#include "trace/pack.h"
#include "u4trace/u4t.h"

enum { BATCH = 8192, THREADS = 6, HARTS = 4, RINGS = HARTS + 2 /* of two threads */ };
enum { IDLE = 1, FS, SHELL, LOGGER, DRIVER, WORKER };
enum { ENDPOINT = 0x80500000, NOTIFICATION = 0x80500040, BELL = 0x80500400, TABLE = 0x80600000 };

typedef struct {
    uint32_t ring;
    uint32_t owner; /* of a thread's ring; 0: a hart's */
    uint64_t position, time;
    uint32_t current;
    trace_record_t batch[BATCH];
    size_t count;
} writer_t;

static u4t_writer_t *out;

static _Noreturn void die(const char *text)
{
    fprintf(stderr, "screens-trace: %s\n", text);
    exit(1);
}

static uint32_t ref(const writer_t *h, unsigned thread)
{
    return 0x80400000 + (h->ring << 16) + 0x1000 * thread;
}

static void flush(writer_t *h)
{
    u4_error_t err;
    if (h->count && !u4t_write_records(out, h->ring, h->owner ? UINT32_MAX : h->ring, h->owner,
                                       h->position - h->count, h->batch, h->count, &err)) {
        die(err.text);
    }
    h->count = 0;
}

/* Room for a record of the current thread; the caller makes it an event: */
static trace_record_t *next(writer_t *h, unsigned ticks)
{
    if (h->count == BATCH) {
        flush(h);
    }
    h->time += ticks;
    trace_record_t *r = &h->batch[h->count++];
    *r = (trace_record_t){.time = h->time, .thread = h->current};
    h->position++;
    return r;
}
#define PUT(h, ticks, event, ...) TRACE_PACK(next(h, ticks), event, ##__VA_ARGS__)

static void enter(writer_t *h, unsigned kind, unsigned call, unsigned ticks)
{
    PUT(h, ticks, kernel_entry, .kind = kind, .call = call, .cptr = 17, .pc = 0x10400);
}

static void run(writer_t *h, unsigned thread, unsigned reason)
{
    PUT(h, 2, sched_switch, .reason = reason, .priority = thread == IDLE ? 0 : 100 + thread,
        .next = ref(h, thread));
    h->current = ref(h, thread);
    PUT(h, 2, kernel_exit, .path = TRACE_EXIT_PATH_FAST);
}

static void transfer(writer_t *h, unsigned kind, unsigned peer, uint32_t endpoint, uint64_t badge)
{
    PUT(h, 1, ipc_transfer, .kind = kind, .length = 2, .peer = ref(h, peer), .endpoint = endpoint,
        .badge = badge);
}

static void block(writer_t *h, unsigned why, uint32_t object)
{
    PUT(h, 1, ipc_block, .why = why, .object = object);
}

/* The file server begins by waiting for clients. */
static void begin_server(writer_t *h)
{
    run(h, FS, TRACE_SWITCH_REASON_IDLE);
    enter(h, TRACE_ENTRY_KIND_SYSCALL, TRACE_SYSCALL_RECV, 10);
    block(h, TRACE_BLOCK_KIND_RECV, ENDPOINT + h->ring);
    run(h, IDLE, TRACE_SWITCH_REASON_BLOCKED);
}

static void call(writer_t *h, unsigned client, unsigned work)
{
    enter(h, TRACE_ENTRY_KIND_INTERRUPT, 0, 40);
    PUT(h, 1, irq_timer);
    run(h, client, TRACE_SWITCH_REASON_IDLE);
    enter(h, TRACE_ENTRY_KIND_SYSCALL, TRACE_SYSCALL_CALL, 30);
    transfer(h, TRACE_IPC_KIND_CALL, FS, ENDPOINT + h->ring, client);
    run(h, FS, TRACE_SWITCH_REASON_DIRECT);
    enter(h, TRACE_ENTRY_KIND_SYSCALL, TRACE_SYSCALL_REPLYRECV, work);
    transfer(h, TRACE_IPC_KIND_REPLY, client, 0, 0);
    block(h, TRACE_BLOCK_KIND_RECV, ENDPOINT + h->ring);
    run(h, client, TRACE_SWITCH_REASON_DIRECT);
    enter(h, TRACE_ENTRY_KIND_SYSCALL, TRACE_SYSCALL_WAIT, 20);
    block(h, TRACE_BLOCK_KIND_NTFN, NOTIFICATION + 0x20 * client);
    run(h, IDLE, TRACE_SWITCH_REASON_BLOCKED);
}

static void interrupt(writer_t *h)
{
    enter(h, TRACE_ENTRY_KIND_INTERRUPT, 0, 60);
    PUT(h, 1, irq_raised, .irq = 10, .ntfn = NOTIFICATION);
    PUT(h, 1, ntfn_signal, .outcome = TRACE_SIGNAL_OUTCOME_WOKE, .ntfn = NOTIFICATION,
        .woken = ref(h, DRIVER), .badge = 2);
    PUT(h, 1, sched_wake, .reason = TRACE_WAKE_REASON_SIGNAL, .priority = 100 + DRIVER,
        .thread = ref(h, DRIVER), .object = NOTIFICATION);
    run(h, DRIVER, TRACE_SWITCH_REASON_IDLE);
    enter(h, TRACE_ENTRY_KIND_SYSCALL, TRACE_SYSCALL_WAIT, 25);
    block(h, TRACE_BLOCK_KIND_NTFN, NOTIFICATION);
    run(h, IDLE, TRACE_SWITCH_REASON_BLOCKED);
}

static void fault(writer_t *h)
{
    enter(h, TRACE_ENTRY_KIND_INTERRUPT, 0, 30);
    run(h, WORKER, TRACE_SWITCH_REASON_IDLE);
    enter(h, TRACE_ENTRY_KIND_EXCEPTION, 0, 50);
    PUT(h, 1, fault_raised, .kind = TRACE_FAULT_KIND_VM, .code = 13, .address = 0x40001000,
        .pc = 0x10abc);
    PUT(h, 1, fault_unhandled, .kind = TRACE_FAULT_KIND_VM);
    run(h, IDLE, TRACE_SWITCH_REASON_STOPPED);
}

static void begin(writer_t *h, uint32_t ring)
{
    static const char *const names[] = {"", "idle", "fs", "shell", "logger", "driver", "worker"};
    *h = (writer_t){.ring = ring, .time = 1000000 + 7 * ring};
    h->current = ref(h, IDLE);
    PUT(h, 1, kernel_boot, .hart = ring);
    for (unsigned t = IDLE; t <= THREADS; t++) {
        char name[13];
        snprintf(name, sizeof(name), ring && t != IDLE ? "%s-%u" : "%s", names[t], ring);
        if (t != IDLE) {
            PUT(h, 1, thread_create, .thread = ref(h, t));
            PUT(h, 1, thread_configure, .thread = ref(h, t));
        }
        PUT(h, 1, thread_name, .thread = ref(h, t), .text = name);
    }
    begin_server(h);
}

static void say(const writer_t *h, const char *text)
{
    u4_error_t err;
    console_t console = {.text = text, .length = strlen(text), .guest_time = h->time, .host_ns = 1};
    if (!u4t_write_console(out, &console, &err)) {
        die(err.text);
    }
}

static unsigned rings = 2; /* in use */

/* A round has what was there when the reader came by: the next one is later on every hart. */
static void end_round(writer_t *all)
{
    u4_error_t err;
    uint64_t now = 0;
    for (unsigned i = 0; i < rings; i++) {
        now = all[i].time > now ? all[i].time : now;
        flush(&all[i]);
    }
    for (unsigned i = 0; i < rings; i++) {
        all[i].time = now;
    }
    if (!u4t_write_round(out, &err)) {
        die(err.text);
    }
}

/* Whatever bytes come, times and references included. */
static void noise(writer_t *all)
{
    uint64_t state = 1;
    for (unsigned i = 0; i < 20000; i++) {
        writer_t *h = &all[i & 1];
        trace_record_t *r = next(h, 0);
        for (unsigned word = 0; word < 4; word++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            uint64_t value = word == 1 && i % 3 ? state >> 56 : state ^ state >> 29;
            memcpy((char *)r + 8 * word, &value, sizeof(value));
        }
        r->event = i % 3 ? (uint16_t)(r->event % 160) : r->event;
        r->time = i % 64 ? h->time += r->time % 1000 : r->time;
        r->thread = i % 5 ? 0x80400000 + 0x1000 * (r->thread % 7) : r->thread;
        r->a = i % 7 ? 0x80400000 + 0x1000 * (r->a % 7) : r->a;
    }
    end_round(all);
}

static void one_round(writer_t *all, unsigned n)
{
    char text[80];
    call(&all[0], SHELL, 50 + 10 * (n % 7));
    call(&all[1], SHELL, 400 + 100 * (n % 3));
    interrupt(&all[0]);
    if (n % 3 == 0) {
        call(&all[0], LOGGER, n == 12 ? 3000 : 35);
    }
    if (n == 9) {
        fault(&all[1]);
    }
    if (n == 15) { /* as a reader that was too slow would find it */
        flush(&all[0]);
        all[0].position += 321;
        all[0].time += 4000;
    }
    end_round(all);
    if (n % 8 == 0) {
        snprintf(text, sizeof(text), "shell: command %u took its time\r\nfs: served %u\r\n", n,
                 2 * n);
        say(&all[0], text);
    }
}

/* ---- four harts ---- */

enum { BELL_ENTRY = 3, BELL_INDEX = 2, BELL_VECTOR = 5 };

/* shell of hart 0 may ring worker-1's bell, from user space and through the kernel. */
static void begin_harts(writer_t *all)
{
    for (unsigned i = 0; i < HARTS; i++) {
        begin(&all[i], i);
    }
    uint32_t shell = ref(&all[0], SHELL), worker = ref(&all[1], WORKER);
    all[HARTS] = (writer_t){.ring = HARTS, .owner = shell, .current = shell};
    all[HARTS + 1] = (writer_t){.ring = HARTS + 1, .owner = worker, .current = worker};
    PUT(&all[0], 1, uintr_receiver, .entry = BELL_ENTRY, .thread = worker, .ntfn = BELL);
    PUT(&all[0], 1, uintr_table, .thread = shell, .table = TABLE);
    PUT(&all[0], 1, uintr_sender, .vector = BELL_VECTOR, .table = TABLE, .index = BELL_INDEX,
        .ntfn = BELL, .entry = BELL_ENTRY);
    end_round(all);
}

static void wait_for_work(writer_t *h, uint32_t object)
{
    enter(h, TRACE_ENTRY_KIND_SYSCALL, TRACE_SYSCALL_WAIT, 20);
    block(h, TRACE_BLOCK_KIND_NTFN, object);
    run(h, IDLE, TRACE_SWITCH_REASON_BLOCKED);
}

/* worker-1 runs its handler; shell sends to it without the kernel, and then through it. */
static void ring_bell(writer_t *all)
{
    writer_t *from = &all[HARTS], *to = &all[HARTS + 1];
    run(&all[1], WORKER, TRACE_SWITCH_REASON_IDLE);
    PUT(&all[1], 1, uintr_enter, .entry = BELL_ENTRY, .thread = ref(&all[1], WORKER));
    run(&all[0], SHELL, TRACE_SWITCH_REASON_IDLE);
    from->time = all[0].time;
    PUT(from, 40, uintr_send, .index = BELL_INDEX);
    to->time = from->time;
    PUT(to, 15, uintr_handler, .vectors = 1u << BELL_VECTOR);
    PUT(to, 30, uintr_handler_end);
    all[0].time = all[1].time = to->time;
    enter(&all[0], TRACE_ENTRY_KIND_SYSCALL, TRACE_SYSCALL_SEND, 20);
    PUT(&all[0], 25, smp_lock, .waited = 25, .ticket = 7);
    PUT(&all[0], 1, uintr_post, .vector = BELL_VECTOR, .source = TRACE_UINTR_SOURCE_SIGNAL,
        .outcome = TRACE_UINTR_OUTCOME_POSTED, .ntfn = BELL, .receiver = ref(&all[1], WORKER),
        .entry = BELL_ENTRY);
    all[1].time = all[0].time;
    enter(&all[1], TRACE_ENTRY_KIND_SYSCALL, TRACE_SYSCALL_WAIT, 30);
    PUT(&all[1], 1, uintr_take, .entry = BELL_ENTRY, .ntfn = BELL, .vectors = 1u << BELL_VECTOR);
    PUT(&all[1], 2, kernel_exit, .path = TRACE_EXIT_PATH_FAST);
    wait_for_work(&all[0], (uint32_t)NOTIFICATION + 0x20);
    wait_for_work(&all[1], BELL);
}

/* logger of hart 0 goes on on another hart. */
static void move(writer_t *all, unsigned from, unsigned to)
{
    uint32_t logger = ref(&all[0], LOGGER);
    PUT(&all[from], 5, smp_lock, .waited = 5, .ticket = 8);
    PUT(&all[from], 1, smp_migrate, .thread = logger, .from = from, .to = to);
    PUT(&all[from], 1, sched_wake, .reason = TRACE_WAKE_REASON_RESUME, .priority = 100 + LOGGER,
        .thread = logger);
    PUT(&all[from], 1, smp_ipi, .hart = to);
    all[to].time = all[from].time;
    enter(&all[to], TRACE_ENTRY_KIND_INTERRUPT, 0, 3);
    PUT(&all[to], 1, smp_ipi_taken, .choose = 1);
    PUT(&all[to], 2, sched_switch, .reason = TRACE_SWITCH_REASON_IDLE, .priority = 100 + LOGGER,
        .next = logger);
    all[to].current = logger;
    PUT(&all[to], 2, kernel_exit, .path = TRACE_EXIT_PATH_FAST);
    wait_for_work(&all[to], (uint32_t)NOTIFICATION + 0x60);
}

static void harts(writer_t *all)
{
    rings = RINGS;
    begin_harts(all);
    for (unsigned n = 0; n < 6; n++) {
        ring_bell(all);
        move(all, n % HARTS, (n + 1) % HARTS);
        call(&all[2], SHELL, 60);
        call(&all[3], SHELL, 90);
        end_round(all);
    }
}

int main(int argc, char **argv)
{
    static writer_t all[RINGS];
    u4_error_t err;
    bool four = argc > 2 && strcmp(argv[2], "harts") == 0;
    trace_info_t info = {
        .timebase_hz = 10000000, .harts = four ? HARTS : 2, .status = -1, .machine = "made up"};
    unsigned rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 0) : 24;
    if (argc < 2 || argc > 3) {
        fputs("usage: screens-trace FILE.u4t [ROUNDS]\n", stderr);
        return 2;
    }
    out = u4t_create(argv[1], &info, schema_builtin(), 1, &err);
    if (!out) {
        die(err.text);
    }
    if (four) {
        harts(all);
    } else {
        begin(&all[0], 0);
        begin(&all[1], 1);
    }
    if (argc > 2 && strcmp(argv[2], "noise") == 0) {
        noise(all);
    }
    for (unsigned n = 0; n < rounds; n++) {
        one_round(all, n);
    }
    info.ended = true;
    info.status = 0;
    uint64_t emitted[RINGS];
    for (unsigned i = 0; i < rings; i++) {
        emitted[i] = all[i].position;
    }
    if (!u4t_finish(out, &info, emitted, rings, &err)) {
        die(err.text);
    }
    return 0;
}
