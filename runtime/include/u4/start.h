/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program that is no root task is started with: its creator maps a start block and passes
 * its address in a0. The block names the capabilities that the program was given, so a program
 * says u4_cap("fs") and knows nothing about slot numbers.
 */
#ifndef U4_START_H
#define U4_START_H

#include <sel4/types.h>

#define U4_START_MAGIC 0x7472617473347500ull /* no BootInfo begins with this */

enum {
    U4_START_ARGS = 8,
    U4_START_CAPS = 24,
    U4_START_NAME = 24,
    U4_START_TEXT = 512,
};

typedef struct {
    char name[U4_START_NAME];
    seL4_CPtr cptr;
} u4_start_cap_t;

typedef struct {
    seL4_Word magic;
    seL4_IPCBuffer *ipc_buffer;
    seL4_Word first_free_slot; /* of the program's own CNode */
    seL4_Word cnode_bits;
    uint32_t flags; /* U4_START_* */
    uint32_t argc;  /* at most U4_START_ARGS - 1 */
    uint32_t ncaps;
    uint32_t text_used;
    uint16_t argv[U4_START_ARGS]; /* offsets into text */
    u4_start_cap_t caps[U4_START_CAPS];
    char text[U4_START_TEXT];
} u4_start_t;

enum {
    U4_START_KERNEL_IS_U4 = 1, /* the kernel has u4's extensions */
    U4_START_DEBUG_CALLS = 2,  /* it has debug system calls */
};

_Static_assert(sizeof(u4_start_t) <= 4096, "the start block is one page");

/* The program's start block; null in a root task. */
const u4_start_t *u4_start_block(void);

/* The capability that the creator gave under NAME; seL4_CapNull if there is none. */
seL4_CPtr u4_cap(const char *name);

#endif
