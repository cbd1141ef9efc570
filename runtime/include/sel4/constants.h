/* SPDX-License-Identifier: BSD-2-Clause */
/* Constants of libsel4 that no layout of abi/ needs. */
#ifndef SEL4_CONSTANTS_H
#define SEL4_CONSTANTS_H

#include <sel4/functions.h>

enum {
    seL4_InvalidPrio = -1,
    seL4_MsgLengthBits = SEL4_INFO_LENGTH_BITS,
    seL4_CapRightsBits = 4,
    seL4_WordSizeBits = 3,
    seL4_TCBFlag_NoFlag = 0,
};

#define seL4_UserVSpaceTop (seL4_UserTop - 1)

/* Where Page_Map's failed lookup says which level of page table is missing, and its value there. */
#define SEL4_MAPPING_LOOKUP_LEVEL 2
#define SEL4_MAPPING_LOOKUP_NO_PT 21

static inline seL4_Word seL4_MappingFailedLookupLevel(void)
{
    return seL4_GetMR(SEL4_MAPPING_LOOKUP_LEVEL);
}

#if U4_MCS
#define seL4_CoreSchedContextBytes (10 * sizeof(seL4_Word) + 6 * sizeof(seL4_Time))
#define seL4_RefillSizeBytes (2 * sizeof(seL4_Time))

typedef enum {
    seL4_SchedContext_NoFlag = 0,
    seL4_SchedContext_Sporadic = 1,
} seL4_SchedContextFlag;

/* Refills beyond the first two that a scheduling context of 2^SIZE bytes has room for. */
static inline seL4_Word seL4_MaxExtraRefills(seL4_Word size)
{
    return (LIBSEL4_BIT(size) - seL4_CoreSchedContextBytes) / seL4_RefillSizeBytes;
}
#endif

#endif
