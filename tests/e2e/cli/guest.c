/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stands for QEMU in tests of u4 run and u4 record: answers --version and -cpu help, and then is
 * a guest that writes trace records into the RAM file it was given, as $GUEST says:
 *
 *   records=N   on each hart (1000)      capacity=N  records per ring (4096)
 *   burst=N     records between naps     status=N    exit status (0)
 *   end=halt|panic|hang|silent|kill      how it ends; silent: never has a trace
 *   live=MS     goes on writing for that time
 *
 * With arguments "kernel FILE [BYTE]" it writes the ELF of its kernel instead.
 * $GUEST_ARGS names a file that gets the arguments it was started with.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim.h"

typedef struct {
    unsigned long records, capacity, burst, live;
    unsigned harts;
    int status;
    char end[16];
} plan_t;

static void take_word(plan_t *plan, const char *word)
{
    sscanf(word, "records=%lu", &plan->records);
    sscanf(word, "capacity=%lu", &plan->capacity);
    sscanf(word, "burst=%lu", &plan->burst);
    sscanf(word, "live=%lu", &plan->live);
    sscanf(word, "status=%d", &plan->status);
    sscanf(word, "end=%15s", plan->end);
}

static plan_t make_plan(void)
{
    plan_t plan = {.records = 1000, .capacity = 4096, .burst = 500, .harts = 1, .end = "halt"};
    const char *text = getenv("GUEST");
    char words[256];
    snprintf(words, sizeof(words), "%s", text ? text : "");
    for (char *word = strtok(words, " "); word; word = strtok(NULL, " ")) {
        take_word(&plan, word);
    }
    return plan;
}

static void nap(long ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

static void save_args(int argc, char **argv)
{
    const char *path = getenv("GUEST_ARGS");
    FILE *file = path ? fopen(path, "w") : NULL;
    for (int i = 1; file && i < argc; i++) {
        fprintf(file, "%s\n", argv[i]);
    }
    if (file) {
        fclose(file);
    }
}

/* The value of "key=" in an argument, up to a comma. */
static const char *find(int argc, char **argv, const char *key, char *value, size_t size)
{
    for (int i = 1; i < argc; i++) {
        const char *at = strstr(argv[i], key);
        if (at) {
            at += strlen(key);
            snprintf(value, size, "%.*s", (int)strcspn(at, ","), at);
            return value;
        }
    }
    return NULL;
}

static void write_records(sim_t *sim, const plan_t *plan, unsigned long count)
{
    for (unsigned long i = 0; i < count; i++) {
        for (unsigned hart = 0; hart < plan->harts; hart++) {
            trace_record_t record = sim_record(hart, sim->written[hart]);
            if (sim->rings[hart]->mask[record.event / 64] >> (record.event % 64) & 1) {
                sim_write(sim, hart, &record, NULL, NULL);
            }
        }
        if (plan->burst && i % plan->burst == plan->burst - 1) {
            nap(1);
        }
    }
}

/* The masks, as a kernel takes them from its command line. */
static void set_masks(sim_t *sim, const plan_t *plan, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *at = strstr(argv[i], "u4.trace=");
        unsigned long long m[4];
        if (at && sscanf(at, "u4.trace=%llx,%llx,%llx,%llx", &m[0], &m[1], &m[2], &m[3]) == 4) {
            for (unsigned hart = 0; hart < plan->harts; hart++) {
                for (unsigned w = 0; w < 4; w++) {
                    sim->rings[hart]->mask[w] = m[w];
                }
            }
        }
    }
}

static int be_guest(const plan_t *plan, sim_t *sim)
{
    puts("guest: up");
    fflush(stdout);
    write_records(sim, plan, plan->records);
    for (unsigned long ms = 0; ms < plan->live; ms += 2) {
        write_records(sim, plan, 100);
        nap(2);
    }
    puts("guest: done");
    fflush(stdout);
    if (strcmp(plan->end, "panic") == 0) {
        strcpy(sim->header->panic, "the cheese is off");
        __atomic_store_n(&sim->header->state, TRACE_STATE_PANIC, __ATOMIC_RELEASE);
        for (;;) {
            pause(); /* a kernel that has panicked does nothing any more */
        }
    }
    if (strcmp(plan->end, "hang") == 0) {
        for (;;) {
            pause();
        }
    }
    if (strcmp(plan->end, "kill") == 0) {
        raise(SIGKILL);
    }
    __atomic_store_n(&sim->header->state, TRACE_STATE_HALTED, __ATOMIC_RELEASE);
    return plan->status;
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "kernel") == 0) {
        int byte = argc > 3 ? atoi(argv[3]) : 0x5a;
        return sim_write_kernel(argv[2], 4096, "u4_trace_header", (uint8_t)byte) ? 0 : 1;
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("QEMU emulator version 7.2.22 (test)");
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "-cpu") == 0) {
        puts("any\nrv32\nrv64\nsifive-e31");
        return 0;
    }
    plan_t plan = make_plan();
    char ram[256];
    save_args(argc, argv);
    for (int i = 1; i + 1 < argc; i++) {
        plan.harts = strcmp(argv[i], "-smp") == 0 ? (unsigned)atoi(argv[i + 1]) : plan.harts;
    }
    if (strcmp(plan.end, "silent") == 0) {
        puts("guest: nothing to trace");
        return plan.status;
    }
    if (!find(argc, argv, "mem-path=", ram, sizeof(ram))) {
        fputs("guest: no mem-path\n", stderr);
        return 1;
    }
    sim_t *sim = sim_open(ram, plan.harts, plan.capacity);
    if (!sim) {
        fputs("guest: no RAM file\n", stderr);
        return 1;
    }
    set_masks(sim, &plan, argc, argv);
    return be_guest(&plan, sim);
}
