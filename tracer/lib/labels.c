/* SPDX-License-Identifier: BSD-2-Clause */
#include "u4trace/labels.h"

#include <stdbool.h>
#include <stddef.h>

#include "abi/sel4/invocation.h"
#include "abi/trace/layout.h"

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
    (void)MCS;
    (void)SMP;
    return NULL;
}
