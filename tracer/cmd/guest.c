/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "qmp.h"

enum {
    TICK_EARLY_MS = 1, /* until the kernel is up: rings fill from boot on */
    TICK_MS = 20,
    GRACE_NS = 500000000, /* for QEMU to exit by itself after the kernel has said its last word */
};

static bool make_ram(const guest_t *g, u4_error_t *err)
{
    int fd = open(g->info.ram, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return u4_fail_errno(err, "%s: cannot make the guest's RAM", g->info.ram);
    }
    bool ok =
        ftruncate(fd, (off_t)g->qemu.memory) == 0 ||
        u4_fail_errno(err, "%s: cannot make it %" PRIu64 " bytes", g->info.ram, g->qemu.memory);
    close(fd);
    return ok;
}

static void describe(guest_t *g, const qemu_t *qemu)
{
    runinfo_t *info = &g->info;
    const kernel_t *kernel = g->recording.kernel;
    trace_info_t *trace = &g->recording.info;
    g->recording.image = info->image;
    info->memory = g->qemu.memory;
    info->ram_base = SOURCE_RAM_BASE;
    info->harts = g->qemu.harts;
    info->icount = trace->icount = g->qemu.icount;
    snprintf(info->gdb, sizeof(info->gdb), "%s", g->qemu.gdb ? g->qemu.gdb : "");
    char real[PATH_MAX];
    snprintf(info->kernel, sizeof(info->kernel), "%s",
             kernel ? realpath(kernel->path, real) ? real : kernel->path : "");
    snprintf(info->machine, sizeof(info->machine),
             "QEMU %.40s virt, rv64, %u hart%s, %" PRIu64 " MiB%s", qemu->version, g->qemu.harts,
             g->qemu.harts == 1 ? "" : "s", g->qemu.memory >> 20, g->qemu.icount ? ", icount" : "");
    qemu_command_text(qemu, &g->qemu, info->command, sizeof(info->command));
    snprintf(trace->machine, sizeof(trace->machine), "%s", info->machine);
    snprintf(trace->command, sizeof(trace->command), "%s", info->command);
    snprintf(trace->image, sizeof(trace->image), "%.255s", g->qemu.image);
}

static bool start(guest_t *g, const qemu_t *qemu, const char *name, u4_error_t *err)
{
    sigset_t signals;
    char real[PATH_MAX];
    snprintf(g->info.image, sizeof(g->info.image), "%s",
             realpath(g->qemu.image, real) ? real : g->qemu.image);
    if (!runinfo_name(&g->info, name, err) || !make_ram(g, err)) {
        return false;
    }
    g->qemu.ram = g->info.ram;
    g->qemu.qmp = g->info.qmp;
    describe(g, qemu);
    if (g->recording.kernel) {
        g->recording.source = source_open_ram(g->info.ram, SOURCE_RAM_BASE, true, err);
        if (!g->recording.source) {
            return false;
        }
    }
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    g->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    g->pid = g->info.pid = qemu_start(qemu, &g->qemu, &g->console, err);
    g->begun_ns = now_ns();
    return g->pid > 0 && runinfo_write(&g->info, err);
}

static void stop(guest_t *g, const char *why)
{
    u4_error_t ignored;
    if (!g->stopping && !g->ended) {
        g->stopping = true;
        g->why = why;
        if (!qmp_command(g->info.qmp, "quit", &ignored)) {
            kill(g->pid, SIGTERM);
        }
    }
}

static void write_out(const char *text, size_t length)
{
    while (length) {
        ssize_t done = write(STDOUT_FILENO, text, length);
        if (done < 0 && errno != EINTR) {
            return; /* nobody sees the console; the guest goes on */
        }
        if (done > 0) {
            text += done;
            length -= (size_t)done;
        }
    }
}

static void take_console(guest_t *g)
{
    char text[8192];
    ssize_t got = read(g->console, text, sizeof(text));
    if (got > 0) {
        write_out(text, (size_t)got);
        recording_console(&g->recording, text, (size_t)got);
    } else if (got == 0 || errno != EINTR) {
        close(g->console);
        g->console = -1;
    }
}

static void take_signals(guest_t *g)
{
    struct signalfd_siginfo signal;
    while (read(g->signals, &signal, sizeof(signal)) == (ssize_t)sizeof(signal)) {
        if (signal.ssi_signo != SIGCHLD) {
            g->interrupted = (int)signal.ssi_signo;
            stop(g, NULL);
        }
    }
    if (!g->ended && waitpid(g->pid, &g->wait_status, WNOHANG) == g->pid) {
        g->ended = true;
    }
}

