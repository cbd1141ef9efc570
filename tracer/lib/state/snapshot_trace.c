/* SPDX-License-Identifier: BSD-2-Clause */
/* The snapshot in a trace file. */
#include "u4trace/snapshot.h"
#include "u4trace/u4t.h"

static snapshot_t *first_snapshot(u4t_reader_t *reader, const char *path, u4_error_t *err)
{
    snapshot_parts_t *parts = snapshot_parts_new();
    snapshot_t *snapshot = NULL;
    u4t_item_t item;
    err->text[0] = 0;
    while (!snapshot && !err->text[0] && u4t_next(reader, &item, err) == U4T_ITEM) {
        if (item.type == U4T_SNAPSHOT) {
            snapshot = snapshot_unpack(parts, item.data, item.length, err);
        }
    }
    snapshot_parts_free(parts);
    if (!snapshot && !err->text[0]) {
        u4_fail(err,
                "%s: holds no snapshot of the kernel's state: it was recorded from boot on; u4"
                " record makes one when it attaches to a guest that runs",
                path);
    }
    return snapshot;
}

snapshot_t *snapshot_of_trace(const char *path, u4_error_t *err)
{
    u4t_reader_t *reader = u4t_open(path, err);
    snapshot_t *snapshot = reader ? first_snapshot(reader, path, err) : NULL;
    u4t_close(reader);
    return snapshot;
}
