/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of the statistics: rows by uid or by key, and their order in the end. */
#include <stdlib.h>

#include "memory.h"
#include "stats_private.h"

stats_t *stats_new(void)
{
    stats_t *stats = memory_new(1, sizeof(*stats));
    stats->private = memory_new(1, sizeof(*stats->private));
    return stats;
}

void stats_free(stats_t *stats)
{
    if (!stats) {
        return;
    }
    struct stats_private *p = stats->private;
    for (size_t i = 0; i < stats->endpoint_count; i++) {
        free(stats->endpoints[i]);
    }
    for (size_t i = 0; i < stats->pair_count; i++) {
        free(stats->pairs[i]);
    }
    for (size_t i = 0; i < stats->ntfn_count; i++) {
        free(stats->ntfns[i]);
    }
    for (size_t i = 0; i < STATS_SYSCALLS; i++) {
        free(stats->syscalls[i]);
    }
    reftable_free(&p->threads);
    reftable_free(&p->endpoints);
    reftable_free(&p->ntfns);
    free(p->pair_slots);
    free(p->flights);
    free(p->imposed);
    free(p->sent);
    stats_free_caps(stats);
    stats_free_async(stats);
    stats_free_time(stats);
    free(p);
    free(stats->threads);
    free(stats->endpoints);
    free(stats->pairs);
    free(stats->ntfns);
    free(stats->invocations);
    free(stats);
}

void *stats_one_more(void *array, size_t count, size_t size)
{
    if (count == 0 || (count & (count - 1)) == 0) {
        return memory_grow(array, count ? 2 * count : 1, size);
    }
    return array;
}

stats_thread_t *stats_thread_row(stats_t *stats, uint32_t uid)
{
    size_t index = (size_t)reftable_get(&stats->private->threads, uid);
    if (index == 0) {
        stats->threads =
            stats_one_more(stats->threads, stats->thread_count, sizeof(stats_thread_t));
        stats->threads[stats->thread_count] = (stats_thread_t){.uid = uid};
        index = ++stats->thread_count;
        reftable_put(&stats->private->threads, uid, (void *)index);
    }
    return &stats->threads[index - 1];
}

stats_endpoint_t *stats_endpoint_row(stats_t *stats, const object_t *object)
{
    stats_endpoint_t *row = reftable_get(&stats->private->endpoints, object->uid);
    if (!row) {
        row = memory_new(1, sizeof(*row));
        row->ref = object->ref;
        row->uid = object->uid;
        stats->endpoints = stats_one_more(stats->endpoints, stats->endpoint_count, sizeof(row));
        stats->endpoints[stats->endpoint_count++] = row;
        reftable_put(&stats->private->endpoints, object->uid, row);
    }
    return row;
}

stats_ntfn_t *stats_ntfn_row(stats_t *stats, uint32_t uid, uint32_t ref)
{
    stats_ntfn_t *row = reftable_get(&stats->private->ntfns, uid);
    if (!row) {
        row = memory_new(1, sizeof(*row));
        row->ref = ref;
        row->uid = uid;
        stats->ntfns = stats_one_more(stats->ntfns, stats->ntfn_count, sizeof(row));
        stats->ntfns[stats->ntfn_count++] = row;
        reftable_put(&stats->private->ntfns, uid, row);
    }
    return row;
}

static size_t pair_hash(uint32_t client, uint32_t server, uint32_t endpoint)
{
    return (client * 0x9e3779b1u ^ server * 0x85ebca6bu ^ endpoint * 0xc2b2ae35u) >> 5;
}

static void grow_pairs(struct stats_private *p, stats_pair_t **pairs, size_t count)
{
    size_t slots = p->pair_slots ? 2 * (p->pair_mask + 1) : 64;
    free(p->pair_slots);
    p->pair_slots = memory_new(slots, sizeof(p->pair_slots[0]));
    p->pair_mask = slots - 1;
    for (size_t k = 0; k < count; k++) {
        size_t i = pair_hash(pairs[k]->client_uid, pairs[k]->server_uid, pairs[k]->endpoint);
        while (p->pair_slots[i & p->pair_mask]) {
            i++;
        }
        p->pair_slots[i & p->pair_mask] = pairs[k];
    }
}

