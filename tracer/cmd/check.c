/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "u4trace/u4t.h"

static const char usage[] =
    "usage: u4 check [options] FILE...\n"
    "\n"
    "Verifies trace files: every checksum, the order of chunks, and that records emitted are\n"
    "those kept and those lost. Exit status 1 if a file is damaged or was not closed in order.\n"
    "\n"
    "  -r, --repair       cut what follows the last whole chunk, if nothing sound does\n"
    "  -q, --quiet        say nothing about sound files\n"
    "  -j, --json         a line of JSON for each file that can be opened\n"
    "  -h, --help         this text\n";

enum { RINGS = MERGE_MAX_RINGS };

typedef struct {
    uint64_t chunks, records, lost, console;
    uint64_t next[RINGS], first[RINGS], kept[RINGS], gone[RINGS];
    bool seen[RINGS];
    uint64_t problems, tail; /* tail: damaged chunks behind the last sound one */
} check_t;

static void problem(check_t *check, const char *file, uint64_t offset, const char *what)
{
    if (check->problems++ < 10) {
        complain("%s: byte %" PRIu64 ": %s", file, offset, what);
    }
}

static void start_ring(check_t *check, uint32_t ring, uint64_t first)
{
    if (!check->seen[ring]) {
        check->seen[ring] = true;
        check->first[ring] = check->next[ring] = first;
    }
}

static void check_item(check_t *check, const char *file, const u4t_item_t *item)
{
    check->chunks++;
    if (item->type == U4T_CONSOLE) {
        check->console += item->length - sizeof(u4t_console_t);
    }
    if (item->type == U4T_LOSS) {
        u4t_loss_t loss;
        memcpy(&loss, item->data, sizeof(loss));
        start_ring(check, loss.ring, loss.first);
        if (loss.first != check->next[loss.ring]) {
            problem(check, file, item->offset, "a loss that does not follow the records before it");
        }
        check->next[loss.ring] = loss.first + loss.count;
        check->gone[loss.ring] += loss.count;
        check->lost += loss.count;
    }
    if (item->type == U4T_RECORDS) {
        uint32_t ring = item->head.ring;
        start_ring(check, ring, item->head.first);
        if (item->head.first != check->next[ring]) {
            problem(check, file, item->offset, "records are missing and not declared lost");
        }
        check->next[ring] = item->head.first + item->head.count;
        check->kept[ring] += item->head.count;
        check->records += item->head.count;
    }
}

/* A ring of which nothing was recorded is nowhere in the file. */
static void check_totals(check_t *check, const char *file, const u4t_reader_t *reader)
{
    for (uint32_t ring = 0; ring < RINGS; ring++) {
        uint64_t emitted = u4t_emitted(reader, ring);
        uint64_t accounted = check->first[ring] + check->kept[ring] + check->gone[ring];
        if (check->seen[ring] && emitted && emitted != accounted) {
            complain("%s: ring %u: %" PRIu64 " records emitted, but %" PRIu64
                     " before the start, %" PRIu64 " kept and %" PRIu64 " lost",
                     file, ring, emitted, check->first[ring], check->kept[ring], check->gone[ring]);
            check->problems++;
        }
    }
}

static int repair(const char *file, uint64_t good, uint64_t problems, bool quiet)
{
    if (problems) {
        return complain("%s: not repaired: sound chunks follow the damage, and readers skip it",
                        file);
    }
    if (truncate(file, (off_t)good) != 0) {
        return complain("%s: cannot cut it to %" PRIu64 " bytes", file, good);
    }
    if (!quiet) {
        printf("%s: cut to %" PRIu64 " bytes, every chunk whole\n", file, good);
    }
    return 0;
}

/* Reads all of it; `good`: where its last sound chunk ends. */
static u4t_status_t check_items(check_t *check, const char *file, u4t_reader_t *reader,
                                uint64_t *good)
{
    u4_error_t err;
    u4t_item_t item;
    u4t_status_t status;
    uint64_t damaged = 0;
    while ((status = u4t_next(reader, &item, &err)) == U4T_ITEM || status == U4T_DAMAGED) {
        if (status == U4T_DAMAGED) {
            complain("%s", err.text);
            damaged++;
        } else {
            check->problems += damaged; /* something sound behind the damage */
            damaged = 0;
            *good = u4t_good_until(reader);
            check_item(check, file, &item);
        }
    }
    check->tail = damaged;
    return status;
}

static void print_json(const check_t *check, const char *file, bool sound, bool closed,
                       uint64_t good)
{
    json_t *one =
        json_pack("{s:s, s:b, s:b, s:I, s:I, s:I, s:I, s:I}", "file", file, "sound", sound,
                  "closed", closed, "problems", (json_int_t)(check->problems + check->tail),
                  "records", (json_int_t)check->records, "lost", (json_int_t)check->lost, "chunks",
                  (json_int_t)(check->chunks + closed), "good_until", (json_int_t)good);
    if (!one) {
        complain("%s: no JSON: the name is not UTF-8", file);
        return;
    }
    json_dumpf(one, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(one);
}

typedef struct {
    bool cut, quiet, json;
} how_t;

static int check_file(const char *file, const how_t *how)
{
    u4_error_t err;
    u4t_reader_t *reader = u4t_open(file, &err);
    if (!reader) {
        return complain("%s", err.text);
    }
    check_t check = {0};
    uint64_t good = 0;
    bool closed = check_items(&check, file, reader, &good) == U4T_DONE;
    if (closed) {
        check_totals(&check, file, reader);
    }
    if (u4t_unknown(reader)) {
        complain("%s: %" PRIu64 " sound chunks of kinds that this version does not know", file,
                 u4t_unknown(reader));
    }
    u4t_close(reader);
    int result = check.problems || check.tail ? EXIT_FAILED : 0;
    if (!closed && !result) {
        result =
            complain("%s: not closed in order: %" PRIu64 " chunks are whole, up to byte %" PRIu64,
                     file, check.chunks, good);
    }
    if (how->json) {
        print_json(&check, file, !result, closed, good);
    } else if (!how->quiet && !result) {
        printf("%s: sound: %" PRIu64 " records, %" PRIu64 " lost, %" PRIu64 " chunks\n", file,
               check.records, check.lost, check.chunks + 1);
    }
    return result && how->cut && !closed ? repair(file, good, check.problems, how->json) : result;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"repair", no_argument, NULL, 'r'},
        {"quiet", no_argument, NULL, 'q'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    how_t how = {false, false, false};
    int option, status = 0;
    while ((option = next_option(argc, argv, ":rqjh", options, &status)) != -1) {
        switch (option) {
        case 'r': how.cut = true; break;
        case 'q': how.quiet = true; break;
        case 'j': how.json = true; break;
        default: return status;
        }
    }
    if (optind == argc) {
        return complain_usage("which file?");
    }
    for (; optind < argc; optind++) {
        int one = check_file(argv[optind], &how);
        status = one > status ? one : status;
    }
    return status;
}

const command_t command_check = {
    .name = "check",
    .summary = "verify a trace file, and cut a damaged end",
    .usage = usage,
    .run = run,
};
