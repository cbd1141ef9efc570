/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stat.h"
#include "u4trace/format.h"
#include "trace/ids.h"
#include "u4trace/labels.h"

typedef struct {
    char text[32];
} cell_t;

static cell_t duration(uint64_t ns)
{
    cell_t cell = {""};
    *format_duration(cell.text, cell.text + sizeof(cell.text) - 1, ns) = 0;
    return cell;
}

static uint64_t lost_in_all(const model_t *model)
{
    uint64_t lost = 0;
    for (uint32_t i = 0; i < model->ring_count; i++) {
        lost += model->rings[i].lost;
    }
    return lost;
}

static void print_head(const stat_view_t *view)
{
    const model_t *model = view->model;
    uint64_t span = model_ns(model, model->time - model->first_time);
    uint64_t lost = lost_in_all(model);
    char events[32], losses[32] = "none";
    table_number(model->events, events);
    if (lost) {
        table_number(lost, losses);
    }
    printf("%s: %s events in %s on %u hart%s, %s lost\n", view->file, events, duration(span).text,
           model->hart_count, model->hart_count == 1 ? "" : "s", losses);
    if (view->info->machine[0]) {
        printf("%s\n", view->info->machine);
    }
    if (view->info->panic[0]) {
        printf("The kernel PANICKED: %s\n", view->info->panic);
    }
}

static void thread_row(table_t *table, const stats_thread_t *t, uint64_t span)
{
    const uint64_t *in = t->time_in;
    uint64_t ran = in[THREAD_RUNNING] + in[THREAD_IDLE];
    char priority[8];
    snprintf(priority, sizeof(priority), "%u", t->priority);
    table_text(table, t->name);
    table_text(table, t->process);
    table_text(table, priority);
    table_percent(table, ran, span);
    table_time(table, ran, true);
    table_time(table, t->imposed, t->imposed);
    table_time(table, in[THREAD_READY], true);
    table_time(table, in[THREAD_RECEIVING], true);
    table_time(table, in[THREAD_REPLY], true);
    table_time(table, in[THREAD_NTFN], true);
    table_time(table, in[THREAD_SENDING] + in[THREAD_CALLING], true);
    table_count(table, t->switches);
    table_text(table, t->dead ? "(deleted)" : "");
}

static void print_threads(const stat_view_t *view)
{
    static const table_column_t columns[] = {
        {"THREAD", 20, true, 0},
        {"PROCESS", 14, true, 7},
        {"PRIO", 4, false, 6},
        {"CPU %", 6, false, 0},
        {"running", 10, false, 0},
        {"imposed", 10, false, 1},
        {"ready", 10, false, 0},
        {"receiving", 10, false, 3},
        {"await rep.", 10, false, 2},
        {"await sig.", 10, false, 4},
        {"sending", 10, false, 5},
        {"switches", 10, false, 8},
        {"", 0, true, 9},
    };
    const stats_t *stats = view->stats;
    uint64_t span = model_ns(view->model, view->model->time - view->model->first_time);
    TABLE(table, columns, view->width);
    size_t shown = 0, still = 0;
    for (size_t i = 0; i < stats->thread_count; i++) {
        const stats_thread_t *t = &stats->threads[i];
        if (t->switches == 0 || shown == STAT_MAX_ROWS) {
            still += t->switches == 0;
            continue;
        }
        shown++;
        thread_row(&table, t, span);
    }
    if (shown + still < stats->thread_count) {
        printf("... and %zu more (u4 stat --json has all)\n", stats->thread_count - shown - still);
    }
    if (still) {
        printf("(%zu threads never ran)\n", still);
    }
}

static void print_harts(const stat_view_t *view)
{
    static const table_column_t columns[] = {
        {"HART", 8, true, 0},
        {"busy", 12, false, 0},
        {"idle", 12, false, 0},
        {"busy %", 8, false, 0},
    };
    const model_t *model = view->model;
    TABLE(table, columns, view->width);
    for (uint32_t i = 0; model->hart_count > 1 && i < model->hart_count; i++) {
        const hart_t *h = &model->harts[i];
        uint64_t running = h->current && model->time > h->since ? model->time - h->since : 0;
        uint64_t busy = h->busy_time + (h->current && !h->current->idle ? running : 0);
        uint64_t idle = h->idle_time + (h->current && h->current->idle ? running : 0);
        char name[12];
        snprintf(name, sizeof(name), "%u", i);
        table_text(&table, name);
        table_time(&table, model_ns(model, busy), true);
        table_time(&table, model_ns(model, idle), true);
        table_percent(&table, busy, busy + idle);
    }
}

static void entry_row(table_t *table, const char *name, const stats_entry_t *entry)
{
    if (entry && entry->count) {
        table_text(table, name);
        table_count(table, entry->count);
        stat_cells(table, &entry->kernel);
    }
}

static void print_entries(const stat_view_t *view)
{
    static const table_column_t columns[] = {
        {"KERNEL ENTRIES", 24, true, 0},
        {"count", 10, false, 0},
        {"p50", 9, false, 0},
        {"p90", 9, false, 1},
        {"p99", 9, false, 0},
        {"max", 9, false, 0},
    };
    const stats_t *stats = view->stats;
    TABLE(table, columns, view->width);
    for (unsigned i = 0; i < STATS_SYSCALLS; i++) {
        entry_row(&table, stat_value_name(view->model, "syscall", i), stats->syscalls[i]);
    }
    entry_row(&table, "interrupts", &stats->interrupts);
    entry_row(&table, "exceptions", &stats->exceptions);
}

