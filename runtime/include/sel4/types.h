/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interface's types with the functions that make and take apart its packed words: message
 * info, capability rights, CNode guard data.
 */
#ifndef SEL4_TYPES_H
#define SEL4_TYPES_H

#include <sel4/config.h>
#include <sel4/macros.h>
#include <sel4/simple_types.h>

#include "abi/sel4/bootinfo.h"
#include "abi/sel4/invocation.h"
#include "abi/sel4/syscall.h"
#include "abi/sel4/types.h"

typedef seL4_Word seL4_NodeId;
typedef seL4_Word seL4_PAddr;
typedef seL4_Word seL4_Domain;
typedef seL4_Uint64 seL4_Time;

typedef seL4_CPtr seL4_CNode;
typedef seL4_CPtr seL4_IRQHandler;
typedef seL4_CPtr seL4_IRQControl;
typedef seL4_CPtr seL4_TCB;
typedef seL4_CPtr seL4_Untyped;
typedef seL4_CPtr seL4_DomainSet;
typedef seL4_CPtr seL4_SchedContext;
typedef seL4_CPtr seL4_SchedControl;
typedef seL4_CPtr seL4_RISCV_Page;
typedef seL4_CPtr seL4_RISCV_PageTable;
typedef seL4_CPtr seL4_RISCV_ASIDControl;
typedef seL4_CPtr seL4_RISCV_ASIDPool;

typedef seL4_Word seL4_RISCV_VMAttributes;
#define seL4_RISCV_Default_VMAttributes 0
#define seL4_NilData 0
#define seL4_UntypedRetypeMaxObjects CONFIG_RETYPE_FAN_OUT_LIMIT

typedef struct {
    seL4_Word words[1];
} seL4_CapRights_t;

typedef struct {
    seL4_Word words[1];
} seL4_CNode_CapData_t;

/* Bits LOW.. of a packed word, N of them. */
static inline CONST seL4_Word u4_bits(seL4_Word word, unsigned low, unsigned n)
{
    return (word >> low) & (((seL4_Word)1 << n) - 1);
}

static inline CONST seL4_MessageInfo_t seL4_MessageInfo_new(seL4_Word label,
                                                            seL4_Word caps_unwrapped,
                                                            seL4_Word extra_caps, seL4_Word length)
{
    return (seL4_MessageInfo_t){{(label << SEL4_INFO_LABEL_SHIFT) |
                                 (caps_unwrapped & 7) << SEL4_INFO_UNWRAPPED_SHIFT |
                                 (extra_caps & 3) << SEL4_INFO_EXTRA_SHIFT | (length & 0x7f)}};
}

/* A packed word's field: its getter and a setter that returns the changed word. */
#define U4_PACKED_FIELD(type, field, low, n) \
    static inline CONST seL4_Word type##_get_##field(type##_t packed) \
    { \
        return u4_bits(packed.words[0], low, n); \
    } \
    static inline CONST type##_t type##_set_##field(type##_t packed, seL4_Word value) \
    { \
        seL4_Word mask = (((seL4_Word)1 << (n)) - 1) << (low); \
        return (type##_t){{(packed.words[0] & ~mask) | ((value << (low)) & mask)}}; \
    }

U4_PACKED_FIELD(seL4_MessageInfo, label, SEL4_INFO_LABEL_SHIFT, 52)
U4_PACKED_FIELD(seL4_MessageInfo, capsUnwrapped, SEL4_INFO_UNWRAPPED_SHIFT, 3)
U4_PACKED_FIELD(seL4_MessageInfo, extraCaps, SEL4_INFO_EXTRA_SHIFT, 2)
U4_PACKED_FIELD(seL4_MessageInfo, length, 0, SEL4_INFO_LENGTH_BITS)

static inline CONST seL4_CapRights_t seL4_CapRights_new(seL4_Word grant_reply, seL4_Word grant,
                                                        seL4_Word read, seL4_Word write)
{
    return (seL4_CapRights_t){{(write & 1) * SEL4_RIGHT_WRITE | (read & 1) * SEL4_RIGHT_READ |
                               (grant & 1) * SEL4_RIGHT_GRANT |
                               (grant_reply & 1) * SEL4_RIGHT_GRANT_REPLY}};
}

U4_PACKED_FIELD(seL4_CapRights, capAllowWrite, 0, 1)
U4_PACKED_FIELD(seL4_CapRights, capAllowRead, 1, 1)
U4_PACKED_FIELD(seL4_CapRights, capAllowGrant, 2, 1)
U4_PACKED_FIELD(seL4_CapRights, capAllowGrantReply, 3, 1)

#define seL4_ReadWrite seL4_CapRights_new(0, 0, 1, 1)
#define seL4_AllRights seL4_CapRights_new(1, 1, 1, 1)
#define seL4_CanRead seL4_CapRights_new(0, 0, 1, 0)
#define seL4_CanWrite seL4_CapRights_new(0, 0, 0, 1)
#define seL4_CanGrant seL4_CapRights_new(0, 1, 0, 0)
#define seL4_CanGrantReply seL4_CapRights_new(1, 0, 0, 0)
#define seL4_NoWrite seL4_CapRights_new(1, 1, 1, 0)
#define seL4_NoRead seL4_CapRights_new(1, 1, 0, 1)
#define seL4_NoRights seL4_CapRights_new(0, 0, 0, 0)

static inline CONST seL4_CNode_CapData_t seL4_CNode_CapData_new(seL4_Word guard,
                                                                seL4_Word guard_size)
{
    return (seL4_CNode_CapData_t){
        {guard << SEL4_GUARD_SIZE_BITS | u4_bits(guard_size, 0, SEL4_GUARD_SIZE_BITS)}};
}

U4_PACKED_FIELD(seL4_CNode_CapData, guard, SEL4_GUARD_SIZE_BITS, 58)
U4_PACKED_FIELD(seL4_CNode_CapData, guardSize, 0, SEL4_GUARD_SIZE_BITS)

#endif
