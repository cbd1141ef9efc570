/* SPDX-License-Identifier: BSD-2-Clause */
/* u4 gdb: GDB with the u4 scripts, connected to a guest or with a core open. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd.h"
#include "gdb_session.h"
#include "runinfo.h"

enum { MAX_WORDS = 128, WAIT_MS = 10000, STEP_MS = 20 };

static const char usage[] =
    "usage: u4 gdb [options] [IMAGE|CORE|NAME] [-- GDB OPTIONS]\n"
    "\n"
    "Starts GDB with u4's commands (help u4), symbols of kernel and programs loaded. With a boot\n"
    "IMAGE, it boots that in QEMU up to the first user instruction; with a CORE of QEMU's\n"
    "dump-guest-memory or a RAM file, it opens that; else it connects to a guest that\n"
    "u4 run --gdb has started, the only one or the one called NAME.\n"
    "\n"
    "  -k, --kernel FILE   kernel or boot image that made the core (default: one of the images\n"
    "                      beside it or in the build directory, known by what is in the core)\n"
    "  -c, --console FILE  where the console of a guest booted here goes (default: the terminal)\n"
    "  -S, --no-boot       stay at the machine's very first instruction\n"
    "  -x, --batch         end GDB behind the commands in GDB OPTIONS\n"
    "  -h, --help          this text\n"
    "\n"
    "$U4_GDB names another GDB than gdb-multiarch, $U4_GDBSCRIPTS another directory of scripts.\n";

static const struct option options[] = {
    {"kernel", required_argument, NULL, 'k'}, {"console", required_argument, NULL, 'c'},
    {"no-boot", no_argument, NULL, 'S'},      {"batch", no_argument, NULL, 'x'},
    {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
};

typedef struct {
    const gdb_session_t *want;
    char socket[256]; /* of a guest started here */
    pid_t guest;
    char *words[MAX_WORDS];
    size_t count;
} session_t;

__attribute__((format(printf, 2, 3))) static void add(session_t *s, const char *format, ...)
{
    char *word = NULL;
    va_list values;
    va_start(values, format);
    if (s->count + 1 < MAX_WORDS && vasprintf(&word, format, values) >= 0)
        s->words[s->count++] = word;
    va_end(values);
}

static void add_command(session_t *s, const char *command, const char *argument)
{
    add(s, "-ex");
    add(s, argument ? "%s %s" : "%s", command, argument);
}

/* Beside the build directory that this tool lies in, or installed. */
static int find_scripts(char *path, size_t size)
{
    const char *named = getenv("U4_GDBSCRIPTS");
    char self[PATH_MAX];
    if (named && *named) {
        snprintf(path, size, "%s/u4.py", named);
        return access(path, R_OK) == 0 ? 0 : complain("U4_GDBSCRIPTS: there is no %s", path);
    }
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (length <= 0)
        return complain("cannot find out where u4 lies: %s", strerror(errno));
    self[length] = 0;
    const char *bin = dirname(self);
    static const char *const places[] = {"../../../gdbscripts", "../share/u4/gdbscripts"};
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
        int used = snprintf(path, size, "%s/%s/u4.py", bin, places[i]);
        if (used > 0 && (size_t)used < size && access(path, R_OK) == 0)
            return 0;
    }
    return complain("the GDB scripts are not beside %s: set U4_GDBSCRIPTS to their directory", bin);
}

typedef enum { FILE_OTHER, FILE_IMAGE, FILE_CORE } file_kind_t;

