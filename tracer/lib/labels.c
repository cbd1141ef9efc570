/* SPDX-License-Identifier: BSD-2-Clause */
#include "u4trace/labels.h"

#include <stdbool.h>
#include <stddef.h>

#include "abi/sel4/invocation.h"
#include "abi/trace/layout.h"
#include "abi/u4/extensions.h"

const char *label_name(uint32_t abi, uint64_t label)
{
    const bool MCS = abi & TRACE_ABI_MCS, SMP = abi & TRACE_ABI_SMP;
    uint64_t number = 0;
#define LABEL(name, when) \
    if (when) { \
        if (number == label) { \
            return #name; \
        } \
        number++; \
    }
    SEL4_INVOCATION_LABELS(LABEL)
#undef LABEL
    switch (label) {
#define LABEL(name, number) \
    case U4_LABEL_BASE + (number): return #name;
        U4_TRACE_LABELS(LABEL)
#undef LABEL
    default: break;
    }
    (void)MCS;
    (void)SMP;
    return NULL;
}
