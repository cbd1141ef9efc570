/* SPDX-License-Identifier: BSD-2-Clause */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PIECE_BYTES = sizeof(row_t) << SPOOL_SHIFT };

int spool_file(u4_error_t *err)
{
    const char *directory = getenv("TMPDIR");
    directory = directory && *directory ? directory : "/var/tmp";
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) {
        u4_fail_errno(err, "%s: cannot make a temporary file (set TMPDIR)", directory);
    }
    return fd;
}

bool spool_open(spool_t *spool, u4_error_t *err)
{
    spool->fd = spool_file(err);
    return spool->fd >= 0;
}

void spool_close(spool_t *spool)
{
    for (uint64_t i = 0; i < SPOOL_PIECES && spool->pieces[i]; i++) {
        munmap(spool->pieces[i], PIECE_BYTES);
    }
    close(spool->fd);
}

row_t *spool_next(spool_t *spool, u4_error_t *err)
{
    uint64_t piece = spool->count >> SPOOL_SHIFT;
    if (piece >= SPOOL_PIECES) {
        u4_fail(err, "more than %llu events: record less", 1ull << (SPOOL_SHIFT + 16));
        return NULL;
    }
    if (!spool->pieces[piece]) {
        off_t at = (off_t)piece * PIECE_BYTES;
        /* Allocated at once: a full disk is an error here and no signal later. */
        int failed = posix_fallocate(spool->fd, at, PIECE_BYTES);
        void *map =
            failed ? MAP_FAILED
                   : mmap(NULL, PIECE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, spool->fd, at);
        if (map == MAP_FAILED) {
            errno = failed ? failed : errno;
            u4_fail_errno(err, "temporary file: cannot hold more than %llu events (set TMPDIR)",
                          (unsigned long long)spool->count);
            return NULL;
        }
        spool->pieces[piece] = map;
    }
    return &spool->pieces[piece][spool->count & ((1u << SPOOL_SHIFT) - 1)];
}

uint64_t spool_find(const spool_t *spool, uint64_t time)
{
    uint64_t low = 0, high = spool->count;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (spool_row(spool, middle)->record.time < time) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}
