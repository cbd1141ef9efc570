/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages that are over, and what they add up to for each pair of threads. */
#include "index_private.h"
#include "memory.h"

static pair_t *pair_of(index_t *index, const call_t *call)
{
    for (size_t i = 0; i < index->pair_count; i++) {
        pair_t *pair = index->pairs[i];
        if (pair->client == call->client_uid && pair->server == call->server_uid &&
            pair->endpoint == call->endpoint && pair->kind == call->kind) {
            return pair;
        }
    }
    index->pairs = index_grow(index->pairs, index->pair_count, &index->pair_room, sizeof(pair_t *));
    pair_t *pair = memory_new(1, sizeof(*pair));
    pair->client = call->client_uid;
    pair->server = call->server_uid;
    pair->endpoint = call->endpoint;
    pair->kind = call->kind;
    index->pairs[index->pair_count++] = pair;
    return pair;
}

/* Latency counts only where no record was lost since the call began. */
static void count_latency(index_t *index, const call_t *call, uint64_t done, uint64_t row)
{
    const model_t *model = index->model;
    pair_t *pair = pair_of(index, call);
    uint64_t total = index_ns_between(model, call->begun, done);
    if (total >= pair->latency.max) {
        pair->worst_row = row;
    }
    histogram_add(&pair->latency, total);
    pair->wait += index_ns_between(model, call->begun, call->received);
    pair->run += index_ns_between(model, call->received, call->replied);
    life_t *client = index_life(index, call->client_uid);
    if (client && call->received && call->replied > call->received) {
        client->imposed += call->replied - call->received;
    }
    pair->reply += index_ns_between(model, call->replied, done);
    histogram_add(index_thing(index, call->endpoint, 0, done)->latency, total);
}

void index_message_over(index_t *index, const event_t *event, uint64_t row)
{
    const call_t *call = event->done;
    bool cancelled = event->effects & EFFECT_CALL_ENDED;
    message_t message = {
        .begun = call->begun,
        .received = call->received,
        .replied = call->replied,
        .done = event->time,
        .client = call->client_uid,
        .server = call->server_uid,
        .endpoint = call->endpoint,
        .id = (uint32_t)call->id,
        .kind = call->kind,
        .cancelled = cancelled,
        .certain = call->certain,
        .fast = call->fast,
    };
    index->messages =
        index_grow(index->messages, index->message_count, &index->message_room, sizeof(message_t));
    index->messages[index->message_count++] = message;
    if (cancelled) {
        pair_of(index, call)->cancelled++;
    } else if (call->certain && call->endpoint) {
        count_latency(index, call, event->time, row);
    }
}
