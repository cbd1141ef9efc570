/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What u4 run tells the other commands about a guest that runs: a small JSON file in the run
 * directory, ${XDG_RUNTIME_DIR:-/tmp}/u4-UID/NAME.json, removed when the guest has ended.
 */
#ifndef TRACER_RUNINFO_H
#define TRACER_RUNINFO_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "u4trace/error.h"

typedef struct {
    char name[64];
    pid_t pid; /* QEMU's */
    char image[4096];
    char kernel[4096]; /* the file that holds the kernel's ELF; "" if there is none */
    char ram[256];
    char qmp[256];
    char gdb[256]; /* "" if none */
    char machine[256];
    char command[1024];
    uint64_t ram_base, memory;
    unsigned harts;
    bool icount;
} runinfo_t;

/* The run directory, made if needed. */
bool runinfo_directory(char *path, size_t size, u4_error_t *err);

/* Chooses info->name: `wanted`, or the image's name; with -2, -3... behind it if a guest of that
 * name runs. Fills in ram and qmp. */
bool runinfo_name(runinfo_t *info, const char *wanted, u4_error_t *err);

bool runinfo_write(const runinfo_t *info, u4_error_t *err);
void runinfo_remove(const runinfo_t *info);

/* The guest of that name or process id; NULL: the only one that runs. */
bool runinfo_find(const char *name, runinfo_t *info, u4_error_t *err);

#endif
