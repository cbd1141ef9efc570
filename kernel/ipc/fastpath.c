/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/syscall/trap.h"
#include "trace/ids.h"
void fastpath_call(word_t cptr, word_t info)
{
    trap_syscall_slow(cptr, info, (word_t)-1, TRACE_SLOW_REASON_DISABLED);
}
void fastpath_reply_recv(word_t cptr, word_t info)
{
    trap_syscall_slow(cptr, info, (word_t)-2, TRACE_SLOW_REASON_DISABLED);
}
