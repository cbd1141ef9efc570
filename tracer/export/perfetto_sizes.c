/* SPDX-License-Identifier: BSD-2-Clause */
/* Option "sizes": how many bytes of the output the events of each kind have made. */
#include <inttypes.h>
#include <stdio.h>

#include "perfetto_sink.h"

void px_print_sizes(const px_t *s, const model_t *model)
{
    for (unsigned id = 1; id < SCHEMA_MAX_EVENTS; id++) {
        if (s->sizes[id] > 0 || model->per_event[id] > 0) {
            fprintf(stderr, "%-20s %10" PRIu64 " events %8.1f bytes each\n",
                    schema_event(s->schema, id)->full_name, model->per_event[id],
                    (double)s->sizes[id] / (double)model->per_event[id]);
        }
    }
    fprintf(stderr, "%-20s %10s        %8" PRIu64 " bytes\n", "counters", "", s->sizes[0]);
}
