/* SPDX-License-Identifier: BSD-2-Clause */
#include "pbwriter.h"

#include <errno.h>
#include <unistd.h>

void pb_init(pb_writer_t *w, void *buffer, size_t size, pb_output_t *output, void *context)
{
    *w = (pb_writer_t){.buffer = buffer,
                       .end = (uint8_t *)buffer + size,
                       .at = buffer,
                       .output = output,
                       .context = context};
}

void pb_flush(pb_writer_t *w)
{
    size_t n = (size_t)(w->at - w->buffer);
    if (n > 0 && w->error == 0) {
        w->error = w->output(w->context, w->buffer, n);
    }
    w->flushed += n;
    w->at = w->buffer;
}

int pb_finish(pb_writer_t *w)
{
    pb_flush(w);
    return w->error;
}

int pb_output_fd(void *context, const uint8_t *data, size_t n)
{
    int fd = *(const int *)context;
    while (n > 0) {
        ssize_t done = write(fd, data, n);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0) {
            return errno;
        }
        data += done;
        n -= (size_t)done;
    }
    return 0;
}

uint8_t *pb_varint_long(uint8_t *p, uint64_t value)
{
    while (value >= 0x80) {
        *p++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *p++ = (uint8_t)value;
    return p;
}

uint8_t *pb_string(uint8_t *p, uint32_t field, const char *text, size_t most)
{
    size_t n = strnlen(text, most + 1);
    if (n > most) {
        n = most;
        while (n > 0 && ((uint8_t)text[n] & 0xc0) == 0x80) {
            n--;
        }
    }
    return pb_bytes(p, field, text, n);
}

uint8_t *pb_close_long(uint8_t *body, uint8_t *end)
{
    size_t n = (size_t)(end - body);
    uint8_t length[PB_MAX_VARINT];
    size_t bytes = (size_t)(pb_varint(length, n) - length);
    memmove(body + bytes - 1, body, n);
    memcpy(body - 1, length, bytes);
    return end + bytes - 1;
}
