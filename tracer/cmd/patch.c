/* SPDX-License-Identifier: BSD-2-Clause */
#include "patch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The header as the kernel's build left it; NULL if there is none. */
static char *find_header(char *file, size_t size)
{
    const uint64_t magic = TRACE_MAGIC;
    char *at = file, *end = file + size;
    while ((at = memmem(at, (size_t)(end - at), &magic, sizeof(magic)))) {
        trace_header_t header;
        if ((size_t)(end - at) < sizeof(header)) {
            return NULL;
        }
        memcpy(&header, at, sizeof(header));
        if (header.version == TRACE_VERSION && header.header_size == sizeof(header) &&
            header.record_size == sizeof(trace_record_t) && header.state == TRACE_STATE_OFF) {
            return at;
        }
        at++;
    }
    return NULL;
}

static bool write_copy(const char *file, size_t size, char *path, size_t room, u4_error_t *err)
{
    const char *directory = getenv("TMPDIR");
    snprintf(path, room, "%s/u4-image-XXXXXX", directory && *directory ? directory : "/tmp");
    int fd = mkstemp(path);
    if (fd < 0) {
        return u4_fail_errno(err, "%s: cannot make a copy of the image there", path);
    }
    bool ok = true;
    while (ok && size) {
        ssize_t done = write(fd, file, size);
        ok = done > 0;
        file += ok ? done : 0;
        size -= ok ? (size_t)done : 0;
    }
    if (close(fd) != 0 || !ok) {
        u4_fail_errno(err, "%s: cannot write a copy of the image there", path);
        unlink(path);
        return false;
    }
    return true;
}

/* Behind the header at `at`; `room` is what the file has from there on. */
static bool set_triggers(char *at, size_t room, const boot_settings_t *settings)
{
    trace_header_t header;
    memcpy(&header, at, sizeof(header));
    size_t end = header.trigger_offset + settings->count * sizeof(trace_trigger_t);
    if (settings->count && (!header.trigger_offset || settings->count > header.triggers ||
                            header.trigger_size != sizeof(trace_trigger_t) || end > room)) {
        return false;
    }
    for (uint32_t i = 0; i < settings->count; i++) {
        trace_trigger_t trigger = settings->triggers[i];
        trigger.state = TRACE_TRIGGER_ARMED;
        memcpy(at + header.trigger_offset + i * sizeof(trigger), &trigger, sizeof(trigger));
    }
    return true;
}

bool patch_image(const char *image, const boot_settings_t *settings, char *path, size_t size,
                 u4_error_t *err)
{
    int fd = open(image, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0) {
        return u4_fail_errno(err, "%s: cannot read the image", image);
    }
    size_t length = (size_t)status.st_size;
    char *file = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    close(fd);
    if (file == MAP_FAILED) {
        return u4_fail_errno(err, "%s: cannot read the image", image);
    }
    char *at = find_header(file, length);
    bool ok = at || u4_fail(err, "%s: no trace header of a u4 kernel in it", image);
    if (at && !set_triggers(at, length - (size_t)(at - file), settings)) {
        ok = u4_fail(err, "%s: its kernel has no place for these triggers", image);
    }
    if (ok) {
        trace_header_t header;
        memcpy(&header, at, sizeof(header));
        memcpy(header.boot_mask, settings->mask, sizeof(header.boot_mask));
        if (settings->ring_log2) {
            header.boot_capacity_log2 = settings->ring_log2;
        }
        memcpy(at, &header, sizeof(header));
        ok = write_copy(file, length, path, size, err);
    }
    munmap(file, length);
    return ok;
}
