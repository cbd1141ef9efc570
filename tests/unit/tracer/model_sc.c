/* SPDX-License-Identifier: BSD-2-Clause */
/* What the model makes of scheduling contexts: budgets, lending, waiting for the next refill. */
#include "unit.h"

#include "sim.h"
#include "trace/ids.h"
#include "u4trace/model.h"

enum { A = 0x80001000, B = 0x80002000, SERVER = 0x80003000, SC = 0x80030000, NONE = 0x80040000 };

typedef struct {
    model_t *model;
    uint64_t position;
    trace_record_t record;
    event_t event;
} world_t;

static const event_t *play(world_t *w, trace_record_t record)
{
    w->record = record;
    model_record(w->model, 0, w->position++, &w->record, &w->event);
    return &w->event;
}

#define PLAY(...) play(w, SIM_EVENT(__VA_ARGS__))
#define SWITCH(time, from, to, why) \
    PLAY("sched.switch", time, from, {"next", to}, {"reason", TRACE_SWITCH_REASON_##why}, )

/* B runs on SC, 1 ms of each 10 ms; A configures it. */
static world_t *new_world(void)
{
    world_t *w = calloc(1, sizeof(*w));
    w->model = model_new(schema_builtin(), 10000000, 0);
    PLAY("sched.sc_configure", 5, A, {"sc", SC}, {"budget", 1000}, {"period", 10000}, );
    PLAY("thread.create", 6, A, {"thread", B}, );
    PLAY("sched.sc_bind", 7, A, {"bound", 1}, {"sc", SC}, {"object", B}, );
    PLAY("thread.resume", 8, A, {"thread", B}, );
    return w;
}

static void end_world(world_t *w)
{
    model_free(w->model);
    free(w);
}

static void test_budget(void **state)
{
    (void)state;
    world_t *w = new_world();
    const model_sc_t *sc = model_sc(w->model, SC);
    thread_t *b = model_thread(w->model, B);
    assert_int_equal(sc->budget_us, 1000);
    assert_int_equal(sc->period_us, 10000);
    assert_int_equal(b->sc, SC);
    assert_int_equal(sc->thread_uid, b->uid);
    assert_null(model_sc(w->model, NONE));

    SWITCH(10, A, B, PREEMPTED);
    PLAY("sched.sc_charge", 10010, B, {"over", 1}, {"sc", SC}, {"used", 10000}, {"left", 9000}, );
    PLAY("sched.sc_postpone", 10011, B, {"sc", SC}, {"thread", B}, {"until", 100010}, );
    assert_int_equal(b->state, THREAD_RUNNING);
    SWITCH(10012, B, A, BUDGET);
    assert_int_equal(b->state, THREAD_POSTPONED);
    assert_int_equal(b->release, 100010);
    assert_int_equal(sc->used, 10000);
    assert_int_equal(sc->left, 9000);
    assert_int_equal(sc->turns, 1);

    const event_t *e = PLAY("sched.sc_release", 100012, A, {"sc", SC}, {"thread", B}, );
    assert_int_equal(b->state, THREAD_READY);
    assert_int_equal(b->release, 0);
    assert_int_equal(e->waited, 90000);
    assert_ptr_equal(e->other, b);
    assert_int_equal(b->time_in[THREAD_POSTPONED], 90000);
    end_world(w);
}

static void test_without_context(void **state)
{
    (void)state;
    world_t *w = new_world();
    thread_t *b = model_thread(w->model, B);
    PLAY("sched.sc_bind", 20, A, {"bound", 0}, {"sc", SC}, {"object", B}, );
    assert_int_equal(b->state, THREAD_POSTPONED);
    assert_int_equal(b->sc, 0);
    assert_int_equal(model_sc(w->model, SC)->thread_uid, 0);
    PLAY("sched.wake", 21, A, {"thread", B}, );
    assert_int_equal(b->state, THREAD_POSTPONED);
    PLAY("sched.sc_bind", 22, A, {"bound", 1}, {"sc", SC}, {"object", B}, );
    assert_int_equal(b->state, THREAD_READY);
    end_world(w);
}

/* A waiting thread that loses its time still waits. */
static void test_waiting(void **state)
{
    (void)state;
    world_t *w = new_world();
    thread_t *b = model_thread(w->model, B);
    SWITCH(10, A, B, PREEMPTED);
    PLAY("ipc.block", 11, B, {"why", TRACE_BLOCK_KIND_RECV}, {"object", 0x80010000}, );
    SWITCH(12, B, A, BLOCKED);
    PLAY("sched.sc_bind", 20, A, {"bound", 0}, {"sc", SC}, {"object", B}, );
    assert_int_equal(b->state, THREAD_RECEIVING);
    PLAY("sched.sc_postpone", 21, A, {"sc", SC}, {"thread", B}, {"until", 50}, );
    assert_int_equal(b->state, THREAD_RECEIVING);
    end_world(w);
}

static void test_lending(void **state)
{
    (void)state;
    world_t *w = new_world();
    PLAY("thread.create", 9, A, {"thread", SERVER}, );
    thread_t *b = model_thread(w->model, B), *server = model_thread(w->model, SERVER);
    PLAY("sched.sc_donate", 20, B, {"sc", SC}, {"from", B}, {"to", SERVER},
         {"why", TRACE_LEND_REASON_CALL}, );
    assert_int_equal(b->sc, 0);
    assert_int_equal(server->sc, SC);
    assert_int_equal(model_sc(w->model, SC)->thread_uid, server->uid);
    PLAY("sched.sc_donate", 30, SERVER, {"sc", SC}, {"from", SERVER}, {"to", B},
         {"why", TRACE_LEND_REASON_REPLY}, );
    assert_int_equal(b->sc, SC);
    assert_int_equal(server->sc, 0);
    end_world(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_without_context),
        cmocka_unit_test(test_waiting),
        cmocka_unit_test(test_lending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
