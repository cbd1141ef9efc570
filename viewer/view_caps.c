/* SPDX-License-Identifier: BSD-2-Clause */
/* Who holds which capability: CSpaces as trees, derivation, other holders. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "caps.h"
#include "u4trace/format.h"
#include "views.h"

enum { COLUMN_TREE, COLUMN_HOLDERS, COLUMN_SLOT };

static const column_t columns[] = {
    [COLUMN_TREE] = {.title = "CAPABILITY"},
    [COLUMN_HOLDERS] = {.title = "HELD", .width = 4, .right = true, .need = 60},
    [COLUMN_SLOT] = {.title = "SLOT", .width = 10, .right = true, .need = 100},
};

static uint64_t rows(app_t *app)
{
    caps_t *caps = caps_of(app);
    if (!caps->tried) {
        caps_read(app);
    }
    return caps->count;
}

static char *format_cap(const caps_t *caps, char *at, const char *end, uint32_t slot)
{
    return state_format_cap(at, end, caps->state, &caps->state->slots[slot].cap);
}

/* "mail 0x2": the thread whose CSpace leads to a slot, and by which capability pointer. */
static char *format_reach(const caps_t *caps, char *at, const char *end, uint32_t slot)
{
    const cap_reach_t *reach = &caps->reach[slot];
    char text[48];
    if (reach->thread == STATE_NONE) {
        return state_format_place(at, end, caps->state, slot);
    }
    at = state_format_thread(at, end, caps->state, caps->state->threads[reach->thread].address);
    snprintf(text, sizeof(text), " 0x%" PRIx64, reach->cptr);
    at = format_text(at, end, text);
    if (reach->more) {
        snprintf(text, sizeof(text), " and %u more", reach->more);
        at = format_text(at, end, text);
    }
    return at;
}

static char *format_thread(const caps_t *caps, char *at, const char *end, uint32_t index)
{
    const state_thread_t *thread = &caps->state->threads[index];
    char text[64];
    at = state_format_thread(at, end, caps->state, thread->address);
    at = format_text(at, end, "  ");
    at = format_text(at, end, thread_state_name(thread->state));
    for (uint32_t i = 0; thread->state == THREAD_REPLY && i < caps->state->thread_count; i++) {
        if (caps->state->threads[i].caller == thread->address) {
            at = format_text(at, end, " of ");
            at = state_format_thread(at, end, caps->state, caps->state->threads[i].address);
        }
    }
    if (thread->blocked_on) {
        snprintf(text, sizeof(text), " on 0x%" PRIx64, thread->blocked_on);
        at = format_text(at, end, text);
    }
    return at;
}

static char *format_cspace(const caps_t *caps, char *at, const char *end, uint32_t index)
{
    uint32_t root = caps->state->threads[index].slots[STATE_SLOT_CSPACE];
    at = format_text(at, end, caps->open[index] ? "- " : "+ ");
    at = format_thread(caps, at, end, index);
    at = format_text(at, end, "  ");
    return root == STATE_NONE ? format_text(at, end, "no CSpace") : format_cap(caps, at, end, root);
}

static char *format_slot(const caps_t *caps, char *at, const char *end, const cap_line_t *line)
{
    char text[64];
    snprintf(text, sizeof(text), "0x%" PRIx64 " ", line->cptr);
    at = format_text(at, end, text);
    at = format_cap(caps, at, end, line->index);
    if (line->bits_left) {
        snprintf(text, sizeof(text), "  level %u, %u bits left", line->depth, line->bits_left);
        at = format_text(at, end, text);
    }
    return at;
}

static bool is_shown(const caps_t *caps, uint32_t slot)
{
    return caps->depth && caps->shown[caps->depth - 1] == slot;
}

static void tree_text(const caps_t *caps, const cap_line_t *line, char *text, size_t size)
{
    const char *end = text + size - 1;
    char *at = text;
    for (uint32_t i = 0; i < line->depth && i < 24; i++) {
        at = format_text(at, end, "  ");
    }
    switch (line->kind) {
    case CAP_LINE_TEXT: at = format_text(at, end, line->text); break;
    case CAP_LINE_THREAD: at = format_cspace(caps, at, end, line->index); break;
    case CAP_LINE_SLOT: at = format_slot(caps, at, end, line); break;
    case CAP_LINE_WAITER: at = format_thread(caps, at, end, line->index); break;
    case CAP_LINE_HOLDER:
        at = format_reach(caps, at, end, line->index);
        at = format_text(at, end, ": ");
        at = format_cap(caps, at, end, line->index);
        break;
    case CAP_LINE_TREE:
        at = format_cap(caps, at, end, line->index);
        at = format_text(at, end, "  in ");
        at = format_reach(caps, at, end, line->index);
        break;
    }
    *at = 0;
}

static bool is_slot(const cap_line_t *line)
{
    return line->kind == CAP_LINE_SLOT || line->kind == CAP_LINE_TREE ||
           line->kind == CAP_LINE_HOLDER;
}

static unsigned holders(const caps_t *caps, uint32_t slot)
{
    const state_cap_t *cap = &caps->state->slots[slot].cap;
    unsigned count = 0;
    if (cap->type != TRACE_CAPTYPE_IRQ_HANDLER && cap->object) {
        for (uint32_t i = state_holder(caps->state, cap->object); i != STATE_NONE;
             i = caps->state->slots[i].next_same) {
            count++;
        }
    }
    return count;
}