static file_kind_t file_kind(const char *path)
{
    Elf64_Ehdr header;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? 0 : read(fd, &header, sizeof(header));
    if (fd >= 0)
        close(fd);
    if (got != sizeof(header) || memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
        return FILE_OTHER;
    return header.e_type == ET_CORE ? FILE_CORE : FILE_IMAGE;
}

static void child_guest(const session_t *s)
{
    if (s->want->console) {
        int fd = open(s->want->console, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (fd < 0) {
            complain("%s: cannot write the console there: %s", s->want->console, strerror(errno));
            _exit(EXIT_FAILED);
        }
        dup2(fd, STDOUT_FILENO);
        dup2(fd, STDERR_FILENO);
    }
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(null, STDIN_FILENO);
    setpgid(0, 0); /* interrupts at the terminal are for GDB */
    execl("/proc/self/exe", "u4", "run", "--gdb", s->socket, "--wait", s->want->target,
          (char *)NULL);
    _exit(127);
}

static int start_guest(session_t *s)
{
    u4_error_t err;
    char directory[192];
    if (!runinfo_directory(directory, sizeof(directory), &err))
        return complain("%s", err.text);
    snprintf(s->socket, sizeof(s->socket), "%s/gdb-%d.sock", directory, (int)getpid());
    s->guest = fork();
    if (s->guest == 0)
        child_guest(s);
    for (int waited = 0; waited < WAIT_MS; waited += STEP_MS) {
        int status;
        if (access(s->socket, F_OK) == 0)
            return 0;
        if (s->guest < 0 || waitpid(s->guest, &status, WNOHANG) == s->guest) {
            s->guest = 0;
            return complain("%s: the guest did not start", s->want->target);
        }
        usleep(STEP_MS * 1000);
    }
    return complain("%s: QEMU's GDB server did not come up within %d s", s->want->target,
                    WAIT_MS / 1000);
}

static void stop_guest(session_t *s)
{
    if (s->guest > 0) {
        kill(s->guest, SIGTERM);
        waitpid(s->guest, NULL, 0);
    }
    if (s->socket[0])
        unlink(s->socket);
}

static void connect_to(session_t *s, const char *where)
{
    add(s, "-ex");
    add(s, strchr(where, '/') ? "target remote %s" : "target remote 127.0.0.1:%s", where);
}

static int prepare_attach(session_t *s)
{
    u4_error_t err;
    static runinfo_t info;
    if (!runinfo_find(s->want->target, &info, &err))
        return complain("%s", err.text);
    if (!info.gdb[0])
        return complain("guest %s has no GDB server: start it with u4 run --gdb PORT", info.name);
    add_command(s, "u4 kernel", s->want->kernel ? s->want->kernel : info.image);
    connect_to(s, info.gdb);
    return 0;
}

static int prepare_core(session_t *s)
{
    if (s->want->kernel)
        add_command(s, "u4 kernel", s->want->kernel);
    add_command(s, "u4 core", s->want->target);
    return 0;
}

static int prepare_target(session_t *s)
{
    file_kind_t kind = s->want->target ? file_kind(s->want->target) : FILE_OTHER;
    if (s->want->target &&
        (kind == FILE_CORE || (kind == FILE_OTHER && strchr(s->want->target, '/'))))
        return prepare_core(s);
    if (kind == FILE_OTHER)
        return prepare_attach(s);
    int status = start_guest(s);
    if (status)
        return status;
    add_command(s, "u4 kernel", s->want->kernel ? s->want->kernel : s->want->target);
    connect_to(s, s->socket);
    if (!s->want->no_boot)
        add_command(s, "u4 boot", NULL);
    return 0;
}

static int run_gdb(session_t *s)
{
    const char *gdb = getenv("U4_GDB");
    gdb = gdb && *gdb ? gdb : "gdb-multiarch";
    for (const char *const *extra = s->want->extra; *extra; extra++)
        add(s, "%s", *extra);
    s->words[0] = (char *)(uintptr_t)gdb;
    s->words[s->count] = NULL;
    signal(SIGINT, SIG_IGN);
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGINT, SIG_DFL);
        execvp(gdb, s->words);
        complain("%s: cannot be started: %s (install gdb-multiarch, or set U4_GDB)", gdb,
                 strerror(errno));
        _exit(127);
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return complain("cannot start %s: %s", gdb, strerror(errno));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : EXIT_FAILED;
}

int gdb_session(const gdb_session_t *session)
{
    static session_t state;
    session_t *s = &state;
    char scripts[PATH_MAX + 32];
    s->want = session;
    int status = find_scripts(scripts, sizeof(scripts));
    if (status)
        return status;
    add(s, "gdb");
    add(s, s->want->batch ? "-batch" : "-q");
    add(s, "-iex");
    add(s, "set debuginfod enabled off");
    add_command(s, "source", scripts);
    status = prepare_target(s);
    if (!status)
        status = run_gdb(s);
    stop_guest(s);
    return status;
}

static int gdb_main(int argc, char **argv)
{
    gdb_session_t s = {0};
    int option, status = 0;
    while ((option = next_option(argc, argv, "+:k:c:Sxh", options, &status)) != -1) {
        switch (option) {
        case 'k': s.kernel = optarg; break;
        case 'c': s.console = optarg; break;
        case 'S': s.no_boot = true; break;
        case 'x': s.batch = true; break;
        default: return status;
        }
    }
    s.extra = (const char *const *)(argv + optind);
    /* getopt takes the "--" away if nothing stands before it. */
    bool separated = optind > 0 && strcmp(argv[optind - 1], "--") == 0;
    if (optind < argc && !separated && strcmp(argv[optind], "--") != 0)
        s.target = *s.extra++;
    if (*s.extra && strcmp(*s.extra, "--") == 0)
        s.extra++;
    else if (*s.extra && !separated)
        return complain_usage("one image or core; GDB's own options come behind --");
    return gdb_session(&s);
}

const command_t command_gdb = {
    .name = "gdb",
    .summary = "look inside a guest or core with GDB",
    .usage = usage,
    .run = gdb_main,
};
