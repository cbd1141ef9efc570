/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stat.h"
#include "u4trace/format.h"
#include "trace/ids.h"
#include "u4trace/labels.h"

enum { MAX_ROWS = 40 };

typedef struct {
    char text[24];
} cell_t;

static cell_t duration(uint64_t ns)
{
    cell_t cell = {""};
    *format_duration(cell.text, cell.text + sizeof(cell.text) - 1, ns) = 0;
    return cell;
}

/* 1234567 -> 1,234,567 */
static cell_t count(uint64_t value)
{
    cell_t cell = {""};
    char digits[24];
    int length = snprintf(digits, sizeof(digits), "%" PRIu64, value);
    size_t at = 0;
    for (int i = 0; i < length && at + 2 < sizeof(cell.text); i++) {
        if (i && (length - i) % 3 == 0) {
            cell.text[at++] = ',';
        }
        cell.text[at++] = digits[i];
    }
    cell.text[at] = 0;
    return cell;
}

static cell_t percent(uint64_t part, uint64_t whole)
{
    cell_t cell = {""};
    snprintf(cell.text, sizeof(cell.text), "%.1f",
             whole ? 100.0 * (double)part / (double)whole : 0);
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

static void print_head(const model_t *model, const trace_info_t *info, const char *file)
{
    uint64_t span = model_ns(model, model->time - model->first_time);
    uint64_t lost = lost_in_all(model);
    printf("%s: %s events in %s on %u hart%s, %s lost\n", file, count(model->events).text,
           duration(span).text, model->hart_count, model->hart_count == 1 ? "" : "s",
           lost ? count(lost).text : "none");
    if (info->machine[0]) {
        printf("%s\n", info->machine);
    }
    if (info->panic[0]) {
        printf("The kernel PANICKED: %s\n", info->panic);
    }
}

static void print_threads(const stats_t *stats, const model_t *model, unsigned width)
{
    uint64_t span = model_ns(model, model->time - model->first_time);
    int name = width >= 120 ? 24 : 16;
    if (!stats->thread_count) {
        return;
    }
    printf("\n%-*s %-14s %4s %6s %10s %10s %10s %10s %10s %10s %10s %8s\n", name, "THREAD",
           "PROCESS", "PRIO", "CPU %", "running", "imposed", "ready", "receiving", "await rep.",
           "await sig.", "sending", "switches");
    size_t shown = 0, still = 0;
    for (size_t i = 0; i < stats->thread_count; i++) {
        const stats_thread_t *t = &stats->threads[i];
        const uint64_t *in = t->time_in;
        if (t->switches == 0 || shown == MAX_ROWS) {
            still += t->switches == 0;
            continue;
        }
        shown++;
        uint64_t ran = in[THREAD_RUNNING] + in[THREAD_IDLE];
        printf("%-*.*s %-14.14s %4u %6s %10s %10s %10s %10s %10s %10s %10s %8" PRIu64 "%s\n", name,
               name, t->name, t->process, t->priority, percent(ran, span).text, duration(ran).text,
               t->imposed ? duration(t->imposed).text : "-", duration(in[THREAD_READY]).text,
               duration(in[THREAD_RECEIVING]).text, duration(in[THREAD_REPLY]).text,
               duration(in[THREAD_NTFN]).text,
               duration(in[THREAD_SENDING] + in[THREAD_CALLING]).text, t->switches,
               t->dead ? " (deleted)" : "");
    }
    if (shown + still < stats->thread_count) {
        printf("... and %zu more (u4 stat --json has all)\n", stats->thread_count - shown - still);
    }
    if (still) {
        printf("(%zu threads never ran)\n", still);
    }
}

static void print_harts(const model_t *model)
{
    if (model->hart_count < 2) {
        return;
    }
    printf("\n%-8s %12s %12s %8s\n", "HART", "busy", "idle", "busy %");
    for (uint32_t i = 0; i < model->hart_count; i++) {
        const hart_t *h = &model->harts[i];
        uint64_t running = h->current && model->time > h->since ? model->time - h->since : 0;
        uint64_t busy = h->busy_time + (h->current && !h->current->idle ? running : 0);
        uint64_t idle = h->idle_time + (h->current && h->current->idle ? running : 0);
        printf("%-8u %12s %12s %8s\n", i, duration(model_ns(model, busy)).text,
               duration(model_ns(model, idle)).text, percent(busy, busy + idle).text);
    }
}

static void print_histogram(const histogram_t *h)
{
    static const double points[] = {50, 90, 99, 100};
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        uint64_t value = points[i] < 100 ? histogram_percentile(h, points[i]) : h->max;
        printf(" %9s", h->count ? duration(value).text : "-");
    }
}

