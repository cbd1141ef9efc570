/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"

static void print(const char *format, va_list args)
{
    fflush(stdout);
    fprintf(stderr, "u4 %s: ", command_now->name);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
}

int complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print(format, args);
    va_end(args);
    return EXIT_FAILED;
}

int complain_usage(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print(format, args);
    va_end(args);
    fprintf(stderr, "u4 %s --help says what it takes\n", command_now->name);
    return EXIT_USAGE;
}

int next_option(int argc, char **argv, const char *short_options, const struct option *options,
                int *status)
{
    opterr = 0;
    const char *word = argv[optind < argc ? optind : argc - 1];
    int option = getopt_long(argc, argv, short_options, options, NULL);
    if (option == 'h') {
        fputs(command_now->usage, stdout);
        *status = 0;
        return '?';
    }
    if (option == ':') {
        *status = complain_usage("option '%s' needs a value", word);
        return '?';
    }
    if (option == '?') {
        *status = complain_usage("no option '%s'", word);
    }
    return option;
}

bool parse_uint(const char *text, uint64_t *value)
{
    char *end;
    errno = 0;
    *value = strtoull(text, &end, 0);
    return isdigit((unsigned char)*text) && !*end && errno == 0;
}

bool parse_size(const char *text, uint64_t *bytes)
{
    char *end;
    errno = 0;
    uint64_t value = strtoull(text, &end, 0);
    if (!isdigit((unsigned char)*text) || errno) {
        return false;
    }
    unsigned shift = 0;
    if (*end) {
        const char *units = "KMG", *unit = strchr(units, toupper((unsigned char)*end));
        if (!unit || end[1]) {
            return false;
        }
        shift = 10 * (unsigned)(unit - units + 1);
    }
    *bytes = value << shift;
    return *bytes >> shift == value;
}

bool parse_duration(const char *text, uint64_t *ns)
{
    static const struct {
        const char *name;
        double ns;
    } units[] = {{"", 1e9}, {"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1}};
    char *end;
    double value = strtod(text, &end);
    if (!isdigit((unsigned char)*text)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(end, units[i].name) == 0 && value * units[i].ns < 1e19) {
            *ns = (uint64_t)(value * units[i].ns);
            return true;
        }
    }
    return false;
}

bool use_colour(void)
{
    const char *no = getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) && !(no && *no);
}

unsigned terminal_width(int fd, unsigned fallback)
{
    struct winsize size;
    return isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
                                                                              : fallback;
}

uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}
