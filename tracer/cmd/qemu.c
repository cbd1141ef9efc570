/* SPDX-License-Identifier: BSD-2-Clause */
#include "qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_ARGS = 256 };

/* Runs QEMU with one or two arguments and keeps the beginning of what it prints. */
static bool ask(const char *path, char *const argv[], char *answer, size_t size, int *status)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        execv(path, argv);
        _exit(127);
    }
    close(ends[1]);
    size_t used = 0;
    char rest[512] = "";
    for (;;) {
        bool room = used + 1 < size;
        ssize_t got =
            read(ends[0], room ? answer + used : rest, room ? size - 1 - used : sizeof(rest));
        if (got <= 0 && !(got < 0 && errno == EINTR)) {
            break;
        }
        used += room && got > 0 ? (size_t)got : 0;
    }
    answer[used] = 0;
    close(ends[0]);
    return pid > 0 && waitpid(pid, status, 0) == pid;
}

static bool check(qemu_t *qemu, u4_error_t *err)
{
    static const char advice[] =
        "install qemu-system-misc, or set U4_QEMU to a qemu-system-riscv64";
    char version[] = "--version", cpu[] = "-cpu", help[] = "help", answer[4096];
    char *ask_version[] = {qemu->path, version, NULL}, *ask_cpu[] = {qemu->path, cpu, help, NULL};
    static const char greeting[] = "QEMU emulator version ";
    int status;
    if (access(qemu->path, X_OK) != 0) {
        return u4_fail_errno(err, "%s: expected QEMU's qemu-system-riscv64 (%s)", qemu->path,
                             advice);
    }
    if (!ask(qemu->path, ask_version, answer, sizeof(answer), &status) || status != 0 ||
        strncmp(answer, greeting, sizeof(greeting) - 1) != 0) {
        return u4_fail(err,
                       "%s: expected QEMU, but it does not say so when asked for --version (%s)",
                       qemu->path, advice);
    }
    snprintf(qemu->version, sizeof(qemu->version), "%.*s",
             (int)strcspn(answer + sizeof(greeting) - 1, "\n"), answer + sizeof(greeting) - 1);
    int major = atoi(qemu->version);
    if (major < 6) {
        return u4_fail(err, "%s: expected QEMU 6 or newer, found %s (%s)", qemu->path,
                       qemu->version, advice);
    }
    if (!ask(qemu->path, ask_cpu, answer, sizeof(answer), &status) || !strstr(answer, "rv64")) {
        return u4_fail(err, "%s: this QEMU emulates another machine than riscv64 (%s)", qemu->path,
                       advice);
    }
    return true;
}

static bool search_path(qemu_t *qemu)
{
    const char *at = getenv("PATH");
    while (at && *at) {
        size_t length = strcspn(at, ":");
        snprintf(qemu->path, sizeof(qemu->path), "%.*s/qemu-system-riscv64", (int)length, at);
        if (length && access(qemu->path, X_OK) == 0) {
            return true;
        }
        at += length + (at[length] == ':');
    }
    return false;
}

/* build/host/bin/u4 -> build/qemu/qemu-system-riscv64 */
static bool beside_build(qemu_t *qemu)
{
    char self[4096];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (length <= 0) {
        return false;
    }
    self[length] = 0;
    const char *build = dirname(dirname(dirname(self)));
    int used = snprintf(qemu->path, sizeof(qemu->path), "%s/qemu/qemu-system-riscv64", build);
    return used > 0 && (size_t)used < sizeof(qemu->path) && access(qemu->path, X_OK) == 0;
}

/* On other QEMUs a hart that spins under -icount lets no other go on (qemu/README.md). */
static bool in_turns(const qemu_options_t *options)
{
    return options->icount && options->harts > 1;
}

bool qemu_find(qemu_t *qemu, const qemu_options_t *options, u4_error_t *err)
{
    bool ours = options->uintc || in_turns(options);
    const char *named = getenv("U4_QEMU");
    if (named && *named) {
        snprintf(qemu->path, sizeof(qemu->path), "%s", named);
        if (strchr(named, '/')) {
            return check(qemu, err);
        }
        return u4_fail(err, "U4_QEMU='%s': expected the path of a qemu-system-riscv64", named);
    }
    if ((!ours && search_path(qemu)) || beside_build(qemu)) {
        return check(qemu, err);
    }
    if (ours) {
        return u4_fail(err, "no %s, which has %s: run 'make qemu', or set U4_QEMU", qemu->path,
                       options->uintc ? "user interrupts" : "turns of several harts");
    }
    return u4_fail(err, "no qemu-system-riscv64 on PATH: install qemu-system-misc, or set U4_QEMU");
}

