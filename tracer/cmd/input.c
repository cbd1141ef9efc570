/* SPDX-License-Identifier: BSD-2-Clause */
#include "input.h"

#include <signal.h>
#include <time.h>

bool input_option(input_t *input, int option, const char *value)
{
    switch (option) {
    case 'F': input->filter_text = value; return true;
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

int input_open(input_t *input, int argc, char **argv)
{
    u4_error_t err;
    if (input->ram ? argc != 0 : argc != 1) {
        return complain_usage(argc ? "one trace file, or --ram" : "which trace file?");
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
