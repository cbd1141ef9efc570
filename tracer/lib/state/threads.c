/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads, by the kernel's list of all, and harts. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "reading.h"

enum { REG_PC = 0, REG_SP = 2, MAX_HARTS = 64 };

static thread_state_t blocked_sender(const state_thread_t *t, thread_state_t otherwise)
{
    return t->fault ? THREAD_FAULTED : otherwise;
}

static thread_state_t state_in_words(const state_t *state, const state_thread_t *t, uint64_t value)
{
    const uint64_t *v = state->private->values;
    if (value == v[V_THREAD_RUNNING] || value == v[V_THREAD_RESTART]) {
        return THREAD_READY;
    } else if (value == v[V_THREAD_RECV]) {
        return THREAD_RECEIVING;
    } else if (value == v[V_THREAD_SEND]) {
        return blocked_sender(t, t->is_call ? THREAD_CALLING : THREAD_SENDING);
    } else if (value == v[V_THREAD_REPLY]) {
        return blocked_sender(t, THREAD_REPLY);
    } else if (value == v[V_THREAD_NTFN]) {
        return THREAD_NTFN;
    } else if (value == v[V_THREAD_IDLE]) {
        return THREAD_IDLE;
    }
    return value == 0 ? THREAD_STOPPED : THREAD_UNKNOWN;
}

/* Names are a guest's: only what can be shown is kept. */
static void read_name(const state_t *state, const uint8_t *raw, state_thread_t *t)
{
    const state_layout_t *f = &state->private->fields[S_TCB_NAME];
    for (uint32_t i = 0; i < f->count && i < STATE_NAME_MAX - 1 && raw[f->offset + i]; i++) {
        t->name[i] = isprint(raw[f->offset + i]) ? (char)raw[f->offset + i] : '?';
    }
}

static void read_fault(const state_t *state, const uint8_t *raw, state_thread_t *t)
{
    const state_layout_t *f = &state->private->fields[S_TCB_FAULT];
    if (f->count == 0) {
        return;
    }
    raw += f->offset;
    t->fault = state_get(state, S_FAULT_TYPE, raw, 0);
    switch (t->fault) {
    case TRACE_FAULT_KIND_CAP:
        t->fault_address = state_get(state, S_FAULT_CAP_ADDRESS, raw, 0);
        break;
    case TRACE_FAULT_KIND_UNKNOWN_SYSCALL:
        t->fault_address = state_get(state, S_FAULT_SYSCALL, raw, 0);
        break;
    case TRACE_FAULT_KIND_USER_EXCEPTION:
        t->fault_address = state_get(state, S_FAULT_NUMBER, raw, 0);
        break;
    default: t->fault_address = state_get(state, S_FAULT_VM_ADDRESS, raw, 0); break;
    }
}

static void fill_thread(state_t *state, const uint8_t *raw, state_thread_t *t)
{
    t->priority = (uint8_t)state_get(state, S_TCB_PRIORITY, raw, 0);
    t->mcp = (uint8_t)state_get(state, S_TCB_MCP, raw, 0);
    t->domain = (uint8_t)state_get(state, S_TCB_DOMAIN, raw, 0);
    t->is_call = state_get(state, S_TCB_IS_CALL, raw, 0);
    t->pc = state_get(state, S_TCB_REGS, raw, REG_PC);
    t->sp = state_get(state, S_TCB_REGS, raw, REG_SP);
    t->badge = state_get(state, S_TCB_BADGE, raw, 0);
    t->bound = state_pointer(state, S_TCB_BOUND, raw);
    t->fault_handler = state_get(state, S_TCB_FAULT_HANDLER, raw, 0);
    t->buffer = state_get(state, S_TCB_BUFFER, raw, 0);
    read_name(state, raw, t);
    read_fault(state, raw, t);
    t->state = state_in_words(state, t, state_get(state, S_TCB_STATE, raw, 0));
    if (t->state != THREAD_READY && t->state != THREAD_STOPPED && t->state != THREAD_REPLY) {
        t->blocked_on = state_pointer(state, S_TCB_BLOCKED_ON, raw);
        t->queue_next = state_pointer(state, S_TCB_EP_NEXT, raw);
    }
    for (int i = 0; i < STATE_THREAD_SLOTS; i++) {
        t->slots[i] = STATE_NONE;
    }
}

