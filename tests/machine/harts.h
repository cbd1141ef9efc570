/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where start.S hands over.
 */
#ifndef HARTS_H
#define HARTS_H

/* Each hart comes here, with the device tree's address; does not return. */
void hart_main(unsigned hart, const void *tree);

/* The device-tree functions of machine.h, on a given tree. */
const uint32_t *fdt_find_in(const void *tree, const char *node, const char *name, uint32_t *length);
unsigned fdt_count_in(const void *tree, const char *node);

#endif
