/* SPDX-License-Identifier: BSD-2-Clause */
/* u4 fsck: does the kernel's state fit together? The GDB scripts' check, as a command by itself. */
#include <string.h>

#include "cmd.h"
#include "gdb_session.h"

static const char usage[] =
    "usage: u4 fsck [options] [IMAGE|CORE|NAME]\n"
    "\n"
    "Checks a kernel's state from outside: threads, queues, capabilities and their derivation,\n"
    "memory, address spaces, scheduling contexts, user interrupts. Says what is broken and where;\n"
    "the exit status is 1 if anything is. What to look at is said as for u4 gdb; a guest that runs\n"
    "is stopped for it, outside the kernel, and goes on afterwards.\n"
    "\n"
    "  -k, --kernel FILE  kernel or boot image that made the core\n"
    "  -j, --json         for programs\n"
    "  -h, --help         this text\n";

static const struct option options[] = {
    {"kernel", required_argument, NULL, 'k'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int fsck_main(int argc, char **argv)
{
    /* The second command sets the variable that the third one looks at. */
    static const char *commands[] = {"-nx",
                                     "-ex",
                                     "set $_u4_problems = 1",
                                     "-ex",
                                     "u4 fsck -settle",
                                     "-ex",
                                     "quit $_u4_problems != 0",
                                     NULL};
    enum { CHECK = 4 };
    gdb_session_t session = {.batch = true, .console = "/dev/null", .extra = commands};
    int option, status = 0;
    while ((option = next_option(argc, argv, ":k:jh", options, &status)) != -1) {
        switch (option) {
        case 'k': session.kernel = optarg; break;
        case 'j': commands[CHECK] = "u4 fsck -settle -json"; break;
        default: return status;
        }
    }
    if (argc - optind > 1)
        return complain_usage("one image, core or guest");
    session.target = argv[optind];
    return gdb_session(&session);
}

const command_t command_fsck = {
    .name = "fsck",
    .summary = "check a kernel's state in a guest or core",
    .usage = usage,
    .run = fsck_main,
};
