/* SPDX-License-Identifier: BSD-2-Clause */
#include "input.h"

#include <inttypes.h>
#include <signal.h>
#include <time.h>

#include "u4trace/format.h"

bool input_option(input_t *input, int option, const char *value)
{
    switch (option) {
    case 'F': input->filter_text = value; return true;
    case 'A': input->from_text = value; return true;
    case 'B': input->until_text = value; return true;
    case 'R': input->ram = value; return true;
    case 'K': input->kernel = value; return true;
    default: return false;
    }
}

static bool open_source(input_t *input, u4_error_t *err)
{
    if (input->ram) {
        input->memory = memory_input_open(input->ram, input->kernel, err);
        if (!input->memory) {
            return false;
        }
        input->schema = memory_input_schema(input->memory);
        input->info = memory_input_info(input->memory);
        return true;
    }
    input->reader = u4t_open(input->file, err);
    if (!input->reader) {
        return false;
    }
    input->schema = u4t_schema(input->reader);
    input->info = u4t_info(input->reader);
    return true;
}

static bool parse_time(const char *option, const char *text, uint64_t *ns)
{
    if (text && !parse_duration(text, ns)) {
        complain_usage("%s: expected a time such as 1.5ms or 0.02s, found '%s'", option, text);
        return false;
    }
    return true;
}

/* --from and --until. False after a message. */
static bool parse_range(input_t *input)
{
    input->until_ns = UINT64_MAX;
    if (!parse_time("--from", input->from_text, &input->from_ns) ||
        !parse_time("--until", input->until_text, &input->until_ns)) {
        return false;
    }
    if (input->from_ns >= input->until_ns) {
        complain_usage("--until: expected a time after --from %s, found '%s'",
                       input->from_text ? input->from_text : "0", input->until_text);
        return false;
    }
    return true;
}

int input_open(input_t *input, int argc, char **argv)
{
    u4_error_t err;
    if (input->ram ? argc != 0 : argc != 1) {
        return complain_usage(argc ? "one trace file, or --ram" : "which trace file?");
    }
    if (!parse_range(input)) {
        return EXIT_USAGE;
    }
    input->file = argc ? argv[0] : input->ram;
    if (!open_source(input, &err)) {
        return complain("%s", err.text);
    }
    if (input->filter_text) {
        input->filter = filter_parse(input->schema, input->filter_text, &err);
        if (!input->filter) {
            complain("%s", err.text);
            return EXIT_USAGE;
        }
    }
    input->pipeline = pipeline_new(input->schema, input->info);
    pipeline_set_range(input->pipeline, input->from_ns, input->until_ns);
    return 0;
}

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    interrupted = number;
}

/* The file is at its end for now: waits a moment. After some quiet, what waits for records of
 * other rings is given out. */
static follow_t wait_for_more(void *context)
{
    enum { NAP_MS = 20, QUIET_MS = 200 };
    input_t *input = context;
    const struct timespec nap = {.tv_nsec = NAP_MS * 1000000};
    if (interrupted) {
        return FOLLOW_STOP;
    }
    nanosleep(&nap, NULL);
    input->quiet_ms += NAP_MS;
    if (input->quiet_ms >= QUIET_MS) {
        input->quiet_ms = 0;
        return FOLLOW_QUIET;
    }
    return FOLLOW_AGAIN;
}

/* A range that begins behind the trace's end is more likely a mistake than a wish. */
static void warn_of_range(const input_t *input)
{
    const model_t *model = pipeline_model(input->pipeline);
    uint64_t length = model_ns(model, model->time - model->first_time);
    char text[32];
    if (input->from_ns > length && model->events) {
        *format_duration(text, text + sizeof(text) - 1, length) = 0;
        complain("%s: nothing from %s on: the trace ends %s after its start", input->file,
                 input->from_text, text);
    }
}

static bool run_file(input_t *input, u4_error_t *err)
{
    if (!input->follow) {
        return pipeline_run_file(input->pipeline, input->reader, err);
    }
    struct sigaction action = {.sa_handler = on_interrupt};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return pipeline_follow_file(input->pipeline, input->reader, wait_for_more, input, err);
}

int input_run(input_t *input)
{
    u4_error_t err;
    bool ok = input->memory ? memory_input_run(input->memory, input->pipeline, &err)
                            : run_file(input, &err);
    if (!ok) {
        return complain("%s", err.text);
    }
    warn_of_range(input);
    if (input->reader && u4t_unknown(input->reader)) {
        complain("%s: left out %" PRIu64 " chunks of kinds that this version does not know: newer"
                 " tools show them",
                 input->file, u4t_unknown(input->reader));
    }
    if (pipeline_wrong(input->pipeline)) {
        complain("%s: %" PRIu64 " damaged records: the order that they tell cannot be, the clock's"
                 " holds",
                 input->file, pipeline_wrong(input->pipeline));
    }
    if (input->reader && !input->info->ended && !input->follow) {
        complain("%s: was not closed in order: this is what is whole (u4 check says more)",
                 input->file);
    }
    return 0;
}

void input_close(input_t *input)
{
    pipeline_free(input->pipeline);
    filter_free(input->filter);
    u4t_close(input->reader);
    memory_input_close(input->memory);
}
