/* SPDX-License-Identifier: BSD-2-Clause */
#include "text_output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"

text_output_t *text_output_open(const char *path, u4_error_t *err)
{
    bool standard = strcmp(path, "-") == 0;
    int fd =
        standard ? dup(STDOUT_FILENO) : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) {
        u4_fail_errno(err, "%s: cannot write there", standard ? "standard output" : path);
        return NULL;
    }
    text_output_t *output = memory_new(1, sizeof(*output));
    output->path = memory_strdup(standard ? "standard output" : path);
    output->fd = fd;
    output->at = output->buffer;
    output->end = output->buffer + TEXT_OUTPUT_ROOM;
    return output;
}

void text_output_stop(text_output_t *output, const atomic_bool *stop)
{
    output->stop = stop;
    fcntl(output->fd, F_SETFL, fcntl(output->fd, F_GETFL) | O_NONBLOCK);
}

/* Writing was interrupted, or there is no room now. False: that is final. */
static bool may_write_again(const text_output_t *output)
{
    enum { LOOK_MS = 50 };
    bool full = errno == EAGAIN;
    struct pollfd room = {.fd = output->fd, .events = POLLOUT};
    if (errno != EINTR && !full) {
        return false;
    }
    if (output->stop && atomic_load(output->stop)) {
        errno = ECANCELED;
        return false;
    }
    return !full || poll(&room, 1, LOOK_MS) >= 0 || errno == EINTR;
}

static bool flush(text_output_t *output, u4_error_t *err)
{
    const char *from = output->buffer;
    while (from < output->at && !output->failed) {
        ssize_t done = write(output->fd, from, (size_t)(output->at - from));
        if (done >= 0) {
            from += done;
        } else if (!may_write_again(output)) {
            output->failed = true;
            u4_fail_errno(&output->error, "%s: cannot write", output->path);
        }
    }
    output->at = output->buffer;
    if (output->failed) {
        *err = output->error;
    }
    return !output->failed;
}

bool text_output_room(text_output_t *output, size_t need, u4_error_t *err)
{
    return (size_t)(output->end - output->at) >= need || flush(output, err);
}

void text_output_flush(text_output_t *output)
{
    u4_error_t ignored;
    flush(output, &ignored);
}

bool text_output_finish(text_output_t *output, u4_error_t *err)
{
    bool ok = flush(output, err);
    if (close(output->fd) != 0 && ok) {
        ok = u4_fail_errno(err, "%s: cannot write", output->path);
    }
    output->fd = -1;
    return ok;
}

void text_output_free(text_output_t *output)
{
    if (output) {
        if (output->fd >= 0) {
            close(output->fd);
        }
        free(output->path);
        free(output);
    }
}
