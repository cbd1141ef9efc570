/* SPDX-License-Identifier: BSD-2-Clause */
/* What picolibc needs from the system: standard output and the end of the program. */
#include <stdio.h>
#include <unistd.h>

#include <u4/start.h>
#include <u4/u4.h>

static void debug_put(char c)
{
    if (u4_debug_calls())
        seL4_DebugPutChar(c);
}

static u4_console_put_t console_put = debug_put;
static u4_exit_hook_t exit_hook;

void u4_console_set(u4_console_put_t put)
{
    console_put = put;
}

void u4_exit_set(u4_exit_hook_t hook)
{
    exit_hook = hook;
}

static int put(char c, FILE *file)
{
    (void)file;
    console_put(c);
    return (unsigned char)c;
}

static FILE console = FDEV_SETUP_STREAM(put, NULL, NULL, _FDEV_SETUP_WRITE);

FILE *const stdout = &console;
FILE *const stderr = &console;
FILE *const stdin = NULL;

_Noreturn void _exit(int status)
{
    seL4_CPtr parent = u4_cap("exit");
    seL4_CPtr self = u4_start_block() ? u4_cap("tcb") : seL4_CapInitThreadTCB;

    if (exit_hook)
        exit_hook(status);
    if (parent) {
        seL4_SetMR(0, (seL4_Word)status);
        seL4_Send(parent, seL4_MessageInfo_new(U4_LABEL_EXIT, 0, 0, 1));
    }
    for (;;) {
        if (self)
            (void)seL4_TCB_Suspend(self);
        seL4_Yield();
    }
}
