/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine: finding QEMU, starting it with shared RAM, talking to it. */
#ifndef TRACER_QEMU_H
#define TRACER_QEMU_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "u4trace/error.h"

/* Of the virt machine, in its device tree. */
enum { QEMU_TIMEBASE_HZ = 10000000 };

typedef struct {
    const char *image;
    const char *boot; /* a copy of it with settings for the kernel; NULL: the image itself */
    uint64_t memory;  /* bytes */
    unsigned harts;
    bool icount;        /* repeatable: the clock counts instructions, several harts take turns */
    bool uintc;         /* the machine with user interrupts */
    const char *gdb;    /* TCP port or path of a unix socket; NULL: none */
    bool wait;          /* for the debugger, before the first instruction */
    const char *append; /* kernel command line; "" for none */
    char **extra;       /* more arguments, NULL-terminated */
    const char *ram;    /* path of the RAM file, which exists */
    const char *qmp;    /* path of the control socket to be made */
} qemu_options_t;

typedef struct {
    char path[4096];
    char version[64]; /* "7.2.9 (Debian ...)" */
} qemu_t;

/* $U4_QEMU, else qemu-system-riscv64 on PATH, else qemu/qemu-system-riscv64 in the build directory
 * that this tool lies in; for a machine with user interrupts, or several harts that repeat,
 * only the last of these has what it takes. Checks that it runs, is a QEMU and emulates rv64. */
bool qemu_find(qemu_t *qemu, const qemu_options_t *options, u4_error_t *err);

/* Starts it; its output comes on *console. -1 on failure. */
pid_t qemu_start(const qemu_t *qemu, const qemu_options_t *options, int *console, u4_error_t *err);

/* The command line as text, for the trace. */
void qemu_command_text(const qemu_t *qemu, const qemu_options_t *options, char *text, size_t size);

#endif