static void print_latency(const stats_latency_t *latency)
{
    printf(" %10s", count(latency->count).text);
    print_histogram(&latency->total);
    const histogram_t *parts[] = {&latency->wait, &latency->run, &latency->reply};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        printf(" %9s", parts[i]->count ? duration(histogram_mean(parts[i])).text : "-");
    }
    printf(latency->cancelled ? " %9" PRIu64 "\n" : "\n", latency->cancelled);
}

static void latency_head(const char *name, int width)
{
    printf("\n%-*s %10s %9s %9s %9s %9s %9s %9s %9s %9s\n", width, name, "count", "p50", "p90",
           "p99", "max", "~wait", "~run", "~reply", "cancelled");
}

static void print_ipc(const stats_t *stats, const model_t *model)
{
    bool any = false;
    for (unsigned kind = 0; kind < STATS_IPC_KINDS; kind++) {
        const stats_latency_t *latency = &stats->kinds[kind];
        if (latency->count || latency->cancelled) {
            if (!any) {
                latency_head("MESSAGES", 24);
            }
            any = true;
            printf("%-24s", stat_value_name(model, "ipc_kind", kind));
            print_latency(latency);
        }
    }
    for (size_t i = 0; i < stats->endpoint_count && i < MAX_ROWS; i++) {
        if (i == 0) {
            latency_head("ENDPOINT", 24);
        }
        printf("0x%-22x", stats->endpoints[i]->ref);
        print_latency(&stats->endpoints[i]->latency);
    }
    for (size_t i = 0; i < stats->pair_count && i < MAX_ROWS; i++) {
        const stats_pair_t *pair = stats->pairs[i];
        if (i == 0) {
            latency_head("SENDER -> RECEIVER", 36);
        }
        char names[2 * MODEL_NAME_MAX + 8];
        snprintf(names, sizeof(names), "%s -> %s", pair->client, pair->server);
        printf("%-36.36s", names);
        print_latency(&pair->latency);
    }
}

static void print_ntfns(const stats_t *stats)
{
    for (size_t i = 0; i < stats->ntfn_count && i < MAX_ROWS; i++) {
        const stats_ntfn_t *n = stats->ntfns[i];
        if (i == 0) {
            printf("\n%-24s %10s %10s %10s %10s %9s %9s %9s %9s\n", "NOTIFICATION", "signals",
                   "woke", "merged", "polled", "p50", "p90", "p99", "max");
        }
        printf("0x%-22x %10s %10s %10s %10s", n->ref, count(n->signals).text, count(n->woke).text,
               count(n->merged).text, count(n->received).text);
        print_histogram(&n->latency);
        putchar('\n');
    }
}

static void print_uintr(const stats_t *stats, const model_t *model)
{
    const model_uintr_t *u = &model->uintr;
    if (u->sent || u->delivered || u->ignored) {
        printf("\n%-24s %10s %10s %10s %10s %9s %9s %9s %9s\n", "USER INTERRUPTS", "sent",
               "coalesced", "delivered", "dropped", "p50", "p90", "p99", "max");
        printf("%-24s %10s %10s %10s %10s", "", count(u->sent).text, count(u->coalesced).text,
               count(u->delivered).text, count(u->dropped).text);
        print_histogram(&stats->uintr_latency);
        putchar('\n');
    }
}

static void print_entry(const char *name, const stats_entry_t *entry)
{
    if (entry && entry->count) {
        printf("%-24s %10s", name, count(entry->count).text);
        print_histogram(&entry->kernel);
        putchar('\n');
    }
}

static void print_entries(const stats_t *stats, const model_t *model)
{
    bool any = stats->interrupts.count || stats->exceptions.count;
    for (unsigned i = 0; i < STATS_SYSCALLS; i++) {
        any |= stats->syscalls[i] != NULL;
    }
    if (!any) {
        return;
    }
    printf("\n%-24s %10s %9s %9s %9s %9s\n", "KERNEL ENTRIES", "count", "p50", "p90", "p99", "max");
    for (unsigned i = 0; i < STATS_SYSCALLS; i++) {
        print_entry(stat_value_name(model, "syscall", i), stats->syscalls[i]);
    }
    print_entry("interrupts", &stats->interrupts);
    print_entry("exceptions", &stats->exceptions);
}

/* How many system calls took the fast path, and why the others did not. */
static const stats_thread_t *thread_of(const stats_t *stats, uint32_t uid)
{
    for (size_t i = 0; i < stats->thread_count; i++) {
        if (stats->threads[i].uid == uid) {
            return &stats->threads[i];
        }
    }
    return NULL;
}

static void print_sections(const stats_t *stats, const model_t *model)
{
    if (stats->longest[0].ns == 0) {
        return;
    }
    printf("\n%-24s %10s %14s  %s\n", "LONGEST IN THE KERNEL", "time", "at", "thread");
    for (size_t i = 0; i < STATS_LONGEST && stats->longest[i].ns; i++) {
        const stats_section_t *s = &stats->longest[i];
        const stats_thread_t *t = thread_of(stats, s->thread_uid);
        const char *what = s->kind == TRACE_ENTRY_KIND_SYSCALL
                               ? stat_value_name(model, "syscall", s->call)
                               : stat_value_name(model, "entry_kind", s->kind);
        uint64_t at = s->time - model_ns(model, model->first_time);
        printf("%-24s %10s %14s  %s\n", what, duration(s->ns).text, duration(at).text,
               t ? t->name : "?");
    }
}