static const stats_thread_t *thread_of(const stats_t *stats, uint32_t uid)
{
    for (size_t i = 0; i < stats->thread_count; i++) {
        if (stats->threads[i].uid == uid) {
            return &stats->threads[i];
        }
    }
    return NULL;
}

static void print_sections(const stat_view_t *view)
{
    static const table_column_t columns[] = {
        {"LONGEST IN THE KERNEL", 24, true, 0},
        {"time", 10, false, 0},
        {"at", 14, false, 0},
        {" thread", 24, true, 0},
    };
    const stats_t *stats = view->stats;
    TABLE(table, columns, view->width);
    for (size_t i = 0; i < STATS_LONGEST && stats->longest[i].ns; i++) {
        const stats_section_t *s = &stats->longest[i];
        const stats_thread_t *t = thread_of(stats, s->thread_uid);
        char name[MODEL_NAME_MAX + 1];
        snprintf(name, sizeof(name), " %s", t ? t->name : "?");
        table_text(&table, s->kind == TRACE_ENTRY_KIND_SYSCALL
                               ? stat_value_name(view->model, "syscall", s->call)
                               : stat_value_name(view->model, "entry_kind", s->kind));
        table_time(&table, s->ns, true);
        table_time(&table, s->time - model_ns(view->model, view->model->first_time), true);
        table_text(&table, name);
    }
}

/* How many system calls took the fast path, and why the others did not. */
static void print_paths(const stat_view_t *view)
{
    static const table_column_t columns[] = {
        {"PATH OF SYSTEM CALLS", 48, true, 0}, {"count", 10, false, 0}, {"%", 6, false, 0}};
    const stats_t *stats = view->stats;
    uint64_t all = stats->fast_exits;
    for (unsigned i = 0; i < STATS_SLOW_REASONS; i++) {
        all += stats->slow_exits[i];
    }
    if (all == 0) {
        return;
    }
    TABLE(table, columns, view->width);
    table_text(&table, "fast");
    table_count(&table, stats->fast_exits);
    table_percent(&table, stats->fast_exits, all);
    for (unsigned i = 0; i < STATS_SLOW_REASONS; i++) {
        if (stats->slow_exits[i]) {
            char why[64];
            const char *text = stat_value_text(view->model, "slow_reason", i);
            snprintf(why, sizeof(why), *text ? "slow: %.40s" : "slow%s", text);
            table_text(&table, why);
            table_count(&table, stats->slow_exits[i]);
            table_percent(&table, stats->slow_exits[i], all);
        }
    }
}

static void print_invocations(const stat_view_t *view)
{
    static const table_column_t columns[] = {
        {"INVOCATION", 26, true, 0},
        {"OBJECT", 14, true, 1},
        {"count", 10, false, 0},
        {" result", 40, true, 0},
    };
    const stats_t *stats = view->stats;
    TABLE(table, columns, view->width);
    for (size_t i = 0; i < stats->invocation_count && i < STAT_MAX_ROWS; i++) {
        const stats_invocation_t *row = &stats->invocations[i];
        const char *label = label_name(view->model->abi, row->label);
        const char *why = row->reason ? stat_value_text(view->model, "reason", row->reason) : "";
        char number[32], result[128];
        snprintf(number, sizeof(number), "label %" PRIu64, row->label);
        snprintf(result, sizeof(result), " %s%s%s",
                 row->error ? stat_value_name(view->model, "error", row->error) : "ok",
                 *why ? ": " : "", why);
        table_text(&table, label ? label : number);
        table_text(&table, stat_value_name(view->model, "captype", row->type));
        table_count(&table, row->count);
        table_text(&table, result);
    }
}

static void print_faults(const stat_view_t *view)
{
    static const table_column_t columns[] = {{"FAULTS", 24, true, 0}, {"count", 10, false, 0}};
    const stats_t *stats = view->stats;
    TABLE(table, columns, view->width);
    for (unsigned i = 0; i < STATS_FAULTS; i++) {
        if (stats->faults[i]) {
            table_text(&table, stat_value_name(view->model, "fault_kind", i));
            table_count(&table, stats->faults[i]);
        }
    }
    if (stats->unhandled) {
        table_text(&table, "without a handler");
        table_count(&table, stats->unhandled);
    }
    if (stats->lookups) {
        table_text(&table, "failed lookups");
        table_count(&table, stats->lookups);
    }
}

static void print_rings(const stat_view_t *view)
{
    static const table_column_t columns[] = {
        {"RING", 8, true, 0},   {"emitted", 14, false, 0}, {"kept", 14, false, 0},
        {"lost", 12, false, 0}, {"gaps", 8, false, 0},     {"before start", 14, false, 1},
    };
    TABLE(table, columns, view->width);
    for (uint32_t i = 0; i < view->model->ring_count; i++) {
        const ring_account_t *ring = &view->model->rings[i];
        if (ring->seen) {
            char name[24];
            snprintf(name, sizeof(name), ring->hart == UINT32_MAX ? "user" : "hart %u", ring->hart);
            table_text(&table, name);
            table_count(&table, ring->skipped + ring->kept + ring->lost);
            table_count(&table, ring->kept);
            table_count(&table, ring->lost);
            table_count(&table, ring->gaps);
            table_count(&table, ring->skipped);
        }
    }
}

void stat_print_text(const stat_view_t *view)
{
    print_head(view);
    print_threads(view);
    print_harts(view);
    stat_print_messages(view);
    stat_print_signals(view);
    print_entries(view);
    print_sections(view);
    print_paths(view);
    print_invocations(view);
    print_faults(view);
    stat_print_time(view);
    stat_print_caps(view);
    print_rings(view);
}
