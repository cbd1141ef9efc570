/* SPDX-License-Identifier: BSD-2-Clause */
/* What the model makes of events: states, calls, wakes with their causes, names, lives, losses. */
#include "unit.h"

#include "sim.h"
#include "u4trace/format.h"
#include "trace/ids.h"
#include "u4trace/model.h"

enum { A = 0x80001000, B = 0x80002000, C = 0x80003000, EP = 0x80010000, NTFN = 0x80020000 };

typedef struct {
    model_t *model;
    uint64_t positions[4];
    trace_record_t record;
    event_t event;
} world_t;

static world_t *new_world(void)
{
    world_t *w = calloc(1, sizeof(*w));
    w->model = model_new(schema_builtin(), 10000000, 0);
    return w;
}

static void end_world(world_t *w)
{
    model_free(w->model);
    free(w);
}

static const event_t *play(world_t *w, uint32_t ring, trace_record_t record)
{
    w->record = record;
    model_record(w->model, ring, w->positions[ring]++, &w->record, &w->event);
    return &w->event;
}

#define PLAY(...) play(w, 0, SIM_EVENT(__VA_ARGS__))
#define SWITCH(time, from, to, why) \
    PLAY("sched.switch", time, from, {"next", to}, {"reason", TRACE_SWITCH_REASON_##why}, )

static void name_thread(world_t *w, uint64_t time, uint32_t thread, const char *name)
{
    size_t length = strlen(name);
    for (size_t offset = 0; offset == 0 || offset < length; offset += 12) {
        trace_record_t r =
            SIM_EVENT("thread.name", time, A, {"offset", offset}, {"thread", thread}, );
        char text[12] = "";
        memcpy(text, name + offset, length - offset < 12 ? length - offset : 12);
        memcpy((char *)&r + 20, text, 12);
        play(w, 0, r);
    }
}

/* Client A calls server B, which waits: kernel entry 100, transfer 110, B runs 120, replies 200,
 * A runs 230. */
static void test_call(void **state)
{
    (void)state;
    world_t *w = new_world();
    PLAY("ipc.block", 10, B, {"why", TRACE_BLOCK_KIND_RECV}, {"object", EP}, );
    assert_int_equal(w->event.effects & EFFECT_BLOCKED, EFFECT_BLOCKED);
    SWITCH(12, B, A, BLOCKED);
    thread_t *a = model_thread(w->model, A), *b = model_thread(w->model, B);
    assert_int_equal(a->state, THREAD_RUNNING);
    assert_int_equal(b->state, THREAD_RECEIVING);
    assert_int_equal(model_object(w->model, EP)->waiting, 1);
    PLAY("kernel.entry", 100, A, {"kind", TRACE_ENTRY_KIND_SYSCALL},
         {"call", TRACE_SYSCALL_CALL}, );
    const event_t *e = PLAY("ipc.transfer", 110, A, {"kind", TRACE_IPC_KIND_CALL}, {"peer", B},
                            {"endpoint", EP}, {"badge", 7}, {"length", 3}, );
    assert_int_equal(e->effects & (EFFECT_CALL_BEGUN | EFFECT_CALL_RECEIVED),
                     EFFECT_CALL_BEGUN | EFFECT_CALL_RECEIVED);
    assert_int_equal(e->waited, 100);
    assert_ptr_equal(e->other, b);
    assert_int_equal(e->cause.id, TRACE_IPC_BLOCK);
    assert_int_equal(e->call->begun, 100);
    assert_int_equal(e->call->received, 110);
    assert_int_equal(e->call->badge, 7);
    assert_ptr_equal(e->call->server, b);
    assert_int_equal(model_object(w->model, EP)->waiting, 0);
    e = PLAY("sched.wake", 111, A, {"thread", B}, {"reason", TRACE_WAKE_REASON_MESSAGE},
             {"object", EP}, );
    assert_int_equal(e->cause.id, TRACE_IPC_TRANSFER);
    e = SWITCH(120, A, B, BLOCKED);
    assert_int_equal(e->cause.id, TRACE_SCHED_WAKE);
    assert_int_equal(a->state, THREAD_REPLY);
    e = PLAY("ipc.transfer", 200, B, {"kind", TRACE_IPC_KIND_REPLY}, {"peer", A}, {"length", 1}, );
    assert_int_equal(e->effects & EFFECT_CALL_REPLIED, EFFECT_CALL_REPLIED);
    assert_ptr_equal(e->call, &a->call);
    assert_int_equal(e->cause.id, TRACE_IPC_TRANSFER);
    PLAY("sched.wake", 201, B, {"thread", A}, {"reason", TRACE_WAKE_REASON_REPLY}, );
    assert_int_equal(a->state, THREAD_READY);
    PLAY("ipc.block", 205, B, {"why", TRACE_BLOCK_KIND_RECV}, {"object", EP}, );
    e = SWITCH(230, B, A, BLOCKED);
    assert_int_equal(e->effects & EFFECT_CALL_DONE, EFFECT_CALL_DONE);
    assert_int_equal(e->done->begun, 100);
    assert_int_equal(e->done->replied, 200);
    assert_int_equal(e->done->done, 230);
    assert_true(e->done->certain);
    assert_false(a->call.active);
    assert_int_equal(thread_time_in(w->model, a, THREAD_REPLY), 200 - 120);
    assert_int_equal(thread_time_in(w->model, a, THREAD_READY), 30);
    assert_int_equal(thread_time_in(w->model, b, THREAD_RUNNING), 12 - 10 + 230 - 120);
    assert_int_equal(w->model->unexplained_switches, 0);
    end_world(w);
}

/* The server is busy: A blocks at 100, B receives at 300, replies at 350, A runs at 360. */
static void test_call_that_waits(void **state)
{
    (void)state;
    world_t *w = new_world();
    const event_t *e =
        PLAY("ipc.block", 100, A, {"why", TRACE_BLOCK_KIND_CALL}, {"object", EP}, {"badge", 9}, );
    assert_int_equal(e->effects & EFFECT_CALL_BEGUN, EFFECT_CALL_BEGUN);
    SWITCH(110, A, B, BLOCKED);
    assert_int_equal(model_thread(w->model, A)->state, THREAD_CALLING);
    e = PLAY("ipc.transfer", 300, B, {"kind", TRACE_IPC_KIND_CALL},
             {"side", TRACE_IPC_SIDE_RECEIVER}, {"peer", A}, {"endpoint", EP}, {"badge", 9}, );
    assert_int_equal(e->effects & EFFECT_CALL_RECEIVED, EFFECT_CALL_RECEIVED);
    assert_int_equal(e->effects & EFFECT_CALL_BEGUN, 0);
    assert_int_equal(e->waited, 200);
    assert_int_equal(e->cause.id, TRACE_IPC_BLOCK);
    assert_int_equal(model_thread(w->model, A)->state, THREAD_REPLY);
    assert_int_equal(model_thread(w->model, B)->state, THREAD_RUNNING);
    PLAY("ipc.transfer", 350, B, {"kind", TRACE_IPC_KIND_REPLY}, {"peer", A}, );
    e = SWITCH(360, B, A, PREEMPTED);
    assert_int_equal(e->done->begun, 100);
    assert_int_equal(e->done->received, 300);
    assert_int_equal(model_thread(w->model, B)->state, THREAD_READY);
    assert_int_equal(model_thread(w->model, B)->preemptions, 1);
    end_world(w);
}

static void test_send(void **state)
{
    (void)state;
    world_t *w = new_world();
    PLAY("ipc.block", 100, A, {"why", TRACE_BLOCK_KIND_SEND}, {"object", EP}, );
    SWITCH(110, A, B, BLOCKED);
    const event_t *e = PLAY("ipc.transfer", 150, B, {"kind", TRACE_IPC_KIND_SEND},
                            {"side", TRACE_IPC_SIDE_RECEIVER}, {"peer", A}, {"endpoint", EP}, );
    assert_int_equal(e->effects & EFFECT_CALL_DONE, EFFECT_CALL_DONE);
    assert_int_equal(e->done->begun, 100);
    assert_int_equal(e->done->done, 150);
    assert_int_equal(model_thread(w->model, A)->state, THREAD_READY);
    e = PLAY("ipc.transfer", 160, B, {"kind", TRACE_IPC_KIND_NBSEND}, {"peer", C},
             {"endpoint", EP}, );
    assert_int_equal(e->effects & EFFECT_CALL_DONE, EFFECT_CALL_DONE);
    assert_int_equal(e->done->kind, TRACE_IPC_KIND_NBSEND);
    end_world(w);
}

static void test_signal(void **state)
{
    (void)state;
    world_t *w = new_world();
    PLAY("ipc.block", 10, B, {"why", TRACE_BLOCK_KIND_NTFN}, {"object", NTFN}, );
    SWITCH(11, B, A, BLOCKED);
    assert_int_equal(model_thread(w->model, B)->state, THREAD_NTFN);
    const event_t *e = PLAY("ntfn.signal", 50, A, {"outcome", TRACE_SIGNAL_OUTCOME_WOKE},
                            {"ntfn", NTFN}, {"woken", B}, {"badge", 1}, );
    assert_int_equal(e->waited, 40);
    e = PLAY("sched.wake", 51, A, {"thread", B}, {"reason", TRACE_WAKE_REASON_SIGNAL},
             {"object", NTFN}, );
    assert_int_equal(e->cause.id, TRACE_NTFN_SIGNAL);
    assert_int_equal(e->object->ref, NTFN);
    PLAY("ntfn.signal", 60, A, {"outcome", TRACE_SIGNAL_OUTCOME_STORED}, {"ntfn", NTFN},
         {"badge", 4}, );
    PLAY("ntfn.signal", 61, A, {"outcome", TRACE_SIGNAL_OUTCOME_MERGED}, {"ntfn", NTFN},
         {"badge", 2}, );
    assert_int_equal(model_object(w->model, NTFN)->pending, 6);
    SWITCH(70, A, B, PREEMPTED);
    e = PLAY("ntfn.receive", 80, B, {"ntfn", NTFN}, {"badge", 6}, );
    assert_int_equal(e->cause.time, 61);
    assert_int_equal(model_object(w->model, NTFN)->pending, 0);
    assert_int_equal(model_object(w->model, NTFN)->count, 3);
    end_world(w);
}

static void test_names(void **state)
{
    (void)state;
    world_t *w = new_world();
    PLAY("thread.create", 1, A, {"thread", B}, );
    assert_int_equal(w->event.effects & EFFECT_THREAD_NEW, EFFECT_THREAD_NEW);
    assert_string_equal(model_thread(w->model, B)->name, "tcb@80002000");
    assert_int_equal(model_thread(w->model, B)->state, THREAD_STOPPED);
    name_thread(w, 2, B, "a-name-of-three-pieces-in-all");
    assert_int_equal(w->event.effects & EFFECT_THREAD_NAMED, EFFECT_THREAD_NAMED);
    assert_string_equal(w->event.other->name, "a-name-of-three-pieces-in-all");
    name_thread(w, 3, B, "short");
    assert_string_equal(w->event.other->name, "short");
    PLAY("thread.configure", 4, A, {"thread", B}, {"vspace", 0x80700000}, {"cspace", 0x80701000}, );
    assert_string_equal(w->event.other->process->name, "short");
    assert_int_equal(w->event.other->process->id, 1);
    PLAY("thread.configure", 5, A, {"thread", C}, {"vspace", 0x80700000}, );
    assert_ptr_equal(model_thread(w->model, C)->process, model_thread(w->model, B)->process);
    assert_int_equal(model_thread(w->model, C)->process->threads, 2);
    assert_int_equal(w->model->process_count, 2);
    end_world(w);
}

/* A TCB made where another one was is another thread. */
static void test_lives(void **state)
{
    (void)state;
    world_t *w = new_world();
    PLAY("thread.create", 1, A, {"thread", B}, );
    name_thread(w, 2, B, "first");
    PLAY("thread.configure", 3, A, {"thread", B}, {"vspace", 0x80700000}, );
    PLAY("ipc.block", 4, A, {"why", TRACE_BLOCK_KIND_CALL}, {"object", EP}, );
    PLAY("ipc.transfer", 5, B, {"kind", TRACE_IPC_KIND_CALL}, {"side", TRACE_IPC_SIDE_RECEIVER},
         {"peer", A}, {"endpoint", EP}, );
    thread_t *a = model_thread(w->model, A);
    assert_non_null(a->call.server);
    uint32_t uid = model_thread(w->model, B)->uid;
    const event_t *e = PLAY("thread.delete", 6, C, {"thread", B}, );
    assert_int_equal(e->effects & EFFECT_THREAD_GONE, EFFECT_THREAD_GONE);
    assert_int_equal(e->gone->uid, uid);
    assert_string_equal(e->gone->name, "first");
    assert_int_equal(e->gone->state, THREAD_DEAD);
    assert_null(model_thread(w->model, B));
    assert_null(a->call.server);
    assert_int_equal(w->model->process_count, 1);
    PLAY("thread.create", 7, C, {"thread", B}, );
    assert_int_not_equal(model_thread(w->model, B)->uid, uid);
    assert_string_equal(model_thread(w->model, B)->name, "tcb@80002000");
    /* The deletion was lost: creation again is a new life, too. */
    uid = model_thread(w->model, B)->uid;
    e = PLAY("thread.create", 8, C, {"thread", B}, );
    assert_int_equal(e->gone->uid, uid);
    assert_int_not_equal(model_thread(w->model, B)->uid, uid);
    /* Endpoints the same. */
    uint32_t ep = model_object(w->model, EP)->uid;
    PLAY("cap.delete", 9, C, {"final", 1}, {"type", TRACE_CAPTYPE_ENDPOINT}, {"object", EP}, );
    assert_null(model_object(w->model, EP));
    PLAY("cap.make", 10, C, {"type", TRACE_CAPTYPE_ENDPOINT}, {"object", EP}, );
    assert_int_not_equal(model_object(w->model, EP)->uid, ep);
    assert_int_equal(w->model->caps_deleted[TRACE_CAPTYPE_ENDPOINT], 1);
    end_world(w);
}

static void test_idle(void **state)
{
    (void)state;
    world_t *w = new_world();
    SWITCH(10, A, B, BLOCKED);
    SWITCH(20, B, A, IDLE);
    thread_t *idle = model_thread(w->model, B);
    assert_true(idle->idle);
    assert_string_equal(idle->name, "idle");
    assert_int_equal(thread_time_in(w->model, idle, THREAD_IDLE), 10);
    assert_int_equal(thread_time_in(w->model, idle, THREAD_RUNNING), 0);
    assert_int_equal(w->model->harts[0].idle_time, 10);
    end_world(w);
}

static void test_unexplained_switch(void **state)
{
    (void)state;
    world_t *w = new_world();
    PLAY("user.mark", 10, A, {"id", 1}, );
    assert_int_equal(w->event.effects & EFFECT_UNEXPLAINED, 0);
    const event_t *e = PLAY("user.mark", 20, B, {"id", 1}, );
    assert_int_equal(e->effects & EFFECT_UNEXPLAINED, EFFECT_UNEXPLAINED);
    assert_int_equal(e->prev->ref, A);
    assert_int_equal(w->model->unexplained_switches, 1);
    assert_int_equal(model_thread(w->model, A)->state, THREAD_READY);
    assert_int_equal(model_thread(w->model, B)->state, THREAD_RUNNING);
    end_world(w);
}

/* A loss makes calls uncertain and states unknown, and is not taken for a silent switch. */
static void test_loss(void **state)
{
    (void)state;
    world_t *w = new_world();
    PLAY("ipc.transfer", 10, A, {"kind", TRACE_IPC_KIND_CALL}, {"peer", B}, {"endpoint", EP}, );
    SWITCH(11, A, B, BLOCKED);
    model_loss(w->model, 0, w->positions[0], 5);
    w->positions[0] += 5;
    assert_int_equal(model_thread(w->model, A)->state, THREAD_UNKNOWN);
    PLAY("user.mark", 100, C, {"id", 1}, );
    assert_int_equal(w->event.effects & EFFECT_UNEXPLAINED, 0);
    assert_int_equal(w->model->unexplained_switches, 0);
    assert_int_equal(thread_time_in(w->model, model_thread(w->model, B), THREAD_RUNNING), 0);
    assert_int_equal(thread_time_in(w->model, model_thread(w->model, B), THREAD_UNKNOWN), 89);
    PLAY("ipc.transfer", 110, C, {"kind", TRACE_IPC_KIND_REPLY}, {"peer", A}, );
    const event_t *e = SWITCH(120, C, A, PREEMPTED);
    assert_int_equal(e->effects & EFFECT_CALL_DONE, EFFECT_CALL_DONE);
    assert_false(e->done->certain);
    const ring_account_t *ring = &w->model->rings[0];
    assert_int_equal(ring->kept, 5);
    assert_int_equal(ring->lost, 5);
    assert_int_equal(ring->gaps, 1);
    assert_int_equal(ring->next, ring->skipped + ring->kept + ring->lost);
    end_world(w);
}

static void test_harts(void **state)
{
    (void)state;
    world_t *w = new_world();
    play(w, 0, SIM_EVENT("user.mark", 10, A, {"id", 1}, ));
    play(w, 1, SIM_EVENT("user.mark", 11, B, {"id", 1}, ));
    assert_ptr_equal(w->model->harts[0].current, model_thread(w->model, A));
    assert_ptr_equal(w->model->harts[1].current, model_thread(w->model, B));
    play(w, 1,
         SIM_EVENT("sched.switch", 12, B, {"next", A}, {"reason", TRACE_SWITCH_REASON_BLOCKED}, ));
    assert_ptr_equal(w->model->harts[1].current, model_thread(w->model, A));
    assert_null(w->model->harts[0].current); /* A cannot be on both */
    assert_int_equal(model_thread(w->model, B)->state, THREAD_BLOCKED);
    end_world(w);
}

static void test_text(void **state)
{
    (void)state;
    world_t *w = new_world();
    name_thread(w, 1, B, "fs");
    PLAY("ipc.transfer", 12345678, A, {"kind", TRACE_IPC_KIND_CALL}, {"peer", B}, {"length", 2},
         {"endpoint", EP}, {"badge", 0x1f}, );
    char text[FORMAT_MAX];
    *format_fields(text, text + sizeof(text) - 1, w->model, &w->event) = 0;
    assert_string_equal(
        text, "kind=call length=2 caps=0 side=sender peer=fs endpoint=0x80010000 badge=0x1f");
    *format_time(text, text + sizeof(text) - 1, w->model, w->event.time) = 0;
    assert_string_equal(text, "1.234567800");
    static const struct {
        uint64_t ns;
        const char *text;
    } durations[] = {{0, "0 ns"},
                     {999, "999 ns"},
                     {1000, "1.000 us"},
                     {12345, "12.34 us"},
                     {123456, "123.4 us"},
                     {1234567, "1.234 ms"},
                     {1000000000, "1.000 s"},
                     {12345678901234, "12345.6 s"}};
    for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
        *format_duration(text, text + sizeof(text) - 1, durations[i].ns) = 0;
        assert_string_equal(text, durations[i].text);
    }
    char tiny[4];
    assert_ptr_equal(format_fields(tiny, tiny + 4, w->model, &w->event), tiny + 4);
    end_world(w);
}

/* Any records whatever: no crash, no growth without bound, accounts that add up. */
static void test_random_records(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        world_t *w = new_world();
        uint64_t random = seed;
        for (unsigned i = 0; i < 60000; i++) {
            trace_record_t r;
            uint32_t *words = (uint32_t *)&r;
            for (unsigned k = 0; k < 8; k++) {
                /* Few different values, so that references meet. */
                words[k] = seed % 2 ? next_random(&random) : next_random(&random) % 64 * 0x1000;
            }
            r.event = (uint16_t)(next_random(&random) % 230);
            r.h = (uint16_t)next_random(&random);
            r.time = i;
            uint32_t ring = next_random(&random) % 4;
            if (next_random(&random) % 1000 == 0) {
                model_loss(w->model, ring, w->positions[ring], 3);
                w->positions[ring] += 3;
            }
            play(w, ring, r);
            char text[FORMAT_MAX];
            assert_true(format_fields(text, text + FORMAT_MAX, w->model, &w->event) <=
                        text + FORMAT_MAX);
        }
        unsigned count = 0;
        for (const thread_t *t = w->model->threads; t; t = t->next) {
            count++;
            assert_ptr_equal(model_thread(w->model, t->ref), t);
        }
        assert_int_equal(count, w->model->thread_count);
        assert_true(count <= 65536);
        for (uint32_t i = 0; i < w->model->ring_count; i++) {
            const ring_account_t *ring = &w->model->rings[i];
            assert_int_equal(ring->next, ring->skipped + ring->kept + ring->lost);
        }
        end_world(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_call),  cmocka_unit_test(test_call_that_waits),
        cmocka_unit_test(test_send),  cmocka_unit_test(test_signal),
        cmocka_unit_test(test_names), cmocka_unit_test(test_lives),
        cmocka_unit_test(test_idle),  cmocka_unit_test(test_unexplained_switch),
        cmocka_unit_test(test_loss),  cmocka_unit_test(test_harts),
        cmocka_unit_test(test_text),  cmocka_unit_test(test_random_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
