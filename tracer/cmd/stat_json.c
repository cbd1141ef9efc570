/* SPDX-License-Identifier: BSD-2-Clause */
#include <jansson.h>
#include <stdio.h>

#include "stat_json.h"
#include "trace/ids.h"
#include "u4trace/labels.h"

void stat_set(json_t *object, const char *key, uint64_t value)
{
    json_object_set_new(object, key, json_integer((json_int_t)value));
}

void stat_set_text(json_t *object, const char *key, const char *text)
{
    json_t *string = json_string(text);
    json_object_set_new(object, key, string ? string : json_string("?"));
}

json_t *stat_json_histogram(const histogram_t *h)
{
    json_t *object = json_object();
    stat_set(object, "count", h->count);
    if (h->count) {
        stat_set(object, "min", h->min);
        stat_set(object, "mean", histogram_mean(h));
        stat_set(object, "p50", histogram_percentile(h, 50));
        stat_set(object, "p90", histogram_percentile(h, 90));
        stat_set(object, "p99", histogram_percentile(h, 99));
        stat_set(object, "max", h->max);
    }
    return object;
}

static void set_ref(json_t *object, const char *key, uint32_t ref)
{
    char text[16];
    snprintf(text, sizeof(text), "0x%x", ref);
    stat_set_text(object, key, text);
}

static void set_latency(json_t *object, const stats_latency_t *latency, const model_t *model)
{
    json_t *slow = json_object();
    for (unsigned why = 0; why < STATS_SLOW_REASONS; why++) {
        if (latency->slow[why]) {
            stat_set(slow, stat_value_name(model, "slow_reason", why), latency->slow[why]);
        }
    }
    stat_set(object, "count", latency->count);
    stat_set(object, "cancelled", latency->cancelled);
    stat_set(object, "fast", latency->fast);
    json_object_set_new(object, "slow", slow);
    json_object_set_new(object, "total_ns", stat_json_histogram(&latency->total));
    json_object_set_new(object, "wait_ns", stat_json_histogram(&latency->wait));
    json_object_set_new(object, "run_ns", stat_json_histogram(&latency->run));
    json_object_set_new(object, "reply_ns", stat_json_histogram(&latency->reply));
}

