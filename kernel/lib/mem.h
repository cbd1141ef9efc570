/* SPDX-License-Identifier: GPL-2.0-only */
/* The memory and string functions that the kernel uses; the compiler may call the first four. */
#ifndef KERNEL_LIB_MEM_H
#define KERNEL_LIB_MEM_H

#include <stddef.h>

void *memset(void *to, int value, size_t size);
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);

#endif