static style_t cap_style(uint8_t type)
{
    switch (type) {
    case TRACE_CAPTYPE_ENDPOINT: return STYLE_SENDING;
    case TRACE_CAPTYPE_NOTIFICATION: return STYLE_NTFN;
    case TRACE_CAPTYPE_REPLY: return STYLE_REPLY;
    case TRACE_CAPTYPE_TCB: return STYLE_RUNNING;
    case TRACE_CAPTYPE_CNODE: return STYLE_READY;
    default: return STYLE_NORMAL;
    }
}

static style_t cell(app_t *app, uint64_t row, unsigned column, char *text, size_t size)
{
    const caps_t *caps = caps_of(app);
    const cap_line_t *line = &caps->lines[row];
    text[0] = 0;
    if (column == COLUMN_TREE) {
        tree_text(caps, line, text, size);
        if (!is_slot(line)) {
            return line->kind == CAP_LINE_TEXT ? STYLE_DIM : STYLE_CONSOLE;
        }
        return is_shown(caps, line->index) ? STYLE_MARK
                                           : cap_style(caps->state->slots[line->index].cap.type);
    }
    if (is_slot(line) && column == COLUMN_HOLDERS) {
        snprintf(text, size, "%u", holders(caps, line->index));
    } else if (is_slot(line)) {
        snprintf(text, size, "%08" PRIx32, (uint32_t)caps->state->slots[line->index].address);
    }
    return STYLE_DIM;
}

static void open_all(app_t *app, caps_t *caps)
{
    bool any = false;
    for (uint32_t i = 0; i < caps->state->thread_count; i++) {
        any |= caps->open[i];
    }
    for (uint32_t i = 0; i < caps->state->thread_count; i++) {
        caps->open[i] = !any;
    }
    caps_list(app);
}

/* Opens a thread's CSpace, or shows all about a capability's object. */
static void enter(app_t *app, caps_t *caps)
{
    table_t *table = app_table(app);
    const cap_line_t *line = &caps->lines[table->selected];
    if (line->kind == CAP_LINE_THREAD) {
        caps->open[line->index] = !caps->open[line->index];
        caps_list(app);
    } else if (is_slot(line)) {
        caps->selected[caps->depth] = table->selected;
        if (caps_push(app, line->index)) {
            table->selected = table->top = 0;
        } else {
            app_complain(app, "no deeper: u leads back");
        }
    }
}

static void leave(app_t *app, caps_t *caps)
{
    if (caps->depth) {
        caps->depth--;
        caps_list(app);
        app_table(app)->selected = caps->selected[caps->depth];
    }
}

static bool key(app_t *app, int key_)
{
    caps_t *caps = caps_of(app);
    if (key_ == 'R') {
        caps_read(app);
        return true;
    }
    if (!caps->state || app_table(app)->selected >= caps->count) {
        return false;
    }
    switch (key_) {
    case '\r':
    case KEY_ENTER: enter(app, caps); return true;
    case 'u':
    case KEY_BACKSPACE:
    case 127: leave(app, caps); return true;
    case 'o':
        if (!caps->depth) {
            open_all(app, caps);
        }
        return true;
    default: return false;
    }
}

bool caps_show_object(app_t *app, uint32_t ref)
{
    rows(app);
    caps_t *caps = caps_of(app);
    for (uint32_t i = 0; caps->state && i < caps->state->slot_count; i++) {
        const state_cap_t *cap = &caps->state->slots[i].cap;
        if ((uint32_t)cap->object == ref && cap->type != TRACE_CAPTYPE_IRQ_HANDLER) {
            caps->depth = 0;
            app_show_named(app, "Caps");
            app_table(app)->selected = app_table(app)->top = 0;
            return caps_push(app, i);
        }
    }
    app_complain(app, "%s",
                 caps->state ? "no capability to it in the kernel's state" : caps->why_not);
    return false;
}

bool caps_show_thread(app_t *app, uint32_t ref)
{
    rows(app);
    caps_t *caps = caps_of(app);
    for (uint32_t i = 0; caps->state && i < caps->state->thread_count; i++) {
        if ((uint32_t)caps->state->threads[i].address == ref) {
            caps->depth = 0;
            caps->open[i] = true;
            caps_list(app);
            app_show_named(app, "Caps");
            for (size_t n = 0; n < caps->count; n++) {
                if (caps->lines[n].kind == CAP_LINE_THREAD && caps->lines[n].index == i) {
                    app_table(app)->selected = n;
                }
            }
            return true;
        }
    }
    app_complain(app, "%s", caps->state ? "it is not in the kernel's state" : caps->why_not);
    return false;
}

static const table_ops_t table = {
    .columns = columns,
    .count = sizeof(columns) / sizeof(columns[0]),
    .rows = rows,
    .cell = cell,
};

static const help_t help[] = {
    {"Enter", "a thread: its CSpace; a capability: who else holds the object, derivation, queue"},
    {"u Backspace", "back from an object"},
    {"o", "all CSpaces, or none"},
    {"R", "read the guest's memory again"},
    {"", "c in Threads and Objects leads here. HELD: capabilities to the same object."},
    {"", "Rights: s send, r receive, g grant, p grant reply."},
    {NULL, NULL},
};

const view_t view_caps = {
    .name = "Caps",
    .summary = "capability spaces, derivation, holders",
    .help = help,
    .bar = "Enter Open|u Back|o All|R Read|/ Search|? Help|q Quit",
    .table = &table,
    .key = key,
};
