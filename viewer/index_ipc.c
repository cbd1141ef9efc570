/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages that are over, and what they add up to for each pair of threads. */
#include "index_private.h"
#include "memory.h"

/* As in the last message of this client: who serves it and how long each part takes. */
static void guess_message(const uint64_t *rows, unsigned i, const uint64_t *same, uint64_t *guess)
{
    enum { WORDS = sizeof(message_t) / sizeof(uint64_t) };
    message_t *next = (message_t *)guess;
    const message_t *last = (const message_t *)same;
    uint64_t done = rows[(size_t)i * WORDS];
    if (!last) {
        *next = (message_t){.replied = done, .received = done, .begun = done, .whole = 1};
        return;
    }
    next->server = last->server;
    next->replied = last->replied ? done - (last->done - last->replied) : 0;
    next->received = last->received ? done - (last->done - last->received) : 0;
    next->begun = done - (last->done - last->begun);
    next->whole = last->whole;
}

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
        .whole = call->certain && !cancelled,
    };
    static const series_shape_t shape = {.words = sizeof(message) / sizeof(uint64_t),
                                         .guess = guess_message};
    series_append(&index->messages, &shape, &index->pool, &message);
    if (cancelled) {
        pair_of(index, call)->cancelled++;
    } else if (call->certain && call->endpoint) {
        count_latency(index, call, event->time, row);
    }
}
