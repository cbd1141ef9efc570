/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "u4trace/format.h"
#include "u4trace/waits.h"

static const char usage[] =
    "usage: u4 why [options] FILE THREAD\n"
    "\n"
    "Says why a thread was not running: its longest waits, and for each of them what the one that\n"
    "it waited for did meanwhile, and so on down the chain. Choose the time with --from and\n"
    "--until.\n"
    "\n"
    "  -n, --number N     that many waits, the longest ones, in order of time (5)\n"
    "  -d, --depth N      follow the chain so far (6)\n"
    "  -j, --json         for programs\n" INPUT_HELP;

enum { LEAST_PART = 50 /* parts of less than 1/50 of a wait are not worth a line */ };

typedef struct {
    const waits_t *waits;
    uint64_t number, depth;
    bool json;
} why_t;

typedef struct {
    char text[32];
} span_t;

static span_t span(uint64_t ns)
{
    span_t s = {""};
    *format_duration(s.text, s.text + sizeof(s.text) - 1, ns) = 0;
    return s;
}

/* Does the interval explain itself by another thread that was busy or waited itself? */
static bool leads_on(const waits_interval_t *w)
{
    return w->other != WAITS_NONE && w->state != THREAD_RECEIVING && w->state != THREAD_NTFN;
}

static const char *relation(const waits_interval_t *w)
{
    switch (w->state) {
    case THREAD_REPLY: return "of";
    case THREAD_FAULTED: return "fault handled by";
    case THREAD_CALLING:
    case THREAD_SENDING: return "until taken by";
    default: return "until woken by";
    }
}

static int longest_first(const void *a, const void *b)
{
    const waits_interval_t *x = *(const waits_interval_t *const *)a;
    const waits_interval_t *y = *(const waits_interval_t *const *)b;
    uint64_t p = x->until - x->from, q = y->until - y->from;
    return p < q ? 1 : p > q ? -1 : x->from < y->from ? -1 : x->from > y->from;
}

static int earliest_first(const void *a, const void *b)
{
    const waits_interval_t *x = *(const waits_interval_t *const *)a;
    const waits_interval_t *y = *(const waits_interval_t *const *)b;
    return x->from < y->from ? -1 : x->from > y->from;
}

/* The `number` longest stretches within [from, until) in which a thread did not run. The caller
 * frees the list. */
static const waits_interval_t **choose(const waits_row_t *row, uint64_t from, uint64_t until,
                                       uint64_t number, size_t *count)
{
    const waits_interval_t **list = calloc(row->count + 1, sizeof(*list));
    *count = 0;
    for (uint32_t i = waits_find(row, from); list && i < row->count; i++) {
        const waits_interval_t *w = &row->intervals[i];
        if (w->from >= until) {
            break;
        }
        if (w->state != THREAD_RUNNING && w->state != THREAD_DEAD && w->until > w->from) {
            list[(*count)++] = w;
        }
    }
    if (*count) {
        qsort(list, *count, sizeof(*list), longest_first);
        *count = *count < number ? *count : (size_t)number;
        qsort(list, *count, sizeof(*list), earliest_first);
    }
    return list;
}

/* Who ran on the hart that a ready thread wanted; the one who ran longest. */
static const waits_row_t *who_ran(const waits_t *waits, const waits_row_t *but, int16_t hart,
                                  uint64_t from, uint64_t until, uint64_t *time, uint8_t *priority)
{
    const waits_row_t *most = NULL;
    *time = 0;
    for (uint32_t i = 0; i < waits->count; i++) {
        const waits_row_t *row = &waits->rows[i];
        uint64_t ran = 0;
        uint8_t level = 0;
        for (uint32_t n = waits_find(row, from);
             row != but && n < row->count && row->intervals[n].from < until; n++) {
            const waits_interval_t *w = &row->intervals[n];
            if (w->state == THREAD_RUNNING && (hart < 0 || w->hart == hart)) {
                ran += (w->until < until ? w->until : until) - (w->from > from ? w->from : from);
                level = w->priority;
            }
        }
        if (ran > *time) {
            *time = ran;
            most = row;
            *priority = level;
        }
    }
    return most;
}

static void print_reason(const why_t *why, const waits_row_t *row, const waits_interval_t *w,
                         uint64_t from, uint64_t until)
{
    if (w->state == THREAD_READY) {
        uint64_t time;
        uint8_t priority = 0;
        const waits_row_t *most = who_ran(why->waits, row, w->hart, from, until, &time, &priority);
        if (most) {
            printf(": %s (priority %u) ran %s; its own priority is %u", most->name, priority,
                   span(time).text, w->priority);
        }
        return;
    }
    if (w->object) {
        printf(" on 0x%" PRIx32, w->object);
    }
    if (w->other != WAITS_NONE) {
        printf(" %s %s", relation(w), why->waits->rows[w->other].name);
    }
}

static void print_waits(const why_t *why, const waits_row_t *row, uint64_t from, uint64_t until,
                        unsigned depth);

static void print_wait(const why_t *why, const waits_row_t *row, const waits_interval_t *w,
                       uint64_t from, uint64_t until, unsigned depth)
{
    from = w->from > from ? w->from : from;
    until = w->until < until ? w->until : until;
    printf("%*s%9s  %s", (int)(4 * depth), "", span(until - from).text,
           thread_state_name((thread_state_t)w->state));
    print_reason(why, row, w, from, until);
    printf(depth == 0 ? ", from %s on\n" : "\n", span(from - why->waits->origin).text);
    if (leads_on(w) && depth + 1 < why->depth) {
        print_waits(why, &why->waits->rows[w->other], from, until, depth + 1);
    }
}