stats_pair_t *stats_pair_row(stats_t *stats, const call_t *call)
{
    struct stats_private *p = stats->private;
    if (!p->pair_slots || 2 * stats->pair_count > p->pair_mask) {
        grow_pairs(p, stats->pairs, stats->pair_count);
    }
    size_t i = pair_hash(call->client_uid, call->server_uid, call->endpoint);
    stats_pair_t *row;
    while ((row = p->pair_slots[i & p->pair_mask])) {
        if (row->client_uid == call->client_uid && row->server_uid == call->server_uid &&
            row->endpoint == call->endpoint) {
            return row;
        }
        i++;
    }
    row = memory_new(1, sizeof(*row));
    row->client_uid = call->client_uid;
    row->server_uid = call->server_uid;
    row->endpoint = call->endpoint;
    stats->pairs = stats_one_more(stats->pairs, stats->pair_count, sizeof(row));
    stats->pairs[stats->pair_count++] = row;
    p->pair_slots[i & p->pair_mask] = row;
    return row;
}

void stats_add_invocation(stats_t *stats, stats_invocation_t key)
{
    for (size_t i = 0; i < stats->invocation_count; i++) {
        stats_invocation_t *row = &stats->invocations[i];
        if (row->label == key.label && row->type == key.type && row->error == key.error &&
            row->reason == key.reason) {
            row->count++;
            return;
        }
    }
    enum { MAX_ROWS = 4096 }; /* more kinds of failure than there are is a damaged trace */
    if (stats->invocation_count < MAX_ROWS) {
        key.count = 1;
        stats->invocations =
            stats_one_more(stats->invocations, stats->invocation_count, sizeof(stats_invocation_t));
        stats->invocations[stats->invocation_count++] = key;
    }
}

static int by_running(const void *a, const void *b)
{
    const stats_thread_t *x = a, *y = b;
    uint64_t rx = x->time_in[THREAD_RUNNING], ry = y->time_in[THREAD_RUNNING];
    if (x->idle != y->idle) {
        return x->idle - y->idle;
    }
    return rx != ry ? (rx < ry) - (rx > ry) : (x->uid > y->uid) - (x->uid < y->uid);
}

static int by_endpoint_count(const void *a, const void *b)
{
    const stats_endpoint_t *x = *(stats_endpoint_t *const *)a, *y = *(stats_endpoint_t *const *)b;
    return x->latency.count != y->latency.count ? (x->latency.count < y->latency.count) * 2 - 1
                                                : (x->uid > y->uid) - (x->uid < y->uid);
}

static int by_pair_count(const void *a, const void *b)
{
    const stats_pair_t *x = *(stats_pair_t *const *)a, *y = *(stats_pair_t *const *)b;
    return x->latency.count != y->latency.count
               ? (x->latency.count < y->latency.count) * 2 - 1
               : (x->client_uid > y->client_uid) - (x->client_uid < y->client_uid);
}

static int by_signals(const void *a, const void *b)
{
    const stats_ntfn_t *x = *(stats_ntfn_t *const *)a, *y = *(stats_ntfn_t *const *)b;
    return x->signals != y->signals ? (x->signals < y->signals) * 2 - 1
                                    : (x->uid > y->uid) - (x->uid < y->uid);
}

static int by_invocations(const void *a, const void *b)
{
    const stats_invocation_t *x = a, *y = b;
    return x->count != y->count ? (x->count < y->count) * 2 - 1
                                : (x->label > y->label) - (x->label < y->label);
}

static void sort(void *array, size_t count, size_t size, int (*order)(const void *, const void *))
{
    if (count > 1) {
        qsort(array, count, size, order);
    }
}

void stats_add_section(stats_t *stats, stats_section_t section)
{
    stats_section_t *at = &stats->longest[STATS_LONGEST - 1];
    if (section.ns <= at->ns) {
        return;
    }
    for (; at > stats->longest && at[-1].ns < section.ns; at--) {
        *at = at[-1];
    }
    *at = section;
}

void stats_sort(stats_t *stats)
{
    sort(stats->threads, stats->thread_count, sizeof(stats_thread_t), by_running);
    sort(stats->endpoints, stats->endpoint_count, sizeof(void *), by_endpoint_count);
    sort(stats->pairs, stats->pair_count, sizeof(void *), by_pair_count);
    sort(stats->ntfns, stats->ntfn_count, sizeof(void *), by_signals);
    sort(stats->invocations, stats->invocation_count, sizeof(stats_invocation_t), by_invocations);
}
