/* SPDX-License-Identifier: BSD-2-Clause */
#include "state_input.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hold.h"
#include "runinfo.h"

/* Takes over the kernel's file name and the source, and frees both. */
static snapshot_t *from_source(source_t *source, const char *kernel_path, const char *qmp,
                               u4_error_t *err)
{
    snapshot_t *snapshot = NULL;
    kernel_t *kernel = NULL;
    if (source && (!kernel_path || !*kernel_path || (kernel = kernel_open(kernel_path, err)))) {
        snapshot = hold_and_snapshot(source, kernel, qmp, NULL, NULL, err);
    }
    kernel_close(kernel);
    source_close(source);
    return snapshot;
}

static snapshot_t *from_guest(state_input_t *input, u4_error_t *err)
{
    runinfo_t info;
    if (!runinfo_find(input->what, &info, err)) {
        return NULL;
    }
    snprintf(input->guest, sizeof(input->guest), "%s", info.name);
    input->name = input->guest;
    return from_source(source_open_ram(info.ram, info.ram_base, true, err),
                       input->kernel ? input->kernel : info.kernel, info.qmp, err);
}

/* Where the kernel sees physical address 0, for stubs that know virtual addresses only. */
static snapshot_t *from_gdb(const state_input_t *input, u4_error_t *err)
{
    uint64_t window = 0;
    if (!input->kernel) {
        u4_fail(err, "--gdb: the kernel's ELF file is needed, too: give --kernel");
        return NULL;
    }
    kernel_t *kernel = kernel_open(input->kernel, err);
    if (!kernel) {
        return NULL;
    }
    window = kernel_window(kernel);
    kernel_close(kernel);
    return from_source(source_open_gdb(input->gdb, window, err), input->kernel, NULL, err);
}

snapshot_t *state_input_take(state_input_t *input, u4_error_t *err)
{
    if (input->gdb) {
        input->name = input->gdb;
        return from_gdb(input, err);
    }
    if (input->ram) {
        input->name = input->ram;
        return from_source(source_open_file(input->ram, SOURCE_RAM_BASE, false, err), input->kernel,
                           NULL, err);
    }
    if (input->what && (strchr(input->what, '/') || access(input->what, R_OK) == 0)) {
        input->name = input->what;
        return snapshot_of_trace(input->what, err);
    }
    return from_guest(input, err);
}