/* Bounded by --depth. */
static void print_waits(const why_t *why, const waits_row_t *row, uint64_t from, uint64_t until,
                        unsigned depth)
{
    size_t count;
    uint64_t ran = waits_time_in(row, THREAD_RUNNING, from, until);
    printf("%*s%s ran %s of these %s\n", (int)(4 * depth), "", row->name, span(ran).text,
           span(until - from).text);
    const waits_interval_t **list = choose(row, from, until, why->number, &count);
    for (size_t i = 0; i < count; i++) {
        uint64_t begin = list[i]->from > from ? list[i]->from : from;
        uint64_t end = list[i]->until < until ? list[i]->until : until;
        if (depth == 0 || (end - begin) * LEAST_PART >= until - from) {
            print_wait(why, row, list[i], from, until, depth);
        }
    }
    free(list);
}

static json_t *waits_json(const why_t *why, const waits_row_t *row, uint64_t from, uint64_t until,
                          unsigned depth)
{
    size_t count;
    json_t *object = json_object(), *array = json_array();
    const waits_interval_t **list = choose(row, from, until, why->number, &count);
    json_object_set_new(object, "thread", json_string(row->name));
    json_object_set_new(object, "ran_ns",
                        json_integer((json_int_t)waits_time_in(row, THREAD_RUNNING, from, until)));
    for (size_t i = 0; i < count; i++) {
        const waits_interval_t *w = list[i];
        uint64_t begin = w->from > from ? w->from : from, end = w->until < until ? w->until : until;
        uint64_t time = 0;
        uint8_t priority = 0;
        json_t *one = json_object();
        const waits_row_t *other = w->state == THREAD_READY ? who_ran(why->waits, row, w->hart,
                                                                      begin, end, &time, &priority)
                                   : w->other != WAITS_NONE ? &why->waits->rows[w->other]
                                                            : NULL;
        json_object_set_new(one, "from_ns", json_integer((json_int_t)(begin - why->waits->origin)));
        json_object_set_new(one, "ns", json_integer((json_int_t)(end - begin)));
        json_object_set_new(one, "state", json_string(thread_state_name((thread_state_t)w->state)));
        json_object_set_new(one, "object", json_integer(w->object));
        if (other) {
            json_object_set_new(one, "other", json_string(other->name));
        }
        if (leads_on(w) && depth + 1 < why->depth) {
            json_object_set_new(
                one, "meanwhile",
                waits_json(why, &why->waits->rows[w->other], begin, end, depth + 1));
        }
        json_array_append_new(array, one);
    }
    free(list);
    json_object_set_new(object, "waits", array);
    return object;
}

/* By name, or by reference; the life with the most to tell. */
static const waits_row_t *row_named(const waits_t *waits, const char *name)
{
    const waits_row_t *found = NULL;
    uint64_t ref = 0;
    bool number = parse_uint(name, &ref);
    for (uint32_t i = 0; i < waits->count; i++) {
        const waits_row_t *row = &waits->rows[i];
        if ((strcmp(row->name, name) == 0 || (number && row->ref == (uint32_t)ref)) &&
            (!found || row->count > found->count)) {
            found = row;
        }
    }
    return found;
}

static int answer(const why_t *why, const input_t *input, const char *name)
{
    const waits_row_t *row = row_named(why->waits, name);
    if (!row) {
        return complain("%s: no thread '%s' in that time (u4 stat lists threads)", input->file,
                        name);
    }
    uint64_t from = why->waits->from, until = why->waits->until;
    if (why->json) {
        json_t *object = waits_json(why, row, from, until, 0);
        json_dumpf(object, stdout, JSON_INDENT(1));
        putchar('\n');
        json_decref(object);
    } else {
        print_waits(why, row, from, until, 0);
    }
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : complain("standard output: cannot write");
}

static int explain(why_t *why, input_t *input, char **argv, int count)
{
    const char *name = argv[count - 1];
    int status = input_open(input, count - 1, argv);
    if (status == 0) {
        waits_t *waits = waits_new();
        why->waits = waits;
        pipeline_add(input->pipeline, &waits_sink, waits, NULL);
        status = input_run(input);
        status = status ? status : answer(why, input, name);
        waits_free(waits);
    }
    input_close(input);
    return status;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"number", required_argument, NULL, 'n'},
        {"depth", required_argument, NULL, 'd'},
        {"json", no_argument, NULL, 'j'},
        INPUT_OPTIONS,
        {NULL, 0, NULL, 0},
    };
    input_t input = {0};
    why_t why = {.number = 5, .depth = 6};
    int option, status = 0;
    while ((option = next_option(argc, argv, ":n:d:jF:h", options, &status)) != -1) {
        uint64_t *number = option == 'n' ? &why.number : option == 'd' ? &why.depth : NULL;
        why.json |= option == 'j';
        if (number && (!parse_uint(optarg, number) || *number == 0 || *number > 1000)) {
            return complain_usage("expected a number from 1 to 1000, found '%s'", optarg);
        }
        if (!number && option != 'j' && !input_option(&input, option, optarg)) {
            return status;
        }
    }
    if (argc - optind < 1) {
        return complain_usage("which trace file, and which thread?");
    }
    return explain(&why, &input, argv + optind, argc - optind);
}

const command_t command_why = {
    .name = "why",
    .summary = "say why a thread was not running: its chain of waits",
    .usage = usage,
    .run = run,
};