/* Reads the TCB at `paddr` and adds it. Returns the next of the list, 0 at its end. */
static uint64_t add_thread(state_t *state, uint64_t paddr, uint8_t *raw)
{
    struct state_private *p = state->private;
    if (paddr % 16 || !state_read_bytes(state, paddr, raw, p->tcb_size)) {
        state_problem(state, "list of all threads: no TCB at 0x%llx", (unsigned long long)paddr);
        return 0;
    }
    addrmap_put(&p->thread_at, paddr, state->thread_count);
    state_thread_t *t =
        state_append((void **)&state->threads, &state->thread_count, &p->thread_room, sizeof(*t));
    t->address = paddr;
    fill_thread(state, raw, t);
    return state_pointer(state, S_TCB_ALL_NEXT, raw);
}

/* The list has the newest first. */
static void reverse_threads(state_t *state)
{
    for (uint32_t i = 0, j = state->thread_count; i + 1 < j; i++) {
        state_thread_t t = state->threads[i];
        state->threads[i] = state->threads[--j];
        state->threads[j] = t;
    }
    for (uint32_t i = 0; i < state->thread_count; i++) {
        addrmap_put(&state->private->thread_at, state->threads[i].address, i);
    }
}

/* A kernel variable's bytes; NULL, told as a problem, if they are not there. */
static uint8_t *read_symbol(state_t *state, const char *name, uint32_t most, uint32_t *size)
{
    const u4_inspect_entry_t *e = state_symbol(state, name);
    uint64_t paddr;
    *size = e && e->size < most ? e->size : 0;
    uint8_t *raw = memory_new(1, *size + 8);
    if (!e || !*size || !state_phys(state, e->value, &paddr) ||
        !state_read_bytes(state, paddr, raw, *size)) {
        state_problem(state, "the kernel's variable %s cannot be read", name);
        free(raw);
        return NULL;
    }
    return raw;
}

static uint64_t read_variable(state_t *state, const char *name)
{
    uint64_t value = 0;
    uint32_t size;
    uint8_t *raw = read_symbol(state, name, sizeof(value) + 1, &size);
    if (raw) {
        memcpy(&value, raw, size);
        free(raw);
    }
    return value;
}

static void add_hart(state_t *state, const uint8_t *raw, uint8_t *tcb)
{
    state_hart_t *hart = &state->harts[state->hart_count++];
    hart->id = (uint32_t)state_get(state, S_HART_CORE, raw, 0);
    hart->current = state_pointer(state, S_HART_CURRENT, raw);
    hart->idle = state_pointer(state, S_HART_IDLE, raw);
    if (hart->idle && !state_thread(state, hart->idle)) {
        add_thread(state, hart->idle, tcb);
    }
    for (uint32_t i = 0; i < state->thread_count; i++) {
        state_thread_t *t = &state->threads[i];
        if (t->address == hart->current && t->state == THREAD_READY) {
            t->state = THREAD_RUNNING;
        }
        if (t->address == hart->idle) {
            t->idle = true;
            t->hart = hart->id;
        }
    }
}

static void read_harts(state_t *state, uint8_t *tcb)
{
    const u4_inspect_entry_t *e = state_symbol(state, "harts");
    uint64_t number = read_variable(state, "num_harts");
    uint32_t size, count = e && e->count && e->count <= MAX_HARTS ? e->count : 0;
    uint8_t *raw = count ? read_symbol(state, "harts", 4 << 20, &size) : NULL;
    if (!raw) {
        return;
    }
    state->harts = memory_new(count, sizeof(*state->harts));
    const u4_inspect_entry_t *layout =
        inspect_find(&state->private->inspect, U4_INSPECT_STRUCT, "hart");
    for (uint32_t i = 0; layout && i < count && i < (number ? number : 1); i++) {
        if (size / count >= layout->size) {
            add_hart(state, raw + (size_t)i * (size / count), tcb);
        }
    }
    free(raw);
}

void state_read_threads(state_t *state)
{
    struct state_private *p = state->private;
    uint8_t *raw = memory_new(1, p->tcb_size);
    uint64_t head = read_variable(state, "tcb_all_head"), paddr = 0;
    if (head && !state_phys(state, head, &paddr)) {
        state_problem(state, "list of all threads: begins at 0x%llx, which is no kernel address",
                      (unsigned long long)head);
    }
    while (paddr) {
        if (state_thread(state, paddr)) {
            state_problem(state, "list of all threads: goes in a circle at 0x%llx",
                          (unsigned long long)paddr);
            break;
        }
        if (state->thread_count == STATE_MAX_THREADS) {
            state_problem(state, "more than %d threads: the others are left out",
                          STATE_MAX_THREADS);
            break;
        }
        paddr = add_thread(state, paddr, raw);
    }
    reverse_threads(state);
    read_harts(state, raw);
    free(raw);
}
