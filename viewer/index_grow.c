/* SPDX-License-Identifier: BSD-2-Clause */
/* The index's arrays: small ones in memory, large ones in files of their own. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "index_private.h"
#include "memory.h"

enum { LARGE = 1 << 20 /* bytes from which on an array lies in a file */ };

int index_file(u4_error_t *err)
{
    const char *directory = getenv("TMPDIR");
    directory = directory && *directory ? directory : "/var/tmp";
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) {
        u4_fail_errno(err, "%s: cannot make a temporary file (set TMPDIR)", directory);
    }
    return fd;
}

/* Without a file (no space), memory of no file will do as well, for as long as there is some. */
void *index_map(size_t bytes)
{
    u4_error_t ignored;
    int fd = index_file(&ignored);
    bool there = fd >= 0 && posix_fallocate(fd, 0, (off_t)bytes) == 0;
    void *map = there ? mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (fd >= 0) {
        close(fd);
    }
    if (map == MAP_FAILED) {
        map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    }
    /* As any lack of memory does, this ends the program. */
    return map == MAP_FAILED ? memory_new(SIZE_MAX, 1) : map;
}

void *index_grow(void *array, size_t count, size_t *room, size_t size)
{
    size_t old = *room;
    if (count < old) {
        return array;
    }
    *room = old ? old + old / 2 : 16;
    if (*room * size < LARGE) {
        return memory_grow(array, *room, size);
    }
    void *large = index_map(*room * size);
    memcpy(large, array, count * size);
    index_drop(array, old, size);
    return large;
}

void index_drop(void *array, size_t room, size_t size)
{
    if (room * size < LARGE) {
        free(array);
    } else {
        munmap(array, room * size);
    }
}
