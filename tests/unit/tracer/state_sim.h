/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's memory with a small kernel in it, as the inspect table describes it: three threads (a
 * client that waits for its server's reply, the server, and one that waits to receive), a CNode
 * with an Untyped, an endpoint and copies of it, an address space of two pages. The layouts are
 * not the kernel's own.
 */
#ifndef TESTS_TRACER_STATE_SIM_H
#define TESTS_TRACER_STATE_SIM_H

#include <stdint.h>

#include "u4trace/source.h"

enum {
    STATE_SIM_SIZE = 0x10000,
    STATE_SIM_TABLE = 0x8000, /* of the inspect table, from the memory's beginning */
    STATE_SIM_CLIENT = 0x1000,
    STATE_SIM_SERVER = 0x1400,
    STATE_SIM_WAITER = 0x1800,
    STATE_SIM_CNODE = 0x2000, /* 8 slots */
    STATE_SIM_ENDPOINT = 0x3000,
    STATE_SIM_ROOT = 0x4000, /* page tables: root, middle, leaf */
};

/* Fills `memory`, which is to lie at SOURCE_RAM_BASE. */
void state_sim_fill(uint8_t memory[STATE_SIM_SIZE]);

/* A source over memory of this process; close it with source_close(). */
source_t *state_sim_source(uint8_t *memory);

#endif
