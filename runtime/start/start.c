/* SPDX-License-Identifier: BSD-2-Clause */
/* From _start to main() and from exit() to the end of the program. */
#include <stdlib.h>
#include <string.h>

#include <sel4/sel4.h>
#include <u4/start.h>
#include <u4/thread_local.h>
#include <u4/u4.h>

__thread seL4_IPCBuffer *__sel4_ipc_buffer;

extern char __tls_image[], __tls_image_size[], __tls_size[], __main_tls[];

static seL4_BootInfo *boot_info;
static const u4_start_t *start_block;

int main(int argc, char **argv);
void __libc_init_array(void);
_Noreturn void u4_start(void *argument);

size_t u4_tls_size(void)
{
    return (size_t)__tls_size + 64;
}

seL4_Word u4_tls_make(void *memory, seL4_IPCBuffer *ipc_buffer)
{
    char *block = (char *)(((uintptr_t)memory + 63) & ~(uintptr_t)63);
    uintptr_t tp;
    size_t offset;

    memset(block, 0, (size_t)__tls_size);
    memcpy(block, __tls_image, (size_t)__tls_image_size);
    /* A variable's place is the same in every block; tp need not be valid to ask for it. */
    __asm__("mv %0, tp" : "=r"(tp));
    offset = (uintptr_t)&__sel4_ipc_buffer - tp;
    memcpy(block + offset, &ipc_buffer, sizeof ipc_buffer);
    return (seL4_Word)block;
}

seL4_BootInfo *seL4_GetBootInfo(void)
{
    return boot_info;
}

const u4_start_t *u4_start_block(void)
{
    return start_block;
}

seL4_CPtr u4_cap(const char *name)
{
    for (uint32_t i = 0; start_block && i < start_block->ncaps; i++)
        if (strncmp(start_block->caps[i].name, name, U4_START_NAME) == 0)
            return start_block->caps[i].cptr;
    return seL4_CapNull;
}

/* The arguments that main() gets: those of the start block, else the program's own name only. */
static char **arguments(int *argc)
{
    static char *argv[U4_START_ARGS];

    *argc = 0;
    for (; start_block && *argc < U4_START_ARGS - 1 && *argc < (int)start_block->argc; ++*argc)
        argv[*argc] = (char *)(uintptr_t)(start_block->text + start_block->argv[*argc]);
    return argv;
}

_Noreturn void u4_start(void *argument)
{
    const u4_start_t *block = argument;
    seL4_IPCBuffer *ipc_buffer;
    char **argv;
    int argc;

    if (block->magic == U4_START_MAGIC) {
        start_block = block;
        ipc_buffer = block->ipc_buffer;
    } else {
        boot_info = argument;
        ipc_buffer = boot_info->ipcBuffer;
    }
    __asm__ volatile("mv tp, %0" : : "r"(u4_tls_make(__main_tls, ipc_buffer)) : "memory");
    if (start_block)
        ipc_buffer->userData = u4_cap("reply"); /* MCS: see u4/receive.h */
    __libc_init_array();
    argv = arguments(&argc);
    exit(main(argc, argv));
}
