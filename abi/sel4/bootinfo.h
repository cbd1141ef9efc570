/* SPDX-License-Identifier: BSD-2-Clause */
/* BootInfo: what the kernel tells the initial thread, one page plus extra pages of chunks. */
#ifndef ABI_SEL4_BOOTINFO_H
#define ABI_SEL4_BOOTINFO_H

#include "abi/sel4/types.h"

enum {
    seL4_CapNull = 0,
    seL4_CapInitThreadTCB = 1,
    seL4_CapInitThreadCNode = 2,
    seL4_CapInitThreadVSpace = 3,
    seL4_CapIRQControl = 4,
    seL4_CapASIDControl = 5,
    seL4_CapInitThreadASIDPool = 6,
    seL4_CapIOPortControl = 7,
    seL4_CapIOSpace = 8,
    seL4_CapBootInfoFrame = 9,
    seL4_CapInitThreadIPCBuffer = 10,
    seL4_CapDomain = 11,
    seL4_CapSMMUSIDControl = 12,
    seL4_CapSMMUCBControl = 13,
    seL4_CapInitThreadSC = 14,
    seL4_CapSMC = 15,
    seL4_NumInitialCaps = 16,
};

#define CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS 230
#define CONFIG_ROOT_CNODE_SIZE_BITS 13

typedef seL4_CPtr seL4_SlotPos;

typedef struct seL4_SlotRegion_ {
    seL4_SlotPos start;
    seL4_SlotPos end; /* exclusive */
} seL4_SlotRegion;

typedef struct seL4_UntypedDesc_ {
    seL4_Word paddr;
    uint8_t sizeBits;
    uint8_t isDevice;
    uint8_t padding[6];
} seL4_UntypedDesc;

typedef struct seL4_BootInfo_ {
    seL4_Word extraLen; /* bytes of extra chunks, from the page after this one */
    seL4_Word nodeID;
    seL4_Word numNodes;
    seL4_Word numIOPTLevels;
    seL4_IPCBuffer *ipcBuffer;
    seL4_SlotRegion empty;
    seL4_SlotRegion sharedFrames;
    seL4_SlotRegion userImageFrames;
    seL4_SlotRegion userImagePaging;
    seL4_SlotRegion ioSpaceCaps;
    seL4_SlotRegion extraBIPages;
    seL4_Word initThreadCNodeSizeBits;
    seL4_Word initThreadDomain;
#if U4_MCS
    seL4_SlotRegion schedcontrol;
#endif
    seL4_SlotRegion untyped;
    seL4_UntypedDesc untypedList[CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS];
} seL4_BootInfo;

_Static_assert(sizeof(seL4_BootInfo) == (U4_MCS ? 3864 : 3848), "BootInfo layout");
_Static_assert(__builtin_offsetof(seL4_BootInfo, untypedList) == (U4_MCS ? 184 : 168), "BootInfo");

/* Extra chunks: this header, then len - sizeof header bytes. */
typedef struct seL4_BootInfoHeader {
    seL4_Word id;
    seL4_Word len; /* header included */
} seL4_BootInfoHeader;

typedef enum {
    SEL4_BOOTINFO_HEADER_PADDING = 0,
    SEL4_BOOTINFO_HEADER_FDT = 6,
} seL4_BootInfoID;

#endif