static void print_paths(const stats_t *stats, const model_t *model)
{
    uint64_t all = stats->fast_exits;
    for (unsigned i = 0; i < STATS_SLOW_REASONS; i++) {
        all += stats->slow_exits[i];
    }
    if (all == 0) {
        return;
    }
    printf("\n%-48s %10s %6s\n", "PATH OF SYSTEM CALLS", "count", "%");
    printf("%-48s %10s %6s\n", "fast", count(stats->fast_exits).text,
           percent(stats->fast_exits, all).text);
    for (unsigned i = 0; i < STATS_SLOW_REASONS; i++) {
        if (stats->slow_exits[i]) {
            char why[64];
            const char *text = stat_value_text(model, "slow_reason", i);
            snprintf(why, sizeof(why), *text ? "slow: %.40s" : "slow%s", text);
            printf("%-48s %10s %6s\n", why, count(stats->slow_exits[i]).text,
                   percent(stats->slow_exits[i], all).text);
        }
    }
}

static void print_invocations(const stats_t *stats, const model_t *model)
{
    for (size_t i = 0; i < stats->invocation_count && i < MAX_ROWS; i++) {
        const stats_invocation_t *row = &stats->invocations[i];
        if (i == 0) {
            printf("\n%-32s %-14s %10s  %s\n", "INVOCATION", "OBJECT", "count", "result");
        }
        const char *label = label_name(model->abi, row->label);
        char number[32];
        snprintf(number, sizeof(number), "label %" PRIu64, row->label);
        printf("%-32s %-14s %10s  %s", label ? label : number,
               stat_value_name(model, "captype", row->type), count(row->count).text,
               row->error ? stat_value_name(model, "error", row->error) : "ok");
        const char *why = row->reason ? stat_value_text(model, "reason", row->reason) : "";
        printf(*why ? ": %s\n" : "%s\n", why);
    }
}

static void print_faults(const stats_t *stats, const model_t *model)
{
    bool any = false;
    for (unsigned i = 0; i < STATS_FAULTS; i++) {
        any |= stats->faults[i] > 0;
    }
    if (!any && !stats->lookups && !stats->unhandled) {
        return;
    }
    printf("\n%-24s %10s\n", "FAULTS", "count");
    for (unsigned i = 0; i < STATS_FAULTS; i++) {
        if (stats->faults[i]) {
            printf("%-24s %10s\n", stat_value_name(model, "fault_kind", i),
                   count(stats->faults[i]).text);
        }
    }
    if (stats->unhandled) {
        printf("%-24s %10s\n", "without a handler", count(stats->unhandled).text);
    }
    if (stats->lookups) {
        printf("%-24s %10s\n", "failed lookups", count(stats->lookups).text);
    }
}

static void print_caps(const model_t *model)
{
    bool any = false;
    for (unsigned type = 0; type < MODEL_CAP_TYPES; type++) {
        uint64_t made = model->caps_made[type], deleted = model->caps_deleted[type];
        if (made || deleted) {
            if (!any) {
                printf("\n%-24s %10s %10s\n", "CAPABILITIES", "made", "deleted");
            }
            any = true;
            printf("%-24s %10s %10s\n", stat_value_name(model, "captype", type), count(made).text,
                   count(deleted).text);
        }
    }
}

static void print_losses(const model_t *model)
{
    printf("\n%-8s %14s %14s %12s %8s %14s\n", "RING", "emitted", "kept", "lost", "gaps",
           "before start");
    for (uint32_t i = 0; i < model->ring_count; i++) {
        const ring_account_t *ring = &model->rings[i];
        if (ring->seen) {
            char name[24];
            snprintf(name, sizeof(name), ring->hart == UINT32_MAX ? "user" : "hart %u", ring->hart);
            printf("%-8s %14s %14s %12s %8u %14s\n", name,
                   count(ring->skipped + ring->kept + ring->lost).text, count(ring->kept).text,
                   count(ring->lost).text, ring->gaps, count(ring->skipped).text);
        }
    }
}

void stat_print_text(const stats_t *stats, const model_t *model, const trace_info_t *info,
                     const char *file, unsigned width)
{
    print_head(model, info, file);
    print_threads(stats, model, width);
    print_harts(model);
    print_ipc(stats, model);
    print_ntfns(stats);
    print_uintr(stats, model);
    print_entries(stats, model);
    print_sections(stats, model);
    print_paths(stats, model);
    print_invocations(stats, model);
    print_faults(stats, model);
    print_caps(model);
    print_losses(model);
}
