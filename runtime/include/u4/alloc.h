/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel objects out of Untyped memory, and slots for their capabilities. The allocator only
 * grows, as an Untyped does: it follows each Untyped's watermark and takes the smallest block
 * that fits. Memory comes back by revoking a whole Untyped that was added (u4_alloc_reset).
 */
#ifndef U4_ALLOC_H
#define U4_ALLOC_H

#include <stdbool.h>

#include <sel4/sel4.h>

enum { U4_ALLOC_UNTYPED = CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS };

typedef struct {
    seL4_Untyped cap;
    seL4_Word paddr; /* 0 if unknown */
    seL4_Word used;  /* bytes from the start */
    uint8_t bits;
    bool device;
} u4_untyped_t;

typedef struct {
    seL4_CNode cnode; /* the program's own one-level CNode; its slots are its CPtrs */
    seL4_CPtr next, end;
    unsigned count;
    u4_untyped_t untyped[U4_ALLOC_UNTYPED];
} u4_alloc_t;

/* Everything that the kernel gave the root task. */
void u4_alloc_boot(u4_alloc_t *alloc, const seL4_BootInfo *info);

/* An allocator over the slots NEXT..END-1 of CNODE, with no memory yet. */
void u4_alloc_init(u4_alloc_t *alloc, seL4_CNode cnode, seL4_CPtr next, seL4_CPtr end);

/* Let the allocator use an Untyped of 2^BITS bytes that nothing was made from. */
bool u4_alloc_add(u4_alloc_t *alloc, seL4_Untyped cap, uint8_t bits);

/* Revoke all Untypeds and delete all slots from FIRST on: everything made since is gone. */
void u4_alloc_reset(u4_alloc_t *alloc, seL4_CPtr first);

/* COUNT empty slots in a row; the first one's CPtr, or 0 if there are not so many. */
seL4_CPtr u4_alloc_slots(u4_alloc_t *alloc, seL4_Word count);

/* log2 of an object's size in bytes; SIZE_BITS as in seL4_Untyped_Retype. */
seL4_Word u4_object_bits(seL4_Word type, seL4_Word size_bits);

/*
 * Make COUNT objects (1..256); their capabilities are in slots from *OUT on. NotEnoughMemory if
 * no Untyped has room, RangeError if there are no slots, else what the kernel answers.
 */
seL4_Error u4_alloc_objects(u4_alloc_t *alloc, seL4_Word type, seL4_Word size_bits, seL4_Word count,
                            seL4_CPtr *out);

static inline seL4_Error u4_alloc_object(u4_alloc_t *alloc, seL4_Word type, seL4_Word size_bits,
                                         seL4_CPtr *out)
{
    return u4_alloc_objects(alloc, type, size_bits, 1, out);
}

/*
 * A frame of device memory: the 4 KiB page at PADDR. Pages must be asked for in ascending order
 * within one Untyped (its watermark passes over what lies before).
 */
seL4_Error u4_alloc_device(u4_alloc_t *alloc, seL4_Word paddr, seL4_CPtr *out);

#endif
