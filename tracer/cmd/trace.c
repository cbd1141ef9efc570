/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "choice.h"
#include "cmd.h"
#include "running.h"
#include "table.h"

static const char usage[] =
    "usage: u4 trace [options] [GUEST]\n"
    "\n"
    "Shows what a guest that runs traces, and changes it, also while it is being recorded.\n"
    "\n"
    "  -t, --trace LIST   trace these classes and events; +CLASS and -CLASS change what is on,\n"
    "                     e.g. +sched,-irq.timer\n"
    "      --thread T     only events of that thread, or that switch to it, wake it ...; a name or\n"
    "                     reference; any: of all\n"
    "      --object REF   only events about that object, or about none; any: about all\n"
    "  -j, --json         for programs\n"
    "      --ram FILE     the guest's RAM file, for a QEMU that was started by hand\n"
    "      --qmp SOCKET   its control socket, to pause it while names are looked up\n"
    "      --gdb ADDRESS  through a GDB server instead: PORT, HOST:PORT or a unix socket's path\n"
    "      --kernel ELF   the kernel or image that it runs\n"
    "  -h, --help         this text\n";

enum { OPT_THREAD = 256, OPT_OBJECT, OPT_RAM, OPT_QMP, OPT_GDB, OPT_KERNEL };

typedef struct {
    running_t running;
    choice_t choice;
    bool json;
} trace_t;

static bool is_on(const uint64_t mask[TRACE_MASK_WORDS], unsigned id)
{
    return mask[id / 64] >> id % 64 & 1;
}

/* How many of a class's events there are, and how many are on; the names of these. */
static unsigned count_on(const schema_t *schema, size_t class_index,
                         const uint64_t mask[TRACE_MASK_WORDS], unsigned *all, char *names,
                         size_t room)
{
    unsigned on = 0;
    size_t used = 0;
    *all = 0;
    *names = 0;
    for (unsigned id = 1; id < TRACE_MAX_EVENTS; id++) {
        const schema_event_t *event = schema->events[id];
        if (!event || event->class_index != class_index) {
            continue;
        }
        ++*all;
        if (is_on(mask, id)) {
            on++;
            int length = snprintf(names + used, room - used, "%s%s", used ? " " : "", event->name);
            used += length > 0 && (size_t)length < room - used ? (size_t)length : 0;
        }
    }
    return on;
}

static void print_filter(const char *what, uint32_t ref)
{
    if (ref) {
        printf("only %s 0x%" PRIx32 "\n", what, ref);
    }
}

static const char *state_of(const trace_trigger_t *trigger)
{
    static const char *const names[] = {
        [TRACE_TRIGGER_OFF] = "off",
        [TRACE_TRIGGER_ARMED] = "armed",
        [TRACE_TRIGGER_COUNTING] = "counting",
        [TRACE_TRIGGER_FIRED] = "fired",
    };
    return trigger->state < sizeof(names) / sizeof(names[0]) ? names[trigger->state] : "?";
}

static void print_triggers(const attach_t *attach)
{
    static const table_column_t columns[] = {{"TRIGGER", 8, true, 0},
                                             {"state", 10, true, 0},
                                             {"event", 20, true, 0},
                                             {"matched", 10, false, 0},
                                             {"acted", 10, false, 0}};
    TABLE(table, columns, terminal_width(STDOUT_FILENO, 0));
    for (uint32_t i = 0; i < TRACE_TRIGGERS; i++) {
        trace_trigger_t t;
        char number[16];
        if (!attach_trigger(attach, i, &t) || t.state == TRACE_TRIGGER_OFF) {
            continue;
        }
        snprintf(number, sizeof(number), "%" PRIu32, i);
        table_text(&table, number);
        table_text(&table, state_of(&t));
        table_text(&table, t.event ? schema_event(attach->schema, t.event)->full_name : "any");
        table_count(&table, t.matched);
        table_count(&table, t.fired);
    }
}

static void print_text(const attach_t *attach, const char *name,
                       const uint64_t mask[TRACE_MASK_WORDS])
{
    static const table_column_t columns[] = {
        {"CLASS", 10, true, 0}, {"on", 4, false, 0}, {"of", 4, false, 0}, {" events", 60, true, 0}};
    uint64_t written = 0, room = 0;
    TABLE(table, columns, terminal_width(STDOUT_FILENO, 0));
    for (size_t i = 0; i < attach->ring_count; i++) {
        const ring_reader_t *ring = &attach->rings[i];
        uint64_t head;
        written += ring_head((ring_reader_t *)ring, &head) ? head : 0;
        room += ring->capacity;
    }
    printf("%s: %zu rings with room for %" PRIu64 " records, %" PRIu64 " written so far\n", name,
           attach->ring_count, room, written);
    print_filter("of thread", attach->header.filter_thread);
    print_filter("about object", attach->header.filter_object);
    for (size_t i = 0; i < attach->schema->class_count; i++) {
        char names[1024];
        unsigned all, on = count_on(attach->schema, i, mask, &all, names + 1, sizeof(names) - 1);
        if (on) {
            names[0] = ' ';
            table_text(&table, attach->schema->classes[i].name);
            table_count(&table, on);
            table_count(&table, all);
            table_text(&table, on == all ? " all" : names);
        }
    }
    if (!table.begun) {
        puts("nothing is traced");
    }
    print_triggers(attach);
}