typedef struct {
    char *words[MAX_ARGS];
    size_t count;
    char room[16384];
    size_t used;
} args_t;

__attribute__((format(printf, 2, 3))) static void add(args_t *args, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    size_t left = sizeof(args->room) - args->used;
    int length = vsnprintf(args->room + args->used, left, format, values);
    va_end(values);
    if (length >= 0 && (size_t)length < left && args->count + 1 < MAX_ARGS) {
        args->words[args->count++] = args->room + args->used;
        args->used += (size_t)length + 1;
    }
}

static void build_args(args_t *args, const qemu_t *qemu, const qemu_options_t *o)
{
    add(args, "%s", qemu->path);
    add(args, "-M");
    add(args, "virt,memory-backend=ram0%s", o->uintc ? ",uintc=on" : "");
    add(args, "-object");
    add(args, "memory-backend-file,id=ram0,size=%" PRIu64 ",mem-path=%s,share=on", o->memory,
        o->ram);
    add(args, "-m");
    add(args, "%" PRIu64 "K", o->memory / 1024);
    add(args, "-cpu");
    add(args, o->uintc ? "rv64,x-n=on" : "rv64");
    add(args, "-smp");
    add(args, "%u", o->harts);
    add(args, "-display");
    add(args, "none");
    add(args, "-monitor");
    add(args, "none");
    add(args, "-chardev");
    add(args, "stdio,id=console,signal=on");
    add(args, "-serial");
    add(args, "chardev:console");
    add(args, "-qmp");
    add(args, "unix:%s,server=on,wait=off", o->qmp);
    add(args, "-bios");
    add(args, "default");
    add(args, "-no-reboot");
    add(args, "-kernel");
    add(args, "%s", o->boot ? o->boot : o->image);
    if (o->append[0]) {
        add(args, "-append");
        add(args, "%s", o->append);
    }
    if (o->icount) {
        add(args, "-icount");
        add(args, "shift=0,sleep=off");
        add(args, "-rtc"); /* else the clock's alarms follow the host's time */
        add(args, "clock=vm,base=2024-01-01");
        if (in_turns(o)) {
            add(args, "-accel");
            add(args, "tcg,turn=1000");
        }
        add(args, "-seed"); /* the device tree has a random rng-seed, which guests parse */
        add(args, "1");
    }
    if (o->gdb) {
        add(args, "-gdb");
        add(args, strchr(o->gdb, '/') ? "unix:%s,server=on,wait=off" : "tcp:127.0.0.1:%s", o->gdb);
    }
    if (o->wait) {
        add(args, "-S");
    }
    for (char **extra = o->extra; extra && *extra; extra++) {
        add(args, "%s", *extra);
    }
    args->words[args->count] = NULL;
}

void qemu_command_text(const qemu_t *qemu, const qemu_options_t *options, char *text, size_t size)
{
    static args_t args;
    args = (args_t){0};
    build_args(&args, qemu, options);
    size_t used = 0;
    for (size_t i = 0; i < args.count && used < size; i++) {
        bool quote = strpbrk(args.words[i], " \t$*?'\"") != NULL;
        const char *mark = quote ? "'" : "";
        used += (size_t)snprintf(text + used, size - used, "%s%s%s%s", i ? " " : "", mark,
                                 args.words[i], mark);
    }
}

pid_t qemu_start(const qemu_t *qemu, const qemu_options_t *options, int *console, u4_error_t *err)
{
    static args_t args;
    int ends[2];
    args = (args_t){0};
    build_args(&args, qemu, options);
    if (pipe2(ends, O_CLOEXEC) != 0) {
        u4_fail_errno(err, "cannot make a pipe for the guest's console");
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        signal(SIGPIPE, SIG_DFL);
        dup2(ends[1], STDOUT_FILENO);
        execv(qemu->path, args.words);
        _exit(127);
    }
    close(ends[1]);
    if (pid < 0) {
        u4_fail_errno(err, "cannot start %s", qemu->path);
        close(ends[0]);
        return -1;
    }
    *console = ends[0];
    return pid;
}
