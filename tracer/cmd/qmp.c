/* SPDX-License-Identifier: BSD-2-Clause */
#include "qmp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "memory.h"

enum { LINE_MAX_BYTES = 256 * 1024 };

struct qmp {
    int fd;
    char path[256];
    char input[4096];
    size_t used, at;
    char line[LINE_MAX_BYTES]; /* the answer, as it came */
};

static int next_char(qmp_t *qmp)
{
    if (qmp->at == qmp->used) {
        ssize_t got;
        do {
            got = read(qmp->fd, qmp->input, sizeof(qmp->input));
        } while (got < 0 && errno == EINTR);
        if (got <= 0) {
            return -1;
        }
        qmp->used = (size_t)got;
        qmp->at = 0;
    }
    return (unsigned char)qmp->input[qmp->at++];
}

/* One line; QMP talks in lines. What does not fit is dropped. */
static bool read_line(qmp_t *qmp)
{
    size_t used = 0;
    int c;
    while ((c = next_char(qmp)) >= 0 && c != '\n') {
        if (used + 1 < sizeof(qmp->line)) {
            qmp->line[used++] = (char)c;
        }
    }
    qmp->line[used] = 0;
    return c >= 0;
}

/* Sends a request and waits for its answer, past events that come between. */
static bool exchange(qmp_t *qmp, const char *request)
{
    size_t length = strlen(request);
    if (write(qmp->fd, request, length) != (ssize_t)length) {
        return false;
    }
    while (read_line(qmp)) {
        if (strncmp(qmp->line, "{\"return\"", 9) == 0) {
            return true;
        }
        if (strncmp(qmp->line, "{\"error\"", 8) == 0) {
            return false;
        }
    }
    return strstr(request, "quit") != NULL; /* it may be gone before it answers */
}

static bool execute(qmp_t *qmp, const char *command)
{
    char request[128];
    snprintf(request, sizeof(request), "{\"execute\":\"%s\"}\n", command);
    return exchange(qmp, request);
}

qmp_t *qmp_open(const char *socket_path, u4_error_t *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval patience = {.tv_sec = 2};
    qmp_t *qmp = memory_new(1, sizeof(*qmp));
    snprintf(qmp->path, sizeof(qmp->path), "%s", socket_path);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
    qmp->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (qmp->fd < 0 || connect(qmp->fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        u4_fail_errno(err, "%s: cannot reach QEMU's control socket", socket_path);
        qmp_close(qmp);
        return NULL;
    }
    setsockopt(qmp->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (!read_line(qmp) || !execute(qmp, "qmp_capabilities")) {
        u4_fail(err,
                "%s: expected QEMU's control socket (QMP), but what answers does not talk like it",
                socket_path);
        qmp_close(qmp);
        return NULL;
    }
    return qmp;
}

void qmp_close(qmp_t *qmp)
{
    if (qmp) {
        if (qmp->fd >= 0) {
            close(qmp->fd);
        }
        free(qmp);
    }
}

bool qmp_do(qmp_t *qmp, const char *command, u4_error_t *err)
{
    return execute(qmp, command) || u4_fail(err, "%s: QEMU did not do '%s'", qmp->path, command);
}

bool qmp_running(qmp_t *qmp)
{
    return execute(qmp, "query-status") && strstr(qmp->line, "\"running\": true");
}

unsigned qmp_program_counters(qmp_t *qmp, uint64_t *pc, unsigned most)
{
    static const char request[] = "{\"execute\":\"human-monitor-command\",\"arguments\":"
                                  "{\"command-line\":\"info registers -a\"}}\n";
    unsigned count = 0;
    if (!exchange(qmp, request)) {
        return 0;
    }
    for (const char *at = qmp->line; count < most && (at = strstr(at, " pc ")); at += 4) {
        pc[count++] = strtoull(at + 4, NULL, 16);
    }
    return count;
}

bool qmp_command(const char *socket_path, const char *command, u4_error_t *err)
{
    qmp_t *qmp = qmp_open(socket_path, err);
    bool ok = qmp && qmp_do(qmp, command, err);
    qmp_close(qmp);
    return ok;
}