/* The kernel waits in its trigger: the machine is stopped around it, and stays so; the kernel goes
 * on when somebody lets the machine. */
static void stop_at_event(guest_t *g)
{
    u4_error_t err;
    if (!g->stop_fired || !g->recording.fired) {
        return;
    }
    g->stop_fired = false;
    if (!qmp_command(g->info.qmp, "stop", &err) || !attach_release(&g->recording.attach)) {
        complain("cannot stop the guest at the event: %s", err.text);
        return;
    }
    complain("the guest stands still at the event%s", g->qemu.gdb ? ": 'u4 gdb' looks at it" : "");
}

/* Attaches, watches the recording and the kernel's state. */
static void tick(guest_t *g)
{
    u4_error_t err;
    uint64_t state, now = now_ns();
    if (!g->failed &&
        (!recording_try(&g->recording, &err) || !recording_watch(&g->recording, &state, &err))) {
        g->failed = true;
        complain("%s", err.text);
        stop(g, "recording failed");
    }
    if (g->failed) {
        return;
    }
    stop_at_event(g);
    if (state == TRACE_STATE_HALTED || state == TRACE_STATE_PANIC) {
        g->finished_ns = g->finished_ns ? g->finished_ns : now;
        if (now - g->finished_ns > GRACE_NS) {
            stop(g, NULL);
        }
    }
    if (g->timeout_ns && now - g->begun_ns > g->timeout_ns) {
        stop(g, "the time is over (--timeout)");
    }
}

static void wait_for_end(guest_t *g)
{
    while (!g->ended || g->console >= 0) {
        bool early = g->recording.source && !g->recording.attached;
        struct pollfd fds[] = {{.fd = g->signals, .events = POLLIN},
                               {.fd = g->console, .events = POLLIN}};
        poll(fds, 2, early ? TICK_EARLY_MS : TICK_MS);
        if (fds[1].revents) {
            take_console(g);
        }
        take_signals(g);
        tick(g);
    }
}

static int exit_status(const guest_t *g)
{
    if (g->failed) {
        return EXIT_FAILED;
    }
    if (g->interrupted) {
        return 128 + g->interrupted;
    }
    if (g->why) {
        return complain("stopped the guest: %s", g->why);
    }
    if (g->recording.info.panic[0]) {
        return complain("the kernel panicked: %s", g->recording.info.panic);
    }
    if (WIFSIGNALED(g->wait_status)) {
        return complain("QEMU was killed by signal %d", WTERMSIG(g->wait_status));
    }
    if (WEXITSTATUS(g->wait_status) == 127 && now_ns() - g->begun_ns < 1000000000) {
        return complain("QEMU could not be started");
    }
    return WEXITSTATUS(g->wait_status);
}

static void finish(guest_t *g)
{
    recording_t *r = &g->recording;
    u4_error_t err = {""};
    int status = WIFEXITED(g->wait_status) ? WEXITSTATUS(g->wait_status) : -1;
    if (g->failed) {
        return;
    }
    /* The memory outlives QEMU: a guest too quick for us is read now. */
    if (!recording_try(r, &err) || !recording_finish(r, status, &err)) {
        g->failed = true;
        complain("%s", err.text);
    } else if (r->output && r->attached) {
        recording_summary(r);
    } else if (r->output) {
        g->failed = true;
        complain("nothing recorded: the kernel has not set up its trace: %s", err.text);
    }
}

int guest_run(guest_t *g, const qemu_t *qemu, const char *name)
{
    u4_error_t err;
    struct termios terminal;
    bool saved = tcgetattr(STDIN_FILENO, &terminal) == 0;
    g->console = g->signals = -1;
    int status;
    if (start(g, qemu, name, &err)) {
        wait_for_end(g);
        finish(g);
        status = exit_status(g);
    } else {
        status = complain("%s", err.text);
    }
    if (g->pid > 0 && !g->ended) {
        kill(g->pid, SIGTERM);
        waitpid(g->pid, NULL, 0);
    }
    if (saved) { /* QEMU sets it back itself, unless it was killed */
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
    }
    runinfo_remove(&g->info);
    return status;
}
