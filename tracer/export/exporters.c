/* SPDX-License-Identifier: BSD-2-Clause */
#include "exporters.h"

#include <string.h>

const exporter_t *const exporters[] = {
    &exporter_perfetto, &exporter_ctf, &exporter_csv, &exporter_json, NULL,
};

const exporter_t *exporter_by_output(const char *path)
{
    size_t length = strlen(path);
    for (size_t i = 0; exporters[i]; i++) {
        size_t end = strlen(exporters[i]->extension);
        if (length > end && strcmp(path + length - end, exporters[i]->extension) == 0) {
            return exporters[i];
        }
    }
    return NULL;
}
