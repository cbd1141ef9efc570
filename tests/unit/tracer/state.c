/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's state out of memory, and snapshots of it, by layouts that are not the kernel's. */
#include "unit.h"

#include <stdio.h>

#include "sim.h"
#include "state_sim.h"
#include "u4trace/model.h"
#include "u4trace/snapshot.h"

#define AT(offset) (SOURCE_RAM_BASE + (offset))

static uint8_t memory[STATE_SIM_SIZE];

static state_t *read_state(u4_error_t *err)
{
    source_t *source = state_sim_source(memory);
    uint64_t table = 0;
    assert_true(state_find_table(source, NULL, &table, err));
    assert_int_equal(table, AT(STATE_SIM_TABLE));
    state_t *state = state_read(source, table, err);
    source_close(source);
    return state;
}

static void check_words(const state_t *state, uint32_t slot, const char *cap, const char *place)
{
    char text[256] = "";
    *state_format_cap(text, text + 255, state, &state->slots[slot].cap) = 0;
    assert_string_equal(text, cap);
    *state_format_place(text, text + 255, state, slot) = 0;
    assert_string_equal(text, place);
}

static void test_threads(void **unused)
{
    (void)unused;
    u4_error_t err;
    state_sim_fill(memory);
    state_t *state = read_state(&err);
    assert_non_null(state);
    assert_int_equal(state->problem_count, 0);
    assert_int_equal(state->thread_count, 3);
    assert_string_equal(state->threads[0].name, "client");
    const state_thread_t *server = state_thread(state, AT(STATE_SIM_SERVER));
    assert_int_equal(server->state, THREAD_RUNNING);
    assert_int_equal(server->caller, AT(STATE_SIM_CLIENT));
    assert_int_equal(server->pc, 0x10000 + STATE_SIM_SERVER);
    assert_int_equal(state_thread(state, AT(STATE_SIM_CLIENT))->state, THREAD_REPLY);
    const state_queue_t *queue = state_queue(state, AT(STATE_SIM_ENDPOINT));
    assert_int_equal(queue->waiting, 1);
    assert_int_equal(state->waiters[queue->first], AT(STATE_SIM_WAITER));
    const state_space_t *space = state_space(state, AT(STATE_SIM_ROOT));
    assert_int_equal(space->mappings, 2);
    assert_int_equal(state->mappings[space->first + 1].vaddr, 0x11000);
    assert_int_equal(state->mappings[space->first + 1].paddr, 0x80002000);
    state_free(state);
}

static void test_caps(void **unused)
{
    (void)unused;
    u4_error_t err;
    state_sim_fill(memory);
    state_t *state = read_state(&err);
    const state_cap_t *root =
        &state->slots[state_thread(state, AT(STATE_SIM_CLIENT))->slots[STATE_SLOT_CSPACE]].cap;
    uint32_t untyped = state_lookup(state, root, 1), endpoint = state_lookup(state, root, 2),
             badged = state_lookup(state, root, 5);
    assert_int_equal(state_lookup(state, root, 3), STATE_NONE);
    assert_int_equal(state_lookup(state, root, 8 + 2), STATE_NONE); /* the guard is 0 */
    check_words(state, badged, "endpoint 0x80003000 s--- badge 0x7", "cnode 0x80002000[5]");
    check_words(state, state_thread(state, AT(STATE_SIM_SERVER))->slots[STATE_SLOT_CALLER],
                "reply to client", "server.caller");
    assert_int_equal(state->slots[badged].parent, endpoint);
    assert_int_equal(state->slots[endpoint].parent, untyped);
    assert_int_equal(state->slots[badged].depth, 2);
    assert_int_equal(state_holder(state, AT(STATE_SIM_ENDPOINT)), endpoint);
    assert_int_equal(state->slots[endpoint].next_same, badged);
    state_free(state);
}

static void test_snapshot(void **unused)
{
    (void)unused;
    u4_error_t err;
    state_sim_fill(memory);
    source_t *source = state_sim_source(memory);
    snapshot_t *snapshot = snapshot_take(source, AT(STATE_SIM_TABLE), &err);
    assert_non_null(snapshot);
    assert_true(snapshot_unchanged(snapshot, source));
    snapshot->info.guest_time = 4711;
    size_t length;
    uint8_t *piece = snapshot_pack(snapshot, 0, &length);
    free(piece);
    assert_null(snapshot_pack(snapshot, 1, &length));
    memory[STATE_SIM_CLIENT] ^= 1;
    assert_false(snapshot_unchanged(snapshot, source));
    memset(memory, 0xff, sizeof(memory));
    piece = snapshot_pack(snapshot, 0, &length);
    snapshot_parts_t *parts = snapshot_parts_new();
    snapshot_t *again = snapshot_unpack(parts, piece, length, &err);
    assert_non_null(again);
    assert_int_equal(again->info.guest_time, 4711);
    assert_int_equal(again->state->slot_count, snapshot->state->slot_count);
    assert_null(snapshot_unpack(parts, piece, length - 1, &err));
    assert_true(err.text[0] != 0);
    snapshot_parts_free(parts);
    free(piece);
    snapshot_free(again);
    snapshot_free(snapshot);
    source_close(source);
}

/* The model begins with it: names, states, waits, and the call that is under way. */
static void test_model(void **unused)
{
    (void)unused;
    u4_error_t err;
    state_sim_fill(memory);
    state_t *state = read_state(&err);
    model_t *model = model_new(schema_builtin(), 10000000, 0);
    model_load(model, state, 100, false);
    thread_t *client = model_thread(model, (uint32_t)AT(STATE_SIM_CLIENT));
    thread_t *waiter = model_thread(model, (uint32_t)AT(STATE_SIM_WAITER));
    assert_string_equal(client->name, "client");
    assert_int_equal(client->state, THREAD_REPLY);
    assert_true(client->call.active);
    assert_string_equal(client->call.server->name, "server");
    assert_int_equal(waiter->state, THREAD_RECEIVING);
    assert_int_equal(waiter->wait_object->ref, (uint32_t)AT(STATE_SIM_ENDPOINT));
    event_t event;
    trace_record_t record =
        SIM_EVENT("sched.switch", 200, AT(STATE_SIM_SERVER), {"next", AT(STATE_SIM_WAITER)}, );
    model_record(model, 0, 0, &record, &event);
    assert_true(event.effects & EFFECT_THREAD_NEW);
    assert_int_equal(thread_time_in(model, client, THREAD_REPLY), 0);
    model_free(model);
    state_free(state);
}

/* Whatever is in memory, reading it ends. */
static void test_garbage(void **unused)
{
    (void)unused;
    uint64_t random = 1;
    for (int i = 0; i < 3000; i++) {
        u4_error_t err;
        state_sim_fill(memory);
        for (int n = 0; n <= i % 16; n++) {
            uint32_t at = next_random(&random) % (STATE_SIM_SIZE / 8) * 8;
            uint64_t value = (uint64_t)next_random(&random) << 33 ^ next_random(&random);
            if (i % 3) { /* a pointer to somewhere in there */
                value = 0xffffffc000000000ull + AT(value % STATE_SIM_SIZE & ~7ull);
            }
            memcpy(memory + at, &value, sizeof(value));
        }
        source_t *source = state_sim_source(memory);
        state_t *state = state_read(source, AT(STATE_SIM_TABLE), &err);
        state_free(state);
        source_close(source);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads),  cmocka_unit_test(test_caps),
        cmocka_unit_test(test_snapshot), cmocka_unit_test(test_model),
        cmocka_unit_test(test_garbage),
    };
    return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
