/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages in the statistics: how many, how long, and by which of the kernel's paths. A message's
 * path is that of the system call which began it, known when that leaves the kernel.
 */
#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "stats_private.h"
#include "trace/ids.h"

static void count_path(stats_latency_t *row, bool fast, unsigned why)
{
    if (row) {
        row->fast += fast;
        row->slow_sum += !fast;
        row->slow[why] += !fast;
    }
}

/* The message of a thread, begun by a system call that has ended already. */
static stats_sent_t *sent_by(stats_t *stats, uint32_t index)
{
    struct stats_private *p = stats->private;
    if (index >= p->sent_room) {
        size_t room = 2 * (size_t)index + 16;
        p->sent = memory_grow(p->sent, room, sizeof(stats_sent_t));
        memset(p->sent + p->sent_room, 0, (room - p->sent_room) * sizeof(stats_sent_t));
        p->sent_room = room;
    }
    return &p->sent[index];
}

void stats_on_path(stats_t *stats, uint32_t hart, bool fast, unsigned why)
{
    stats_path_t *path = &stats->private->paths[hart];
    count_path(path->kind, fast, why);
    count_path(path->endpoint, fast, why);
    count_path(path->pair, fast, why);
    if (path->kind && !path->pair) {
        *sent_by(stats, path->client_index) =
            (stats_sent_t){.call = path->call, .fast = fast, .why = (uint8_t)why};
    }
    *path = (stats_path_t){0};
}

static void begin_path(stats_t *stats, const model_t *model, const event_t *event)
{
    const call_t *call = event->call;
    if (event->hart >= MODEL_MAX_HARTS || call->client != event->thread ||
        model->harts[event->hart].entry_kind != TRACE_ENTRY_KIND_SYSCALL) {
        return;
    }
    const object_t *object = event->object;
    stats->private->paths[event->hart] = (stats_path_t){
        .kind = &stats->kinds[call->kind % STATS_IPC_KINDS],
        .endpoint = object ? &stats_endpoint_row(stats, object)->latency : NULL,
        .call = call->id,
        .client_index = call->client->index,
    };
}

/* Now the receiver is known: the pair has its path, too. */
static void pair_path(stats_t *stats, const event_t *event, stats_pair_t *pair)
{
    const call_t *call = event->call;
    stats_path_t *path = event->hart < MODEL_MAX_HARTS ? &stats->private->paths[event->hart] : NULL;
    const stats_sent_t *sent = sent_by(stats, call->client->index);
    if (path && path->call == call->id) {
        path->pair = &pair->latency;
    } else if (sent->call == call->id) {
        count_path(&pair->latency, sent->fast, sent->why);
    }
}

static void add_latency(const model_t *model, stats_latency_t *to, const call_t *call)
{
    if (!call->received) {
        to->cancelled++;
        return;
    }
    if (!call->certain || call->received < call->begun || call->done < call->received) {
        return;
    }
    bool replied = call->replied >= call->received;
    bool call_like = call->kind != TRACE_IPC_KIND_SEND && call->kind != TRACE_IPC_KIND_NBSEND &&
                     call->kind != TRACE_IPC_KIND_NBSENDRECV;
    if (call_like && !replied) {
        to->cancelled++;
        return;
    }
    histogram_add(&to->total, model_ns(model, call->done - call->begun));
    histogram_add(&to->wait, model_ns(model, call->received - call->begun));
    if (call_like) {
        histogram_add(&to->run, model_ns(model, call->replied - call->received));
        histogram_add(&to->reply, model_ns(model, call->done - call->replied));
    }
}

void stats_on_ipc(stats_t *stats, const model_t *model, const event_t *event)
{
    const call_t *call = event->call;
    if (event->effects & EFFECT_CALL_BEGUN && call) {
        begin_path(stats, model, event);
    }
    if (event->effects & EFFECT_CALL_RECEIVED && call) {
        stats->kinds[call->kind % STATS_IPC_KINDS].count++;
        if (event->object) {
            stats_endpoint_row(stats, event->object)->latency.count++;
        }
        stats_pair_t *pair = stats_pair_row(stats, call);
        pair->latency.count++;
        pair_path(stats, event, pair);
        snprintf(pair->client, sizeof(pair->client), "%s", call->client->name);
        snprintf(pair->server, sizeof(pair->server), "%s", call->server ? call->server->name : "?");
        stats_thread_row(stats, call->client_uid)->calls++;
        if (call->server_uid) {
            stats_thread_row(stats, call->server_uid)->served++;
        }
    }
    if (event->effects & EFFECT_CALL_REPLIED && call) {
        stats
            ->kinds[call->kind == TRACE_IPC_KIND_CALL ? TRACE_IPC_KIND_REPLY
                                                      : TRACE_IPC_KIND_FAULT_REPLY]
            .count++;
    }
    if (event->effects & (EFFECT_CALL_DONE | EFFECT_CALL_ENDED) && event->done) {
        const call_t *done = event->done;
        const object_t *object = model_object(model, done->endpoint);
        add_latency(model, &stats->kinds[done->kind % STATS_IPC_KINDS], done);
        if (object) {
            add_latency(model, &stats_endpoint_row(stats, object)->latency, done);
        }
        if (done->server_uid) {
            add_latency(model, &stats_pair_row(stats, done)->latency, done);
        }
    }
}
