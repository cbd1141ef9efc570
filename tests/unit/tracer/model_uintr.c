/* SPDX-License-Identifier: BSD-2-Clause */
/* What the model makes of user interrupts: each vector from its send to its handler. */
#include "unit.h"

#include "sim.h"
#include "trace/ids.h"
#include "u4trace/model.h"

enum { A = 0x80001000, B = 0x80002000, TABLE = 0x80010000, NTFN = 0x80020000, ENTRY = 7 };

typedef struct {
    model_t *model;
    uint64_t positions[3];
    trace_record_t record;
    event_t event;
} world_t;

static const event_t *play(world_t *w, uint32_t ring, trace_record_t record)
{
    w->record = record;
    model_record(w->model, ring, w->positions[ring]++, &w->record, &w->event);
    return &w->event;
}

/* The kernel's ring is 0, A's own 1, B's 2. */
#define KERNEL(...) play(w, 0, SIM_EVENT(__VA_ARGS__))
#define OF_A(...) play(w, 1, SIM_EVENT(__VA_ARGS__))
#define OF_B(...) play(w, 2, SIM_EVENT(__VA_ARGS__))

/* B receives; A sends to it vector 5 by index 3, vector 6 by index 40. */
static world_t *new_world(void)
{
    world_t *w = calloc(1, sizeof(*w));
    w->model = model_new(schema_builtin(), 10000000, 0);
    model_ring(w->model, 1, UINT32_MAX, A);
    model_ring(w->model, 2, UINT32_MAX, B);
    KERNEL("uintr.receiver", 1, A, {"entry", ENTRY}, {"thread", B}, {"ntfn", NTFN}, );
    KERNEL("uintr.table", 2, A, {"thread", A}, {"table", TABLE}, );
    KERNEL("uintr.sender", 3, A, {"vector", 5}, {"table", TABLE}, {"index", 3}, {"ntfn", NTFN},
           {"entry", ENTRY}, );
    KERNEL("uintr.sender", 4, A, {"vector", 6}, {"table", TABLE}, {"index", 40}, {"ntfn", NTFN},
           {"entry", ENTRY}, );
    return w;
}

static void end_world(world_t *w)
{
    model_free(w->model);
    free(w);
}

static void test_flow(void **state)
{
    (void)state;
    world_t *w = new_world();
    const model_uintr_t *u = &w->model->uintr;
    const event_t *e = OF_A("uintr.send", 10, A, {"index", 3}, );
    assert_int_equal(e->object->ref, NTFN);
    OF_A("uintr.send", 11, A, {"index", 3}, );
    OF_A("uintr.send", 12, A, {"index", 40}, );
    assert_int_equal(u->sent, 3);
    assert_int_equal(u->coalesced, 1);
    e = OF_B("uintr.handler", 20, B, {"vectors", 1 << 5 | 1 << 6}, );
    assert_int_equal(e->effects & EFFECT_UINTR_ARRIVED, EFFECT_UINTR_ARRIVED);
    assert_int_equal(u->arrived_count, 2);
    assert_int_equal(u->arrived[0].vector, 5);
    assert_int_equal(u->arrived[0].cause.time, 10);
    assert_int_equal(u->arrived[1].vector, 6);
    assert_int_equal(u->arrived[1].cause.time, 12);
    assert_int_equal(e->cause.time, 10);
    assert_int_equal(u->delivered, 2);
    e = OF_B("uintr.handler", 30, B, {"vectors", 0}, );
    assert_int_equal(e->effects & EFFECT_UINTR_ARRIVED, 0);
    end_world(w);
}

/* What a program told of is not counted again when the kernel emulates it. */
static void test_emulated(void **state)
{
    (void)state;
    world_t *w = new_world();
    const model_uintr_t *u = &w->model->uintr;
    OF_A("uintr.send", 10, A, {"index", 3}, );
    KERNEL("uintr.post", 11, A, {"vector", 5}, {"source", TRACE_UINTR_SOURCE_SEND},
           {"entry", ENTRY}, {"index", 3}, );
    assert_int_equal(u->sent, 1);
    KERNEL("uintr.post", 12, A, {"vector", 6}, {"source", TRACE_UINTR_SOURCE_SEND},
           {"entry", ENTRY}, {"index", 40}, );
    assert_int_equal(u->sent, 2);
    assert_int_equal(u->coalesced, 0);
    KERNEL("uintr.post", 13, A, {"source", TRACE_UINTR_SOURCE_SEND},
           {"outcome", TRACE_UINTR_OUTCOME_NO_ENTRY}, {"index", 41}, );
    assert_int_equal(u->ignored, 1);
    const event_t *e = KERNEL("uintr.wake", 20, A, {"entry", ENTRY}, {"thread", B}, {"ntfn", NTFN},
                              {"vectors", 1 << 5 | 1 << 6}, );
    assert_int_equal(e->other->ref, B);
    assert_int_equal(u->delivered, 2);
    end_world(w);
}

/* Within one tick of the clock a handler may be seen before the send. */
static void test_tie(void **state)
{
    (void)state;
    world_t *w = new_world();
    OF_B("uintr.handler", 10, B, {"vectors", 1 << 5}, );
    assert_int_equal(w->model->uintr.delivered, 0);
    OF_A("uintr.send", 10, A, {"index", 3}, );
    assert_int_equal(w->model->uintr.delivered, 1);
    assert_int_equal(w->model->uintr.coalesced, 0);
    OF_A("uintr.send", 11, A, {"index", 3}, );
    assert_int_equal(w->model->uintr.delivered, 1);
    end_world(w);
}

static void test_end(void **state)
{
    (void)state;
    world_t *w = new_world();
    OF_A("uintr.send", 10, A, {"index", 3}, );
    KERNEL("uintr.sender_end", 11, A, {"table", TABLE}, {"index", 3}, );
    OF_A("uintr.send", 12, A, {"index", 3}, );
    OF_A("uintr.send", 13, A, {"index", 99999}, );
    assert_int_equal(w->model->uintr.sent, 1);
    KERNEL("uintr.receiver_end", 14, A, {"entry", ENTRY}, {"thread", B}, {"ntfn", NTFN}, );
    assert_int_equal(w->model->uintr.dropped, 1);
    OF_B("uintr.handler", 15, B, {"vectors", 1 << 5}, );
    assert_int_equal(w->model->uintr.delivered, 0);
    end_world(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flow),
        cmocka_unit_test(test_emulated),
        cmocka_unit_test(test_tie),
        cmocka_unit_test(test_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
