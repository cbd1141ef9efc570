/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "recording.h"
#include "u4trace/join.h"

static const char usage[] =
    "usage: u4 merge [options] -o OUTPUT FILE...\n"
    "\n"
    "Makes one trace of several recordings of the same run: parts that follow each other, flight\n"
    "recordings of several moments, recordings of which one has what another has lost. Records\n"
    "that several have are taken once; what none has counts as lost.\n"
    "\n"
    "  -o, --output FILE  where to\n"
    "      --compress[=L] compress with zstd, level L (1)\n"
    "  -h, --help         this text\n";

enum { OPT_COMPRESS = 256 };

/* Writing over what is being read would end badly. */
static bool is_input(const char *output, char *const *paths, size_t count)
{
    struct stat out, in;
    for (size_t i = 0; i < count && stat(output, &out) == 0; i++) {
        if (stat(paths[i], &in) == 0 && in.st_dev == out.st_dev && in.st_ino == out.st_ino) {
            return true;
        }
    }
    return false;
}

static int merge(const char *output, int level, char *const *paths, size_t count)
{
    join_totals_t totals;
    u4_error_t err;
    if (is_input(output, paths, count)) {
        return complain("%s: is one of the recordings: give another output", output);
    }
    if (!recording_probe(output, &err)) {
        return complain("%s", err.text);
    }
    if (!join_files(paths, count, output, level, &totals, &err)) {
        struct stat status;
        if (stat(output, &status) == 0 && S_ISREG(status.st_mode)) {
            unlink(output);
        }
        return complain("%s", err.text);
    }
    fprintf(stderr,
            "u4 merge: %s: %" PRIu64 " events of %zu recordings, %" PRIu64 " in more than one, ",
            output, totals.records, count, totals.twice);
    fprintf(stderr, totals.lost ? "%" PRIu64 " LOST\n" : "none lost\n", totals.lost);
    return 0;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"output", required_argument, NULL, 'o'},
        {"compress", optional_argument, NULL, OPT_COMPRESS},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const char *output = NULL;
    uint64_t level = 0;
    int option, status = 0;
    while ((option = next_option(argc, argv, ":o:h", options, &status)) != -1) {
        if (option == 'o') {
            output = optarg;
        } else if (option == OPT_COMPRESS) {
            level = 1;
            if (optarg && (!parse_uint(optarg, &level) || level < 1 || level > 19)) {
                return complain_usage("--compress: expected a level from 1 to 19, found '%s'",
                                      optarg);
            }
        } else {
            return status;
        }
    }
    size_t count = (size_t)(argc - optind);
    if (!output || count == 0) {
        return complain_usage(output ? "which recordings?" : "where to? (--output)");
    }
    if (count > JOIN_MAX_FILES) {
        return complain_usage("at most %d recordings at once", JOIN_MAX_FILES);
    }
    return merge(output, (int)level, argv + optind, count);
}

const command_t command_merge = {
    .name = "merge",
    .summary = "make one trace of several recordings of a run",
    .usage = usage,
    .run = run,
};