static json_t *threads(const stats_t *stats)
{
    json_t *array = json_array();
    for (size_t i = 0; i < stats->thread_count; i++) {
        const stats_thread_t *t = &stats->threads[i];
        json_t *object = json_object(), *states = json_object();
        stat_set_text(object, "name", t->name);
        stat_set_text(object, "process", t->process);
        set_ref(object, "ref", t->ref);
        stat_set(object, "uid", t->uid);
        stat_set(object, "priority", t->priority);
        json_object_set_new(object, "idle", json_boolean(t->idle));
        json_object_set_new(object, "deleted", json_boolean(t->dead));
        stat_set(object, "switches", t->switches);
        stat_set(object, "preemptions", t->preemptions);
        stat_set(object, "calls", t->calls);
        stat_set(object, "served", t->served);
        stat_set(object, "imposed_ns", t->imposed);
        stat_set(object, "ran_for_others_ns", t->ran_for_others);
        stat_set(object, "caps_made", t->caps_made);
        stat_set(object, "caps_deleted", t->caps_deleted);
        for (unsigned s = 0; s < THREAD_STATES; s++) {
            stat_set(states, thread_state_name((thread_state_t)s), t->time_in[s]);
        }
        json_object_set_new(object, "time_ns", states);
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *messages(const stats_t *stats, const model_t *model)
{
    json_t *object = json_object();
    for (unsigned kind = 0; kind < STATS_IPC_KINDS; kind++) {
        const stats_latency_t *latency = &stats->kinds[kind];
        if (latency->count || latency->cancelled) {
            json_t *one = json_object();
            set_latency(one, latency, model);
            json_object_set_new(object, stat_value_name(model, "ipc_kind", kind), one);
        }
    }
    return object;
}

static json_t *endpoints(const stats_t *stats, const model_t *model)
{
    json_t *array = json_array();
    for (size_t i = 0; i < stats->endpoint_count; i++) {
        json_t *object = json_object();
        set_ref(object, "ref", stats->endpoints[i]->ref);
        set_latency(object, &stats->endpoints[i]->latency, model);
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *pairs(const stats_t *stats, const model_t *model)
{
    json_t *array = json_array();
    for (size_t i = 0; i < stats->pair_count; i++) {
        const stats_pair_t *pair = stats->pairs[i];
        json_t *object = json_object();
        stat_set_text(object, "sender", pair->client);
        stat_set_text(object, "receiver", pair->server);
        set_ref(object, "endpoint", pair->endpoint);
        set_latency(object, &pair->latency, model);
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *user_interrupts(const stats_t *stats, const model_t *model)
{
    json_t *object = json_object();
    stat_set(object, "sent", model->uintr.sent);
    stat_set(object, "coalesced", model->uintr.coalesced);
    stat_set(object, "delivered", model->uintr.delivered);
    stat_set(object, "dropped", model->uintr.dropped);
    stat_set(object, "ignored", model->uintr.ignored);
    json_object_set_new(object, "latency_ns", stat_json_histogram(&stats->uintr_latency));
    return object;
}

static json_t *notifications(const stats_t *stats)
{
    json_t *array = json_array();
    for (size_t i = 0; i < stats->ntfn_count; i++) {
        const stats_ntfn_t *n = stats->ntfns[i];
        json_t *object = json_object();
        set_ref(object, "ref", n->ref);
        stat_set(object, "signals", n->signals);
        stat_set(object, "woke", n->woke);
        stat_set(object, "merged", n->merged);
        stat_set(object, "received", n->received);
        json_object_set_new(object, "latency_ns", stat_json_histogram(&n->latency));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *entry(const stats_entry_t *e)
{
    json_t *object = json_object();
    stat_set(object, "count", e->count);
    json_object_set_new(object, "kernel_ns", stat_json_histogram(&e->kernel));
    return object;
}

static json_t *entries(const stats_t *stats, const model_t *model)
{
    json_t *object = json_object(), *calls = json_object();
    for (unsigned i = 0; i < STATS_SYSCALLS; i++) {
        if (stats->syscalls[i]) {
            json_object_set_new(calls, stat_value_name(model, "syscall", i),
                                entry(stats->syscalls[i]));
        }
    }
    json_object_set_new(object, "syscalls", calls);
    json_t *slow = json_object();
    for (unsigned i = 0; i < STATS_SLOW_REASONS; i++) {
        if (stats->slow_exits[i]) {
            stat_set(slow, stat_value_name(model, "slow_reason", i), stats->slow_exits[i]);
        }
    }
    stat_set(object, "fast", stats->fast_exits);
    json_object_set_new(object, "slow", slow);
    json_object_set_new(object, "interrupts", entry(&stats->interrupts));
    json_object_set_new(object, "exceptions", entry(&stats->exceptions));
    return object;
}

static json_t *invocations(const stats_t *stats, const model_t *model)
{
    json_t *array = json_array();
    for (size_t i = 0; i < stats->invocation_count; i++) {
        const stats_invocation_t *row = &stats->invocations[i];
        const char *label = label_name(model->abi, row->label);
        json_t *object = json_object();
        stat_set(object, "label", row->label);
        stat_set_text(object, "name", label ? label : "?");
        stat_set_text(object, "object", stat_value_name(model, "captype", row->type));
        stat_set_text(object, "error", stat_value_name(model, "error", row->error));
        stat_set_text(object, "reason", stat_value_name(model, "reason", row->reason));
        stat_set(object, "count", row->count);
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *faults(const stats_t *stats, const model_t *model)
{
    json_t *object = json_object();
    for (unsigned i = 0; i < STATS_FAULTS; i++) {
        if (stats->faults[i]) {
            stat_set(object, stat_value_name(model, "fault_kind", i), stats->faults[i]);
        }
    }
    stat_set(object, "unhandled", stats->unhandled);
    stat_set(object, "failed_lookups", stats->lookups);
    return object;
}

/* By type: what was made and deleted in all. */
static json_t *capabilities(const stats_t *stats, const model_t *model)
{
    json_t *object = json_object();
    for (unsigned type = 0; type < MODEL_CAP_TYPES; type++) {
        uint64_t made, deleted;
        if (stat_caps_of_type(stats, type, &made, &deleted)) {
            json_t *one = json_object();
            stat_set(one, "made", made);
            stat_set(one, "deleted", deleted);
            json_object_set_new(object, stat_value_name(model, "captype", type), one);
        }
    }
    return object;
}

/* By type and by the process that made them, over time: held_at is by the end of each span. */
static json_t *capability_owners(const stats_t *stats, const model_t *model)
{
    json_t *object = json_object(), *rows = json_array();
    for (size_t i = 0; i < stats->caps_count; i++) {
        const stats_caps_t *row = stats->caps[i];
        json_t *one = json_object(), *times = json_array();
        for (unsigned k = 0; k < stats->spans; k++) {
            json_array_append_new(times, json_integer(row->held_at[k]));
        }
        stat_set_text(one, "owner", row->owner);
        stat_set_text(one, "type", stat_value_name(model, "captype", row->type));
        stat_set(one, "made", row->made);
        stat_set(one, "deleted", row->deleted);
        json_object_set_new(one, "held", json_integer(row->held));
        json_object_set_new(one, "peak", json_integer(row->peak));
        json_object_set_new(one, "held_at", times);
        json_array_append_new(rows, one);
    }
    stat_set(object, "moved", stats->caps_moved);
    stat_set(object, "span_ns", stats->span_ns);
    json_object_set_new(object, "rows", rows);
    return object;
}

static json_t *scheduling_contexts(const stats_t *stats)
{
    json_t *array = json_array();
    for (size_t i = 0; i < stats->time_count; i++) {
        const stats_time_t *row = stats->time[i];
        json_t *one = json_object(), *spent = json_object();
        for (size_t k = 0; k < row->spender_count; k++) {
            stat_set(spent, row->spenders[k].name, row->spenders[k].ns);
        }
        stat_set(one, "ref", row->ref);
        stat_set_text(one, "owner", row->owner);
        stat_set(one, "budget_us", row->budget_us);
        stat_set(one, "period_us", row->period_us);
        stat_set(one, "since_ns", row->since);
        stat_set(one, "budget_ns", stat_budget_ns(stats, row));
        stat_set(one, "used_ns", row->used);
        stat_set(one, "charged_ns", row->charged);
        stat_set(one, "ran_out", row->turns);
        stat_set(one, "delayed", row->postponed);
        stat_set(one, "delay_ns", row->waited);
        json_object_set_new(one, "spent_by_ns", spent);
        json_array_append_new(array, one);
    }
    return array;
}

static json_t *sections(const stats_t *stats, const model_t *model)
{
    json_t *array = json_array();
    for (size_t i = 0; i < STATS_LONGEST && stats->longest[i].ns; i++) {
        const stats_section_t *s = &stats->longest[i];
        json_t *one = json_object();
        stat_set_text(one, "entry", stat_value_name(model, "entry_kind", s->kind));
        stat_set_text(one, "syscall", stat_value_name(model, "syscall", s->call));
        stat_set(one, "ns", s->ns);
        stat_set(one, "end_ns", s->time);
        stat_set(one, "thread_uid", s->thread_uid);
        json_array_append_new(array, one);
    }
    return array;
}

static json_t *rings(const model_t *model)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < model->ring_count; i++) {
        const ring_account_t *ring = &model->rings[i];
        if (!ring->seen) {
            continue;
        }
        json_t *object = json_object();
        stat_set(object, "ring", i);
        if (ring->hart != UINT32_MAX) {
            stat_set(object, "hart", ring->hart);
        }
        stat_set(object, "emitted", ring->skipped + ring->kept + ring->lost);
        stat_set(object, "skipped", ring->skipped);
        stat_set(object, "kept", ring->kept);
        stat_set(object, "lost", ring->lost);
        stat_set(object, "gaps", ring->gaps);
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *events(const stats_t *stats, const model_t *model)
{
    json_t *object = json_object();
    for (unsigned id = 0; id < SCHEMA_MAX_EVENTS; id++) {
        if (stats->per_event[id]) {
            stat_set(object, schema_event(model->schema, id)->full_name, stats->per_event[id]);
        }
    }
    return object;
}

bool stat_print_json(const stats_t *stats, const model_t *model, const trace_info_t *info,
                     u4_error_t *err)
{
    json_t *all = json_object();
    stat_set(all, "events", stats->events);
    stat_set(all, "lost", model->lost);
    stat_set(all, "harts", model->hart_count);
    stat_set(all, "first_ns", stats->first_time);
    stat_set(all, "last_ns", stats->last_time);
    stat_set(all, "unexplained_switches", model->unexplained_switches);
    json_object_set_new(all, "status", json_integer(info->status));
    stat_set_text(all, "panic", info->panic);
    json_object_set_new(all, "rings", rings(model));
    json_object_set_new(all, "threads", threads(stats));
    json_object_set_new(all, "messages", messages(stats, model));
    json_object_set_new(all, "endpoints", endpoints(stats, model));
    json_object_set_new(all, "pairs", pairs(stats, model));
    json_object_set_new(all, "notifications", notifications(stats));
    json_object_set_new(all, "user_interrupts", user_interrupts(stats, model));
    json_object_set_new(all, "kernel_entries", entries(stats, model));
    json_object_set_new(all, "invocations", invocations(stats, model));
    json_object_set_new(all, "faults", faults(stats, model));
    json_object_set_new(all, "longest_in_kernel", sections(stats, model));
    json_object_set_new(all, "scheduling_contexts", scheduling_contexts(stats));
    json_object_set_new(all, "async_calls", stat_json_async_calls(stats));
    json_object_set_new(all, "connections", stat_json_connections(stats));
    json_object_set_new(all, "coroutines", stat_json_coroutines(stats, model));
    json_object_set_new(all, "capabilities", capabilities(stats, model));
    json_object_set_new(all, "capability_owners", capability_owners(stats, model));
    json_object_set_new(all, "per_event", events(stats, model));
    int problem = json_dumpf(all, stdout, JSON_INDENT(2));
    json_decref(all);
    putchar('\n');
    return problem == 0 || u4_fail(err, "standard output: cannot write");
}
