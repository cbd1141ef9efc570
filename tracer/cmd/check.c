/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
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
    "  -h, --help         this text\n";

enum { RINGS = MERGE_MAX_RINGS };

typedef struct {
    uint64_t chunks, records, lost, console;
    uint64_t next[RINGS], first[RINGS], kept[RINGS], gone[RINGS];
    bool seen[RINGS];
    uint64_t problems;
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

static int repair(const char *file, uint64_t good, uint64_t problems)
{
    if (problems) {
        return complain("%s: not repaired: sound chunks follow the damage, and readers skip it",
                        file);
    }
    if (truncate(file, (off_t)good) != 0) {
        return complain("%s: cannot cut it to %" PRIu64 " bytes", file, good);
    }
    printf("%s: cut to %" PRIu64 " bytes, every chunk whole\n", file, good);
    return 0;
}

static int check_file(const char *file, bool cut, bool quiet)
{
    u4_error_t err;
    u4t_reader_t *reader = u4t_open(file, &err);
    if (!reader) {
        return complain("%s", err.text);
    }
    check_t check = {0};
    u4t_item_t item;
    u4t_status_t status;
    uint64_t damaged = 0, good = 0;
    while ((status = u4t_next(reader, &item, &err)) == U4T_ITEM || status == U4T_DAMAGED) {
        if (status == U4T_DAMAGED) {
            complain("%s", err.text);
            damaged++;
        } else {
            check.problems += damaged; /* something sound behind the damage */
            damaged = 0;
            good = u4t_good_until(reader);
            check_item(&check, file, &item);
        }
    }
    if (status == U4T_DONE) {
        check_totals(&check, file, reader);
    }
    if (u4t_unknown(reader)) {
        complain("%s: %" PRIu64 " sound chunks of kinds that this version does not know", file,
                 u4t_unknown(reader));
    }
    u4t_close(reader);
    int result = check.problems || damaged ? EXIT_FAILED : 0;
    if (status != U4T_DONE && !result) {
        result =
            complain("%s: not closed in order: %" PRIu64 " chunks are whole, up to byte %" PRIu64,
                     file, check.chunks, good);
    }
    if (result && cut && status != U4T_DONE) {
        return repair(file, good, check.problems);
    }
    if (!quiet && !result) {
        printf("%s: sound: %" PRIu64 " records, %" PRIu64 " lost, %" PRIu64 " chunks\n", file,
               check.records, check.lost, check.chunks + 1);
    }
    return result;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"repair", no_argument, NULL, 'r'},
        {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    bool cut = false, quiet = false;
    int option, status = 0;
    while ((option = next_option(argc, argv, ":rqh", options, &status)) != -1) {
        switch (option) {
        case 'r': cut = true; break;
        case 'q': quiet = true; break;
        default: return status;
        }
    }
    if (optind == argc) {
        return complain_usage("which file?");
    }
    for (; optind < argc; optind++) {
        int one = check_file(argv[optind], cut, quiet);
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