static json_t *triggers_json(const attach_t *attach)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < TRACE_TRIGGERS; i++) {
        trace_trigger_t t;
        if (!attach_trigger(attach, i, &t) || t.state == TRACE_TRIGGER_OFF) {
            continue;
        }
        const char *event = t.event ? schema_event(attach->schema, t.event)->full_name : "any";
        json_t *one = json_object();
        json_object_set_new(one, "place", json_integer(i));
        json_object_set_new(one, "state", json_string(state_of(&t)));
        json_object_set_new(one, "event", json_string(event));
        json_object_set_new(one, "matched", json_integer((json_int_t)t.matched));
        json_object_set_new(one, "acted", json_integer((json_int_t)t.fired));
        json_array_append_new(array, one);
    }
    return array;
}

static bool print_json(const attach_t *attach, const char *name,
                       const uint64_t mask[TRACE_MASK_WORDS])
{
    json_t *all = json_object(), *events = json_array();
    for (unsigned id = 1; id < TRACE_MAX_EVENTS; id++) {
        if (is_on(mask, id)) {
            json_array_append_new(events, json_string(schema_event(attach->schema, id)->full_name));
        }
    }
    json_object_set_new(all, "guest", json_string(name));
    json_object_set_new(all, "rings", json_integer((json_int_t)attach->ring_count));
    json_object_set_new(all, "events", events);
    json_object_set_new(all, "filter_thread", json_integer(attach->header.filter_thread));
    json_object_set_new(all, "filter_object", json_integer(attach->header.filter_object));
    json_object_set_new(all, "triggers", triggers_json(attach));
    bool ok = json_dumpf(all, stdout, JSON_INDENT(2)) == 0;
    putchar('\n');
    json_decref(all);
    return ok;
}

static bool change(trace_t *trace, uint64_t mask[TRACE_MASK_WORDS], u4_error_t *err)
{
    running_t *running = &trace->running;
    recording_t *r = &running->recording;
    const char *list = running->trace;
    names_t names = {.source = r->source, .kernel = r->kernel, .qmp = r->qmp};
    if (!attach_mask(&r->attach, mask)) {
        return u4_fail(err, "%s: no hart's ring is up", running->name);
    }
    if (list && *list != '+' && *list != '-') {
        memset(mask, 0, TRACE_MASK_WORDS * sizeof(mask[0]));
    }
    bool ok = choice_apply(&trace->choice, &r->attach, &names, err) &&
              (!list || (schema_mask_change(r->attach.schema, list, mask, err) &&
                         attach_set_mask(&r->attach, mask, err)));
    names_free(&names);
    attach_poll(&r->attach);
    return ok;
}

static int show(trace_t *trace)
{
    running_t *running = &trace->running;
    const attach_t *attach = &running->recording.attach;
    uint64_t mask[TRACE_MASK_WORDS];
    u4_error_t err;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int signals = signalfd(-1, &set, SFD_CLOEXEC);
    bool ok = running_find(running, &err) && running_wait(running, signals, &err) &&
              change(trace, mask, &err);
    close(signals);
    if (!ok) {
        return complain("%s", err.text);
    }
    if (!trace->json) {
        print_text(attach, running->name, mask);
    } else if (!print_json(attach, running->name, mask)) {
        return complain("standard output: cannot write");
    }
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : complain("standard output: cannot write");
}

static void take_option(trace_t *trace, int option)
{
    switch (option) {
    case 't': trace->running.trace = optarg; break;
    case 'j': trace->json = true; break;
    case OPT_THREAD: trace->choice.thread = optarg; break;
    case OPT_OBJECT: trace->choice.object = optarg; break;
    case OPT_RAM: trace->running.ram = optarg; break;
    case OPT_QMP: trace->running.control = optarg; break;
    case OPT_GDB: trace->running.gdb = optarg; break;
    case OPT_KERNEL: trace->running.kernel = optarg; break;
    default: break;
    }
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"trace", required_argument, NULL, 't'},
        {"thread", required_argument, NULL, OPT_THREAD},
        {"object", required_argument, NULL, OPT_OBJECT},
        {"json", no_argument, NULL, 'j'},
        {"ram", required_argument, NULL, OPT_RAM},
        {"qmp", required_argument, NULL, OPT_QMP},
        {"gdb", required_argument, NULL, OPT_GDB},
        {"kernel", required_argument, NULL, OPT_KERNEL},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    static trace_t trace;
    uint64_t mask[TRACE_MASK_WORDS] = {0};
    u4_error_t err;
    int option, status = 0;
    trace = (trace_t){.running = {.only_look = true}};
    while ((option = next_option(argc, argv, ":t:jh", options, &status)) != -1) {
        if (option == '?') {
            return status;
        }
        take_option(&trace, option);
    }
    if (!running_one_guest(&trace.running, argc, argv, &status)) {
        return status;
    }
    if (trace.running.trace &&
        !schema_mask_change(schema_builtin(), trace.running.trace, mask, &err)) {
        return complain_usage("--trace: %s", err.text);
    }
    status = show(&trace);
    recording_free(&trace.running.recording);
    return status;
}

const command_t command_trace = {
    .name = "trace",
    .summary = "show or change what a guest that runs traces",
    .usage = usage,
    .run = run,
};
