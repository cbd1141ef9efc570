/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes the trace that the screens are tested on: two harts, clients that call a file server, a
 * driver woken by interrupts, a fault, a gap, console text. Nothing in it is random.
 *
 *   screens-trace FILE.u4t [ROUNDS]    ROUNDS "noise": records that make no sense at all
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/ids.h"
#include "u4trace/u4t.h"

enum { BATCH = 8192, THREADS = 6 };
enum { IDLE = 1, FS, SHELL, LOGGER, DRIVER, WORKER };
enum { ENDPOINT = 0x80500000, NOTIFICATION = 0x80500040 };

typedef struct {
    uint32_t ring;
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
    if (h->count && !u4t_write_records(out, h->ring, h->ring, 0, h->position - h->count, h->batch,
                                       h->count, &err)) {
        die(err.text);
    }
    h->count = 0;
}

static trace_record_t *put(writer_t *h, unsigned event, unsigned ticks)
{
    if (h->count == BATCH) {
        flush(h);
    }
    h->time += ticks;
    trace_record_t *r = &h->batch[h->count++];
    *r = (trace_record_t){.time = h->time, .event = (uint16_t)event, .thread = h->current};
    h->position++;
    return r;
}

static void enter(writer_t *h, unsigned kind, unsigned call, unsigned ticks)
{
    trace_record_t *r = put(h, TRACE_KERNEL_ENTRY, ticks);
    r->h = (uint16_t)(kind | call << 8);
    r->a = 17;
    r->cd = 0x10400;
}

static void run(writer_t *h, unsigned thread, unsigned reason)
{
    trace_record_t *r = put(h, TRACE_SCHED_SWITCH, 2);
    r->h = (uint16_t)(reason | (thread == IDLE ? 0 : 100 + thread) << 8);
    r->a = h->current = ref(h, thread);
    r = put(h, TRACE_KERNEL_EXIT, 2);
    r->h = TRACE_EXIT_PATH_FAST;
}

static void transfer(writer_t *h, unsigned kind, unsigned peer, uint32_t endpoint, uint64_t badge)
{
    trace_record_t *r = put(h, TRACE_IPC_TRANSFER, 1);
    r->h = (uint16_t)(kind | 2 << 4);
    r->a = ref(h, peer);
    r->b = endpoint;
    r->cd = badge;
}

static void block(writer_t *h, unsigned why, uint32_t object)
{
    trace_record_t *r = put(h, TRACE_IPC_BLOCK, 1);
    r->h = (uint16_t)why;
    r->a = object;
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
    put(h, TRACE_IRQ_TIMER, 1);
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
    trace_record_t *r = put(h, TRACE_IRQ_RAISED, 1);
    r->a = 10;
    r->b = NOTIFICATION;
    r = put(h, TRACE_NTFN_SIGNAL, 1);
    r->h = TRACE_SIGNAL_OUTCOME_WOKE;
    r->a = NOTIFICATION;
    r->b = ref(h, DRIVER);
    r->cd = 2;
    r = put(h, TRACE_SCHED_WAKE, 1);
    r->h = (uint16_t)(TRACE_WAKE_REASON_SIGNAL | (100 + DRIVER) << 8);
    r->a = ref(h, DRIVER);
    r->b = NOTIFICATION;
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
    trace_record_t *r = put(h, TRACE_FAULT_RAISED, 1);
    r->h = (uint16_t)(TRACE_FAULT_KIND_VM | 13 << 8);
    r->ab = 0x40001000;
    r->cd = 0x10abc;
    r = put(h, TRACE_FAULT_UNHANDLED, 1);
    r->h = TRACE_FAULT_KIND_VM;
    run(h, IDLE, TRACE_SWITCH_REASON_STOPPED);
}

static void begin(writer_t *h, uint32_t ring)
{
    static const char *const names[] = {"", "idle", "fs", "shell", "logger", "driver", "worker"};
    *h = (writer_t){.ring = ring, .time = 1000000 + 7 * ring};
    h->current = ref(h, IDLE);
    put(h, TRACE_KERNEL_BOOT, 1)->a = ring;
    for (unsigned t = IDLE; t <= THREADS; t++) {
        char name[13];
        snprintf(name, sizeof(name), ring && t != IDLE ? "%s-%u" : "%s", names[t], ring);
        if (t != IDLE) {
            put(h, TRACE_THREAD_CREATE, 1)->a = ref(h, t);
            put(h, TRACE_THREAD_CONFIGURE, 1)->a = ref(h, t);
        }
        trace_record_t *r = put(h, TRACE_THREAD_NAME, 1);
        r->a = ref(h, t);
        memcpy(&r->b, name, strnlen(name, 12));
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

static void end_round(writer_t *all)
{
    u4_error_t err;
    for (unsigned i = 0; i < 2; i++) {
        flush(&all[i]);
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
        trace_record_t *r = put(h, 0, 0);
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

int main(int argc, char **argv)
{
    static writer_t all[2];
    u4_error_t err;
    trace_info_t info = {.timebase_hz = 10000000, .harts = 2, .status = -1, .machine = "made up"};
    unsigned rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 0) : 24;
    if (argc < 2 || argc > 3) {
        fputs("usage: screens-trace FILE.u4t [ROUNDS]\n", stderr);
        return 2;
    }
    out = u4t_create(argv[1], &info, schema_builtin(), 1, &err);
    if (!out) {
        die(err.text);
    }
    begin(&all[0], 0);
    begin(&all[1], 1);
    if (argc > 2 && strcmp(argv[2], "noise") == 0) {
        noise(all);
    }
    for (unsigned n = 0; n < rounds; n++) {
        one_round(all, n);
    }
    info.ended = true;
    info.status = 0;
    uint64_t emitted[2] = {all[0].position, all[1].position};
    if (!u4t_finish(out, &info, emitted, 2, &err)) {
        die(err.text);
    }
    return 0;
}
