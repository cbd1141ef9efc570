/* SPDX-License-Identifier: BSD-2-Clause */
#include "exporters.h"

const exporter_t *const exporters[] = {
    &exporter_perfetto, &exporter_ctf, &exporter_csv, &exporter_json, NULL,
};
