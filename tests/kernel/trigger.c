/* SPDX-License-Identifier: BSD-2-Clause */
/* Triggers on events, and filters, set by a program that has the trace capability. */
#include <u4/coro.h>
#include <u4/trace.h>

#include "test.h"

static seL4_CPtr cap(void)
{
    seL4_CPtr trace = u4_trace_cap();

    if (!trace)
        test_skip("a kernel without tracing");
    return trace;
}

static const uint64_t all[TRACE_MASK_WORDS] = {~0ull, ~0ull, ~0ull, ~0ull};
static const uint64_t none[TRACE_MASK_WORDS];
static const uint64_t marks[TRACE_MASK_WORDS] = {[TRACE_WORD_debug_mark] = TRACE_BIT_debug_mark};

/* On every hart. */
static void set_mask(const uint64_t mask[TRACE_MASK_WORDS])
{
    CHECK_OK(u4_trace_set_mask(cap(), U4_TRACE_ALL_HARTS, all, mask));
}

static void arm(seL4_Word index, const trace_trigger_t *trigger)
{
    trace_trigger_t t = *trigger;

    t.state = TRACE_TRIGGER_ARMED;
    CHECK_OK(u4_trace_set_trigger(cap(), index, &t));
}

static trace_trigger_t get(seL4_Word index)
{
    trace_trigger_t t = {0};

    CHECK_OK(u4_trace_get_trigger(cap(), index, &t));
    return t;
}

/* Triggers and masks outlive a test that failed. */
static void begin(void)
{
    for (seL4_Word i = 0; i < TRACE_TRIGGERS; i++)
        CHECK_OK(u4_trace_set_trigger(cap(), i, &(trace_trigger_t){0}));
    CHECK_OK(u4_trace_set_filter(cap(), 0, 0));
    set_mask(marks);
}

static void end(void)
{
    begin();
    set_mask(none);
}

#define ON_VALUE(operator, number) \
    .event = TRACE_DEBUG_MARK, .conditions = 1, \
    .condition = {{TRACE_FIELD_debug_mark_value, .op = operator, .value = number } }

TEST_U4(trigger, match, "a trigger fires once, at the record that has its fields")
{
    trace_trigger_t t = {ON_VALUE(TRACE_OP_EQ, 7)};

    begin();
    arm(0, &t);
    for (seL4_Word value = 5; value < 9; value++)
        u4_trace_mark(3, value);
    u4_trace_mark(3, 7);
    t = get(0);
    CHECK_EQ(t.state, TRACE_TRIGGER_FIRED);
    CHECK_EQ(t.fired, 1);
    CHECK_EQ(t.matched, 1);
    CHECK_EQ(t.record.event, TRACE_DEBUG_MARK);
    CHECK_EQ(t.record.h, 3);
    CHECK_EQ(t.record.ab, 7);
    end();
}

TEST_U4(trigger, operators, "each comparison, and several conditions together")
{
    static const struct {
        uint8_t op;
        seL4_Word value, matched;
    } tries[] = {{TRACE_OP_EQ, 5, 1}, {TRACE_OP_NE, 5, 9},  {TRACE_OP_LT, 4, 4},
                 {TRACE_OP_GE, 4, 6}, {TRACE_OP_ANY, 6, 6}, {TRACE_OP_NONE, 6, 4},
                 {99, 0, 0}};

    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        trace_trigger_t t = {ON_VALUE(tries[i].op, tries[i].value),
                             .actions = TRACE_TRIGGER_REPEAT};

        begin();
        arm(1, &t);
        for (seL4_Word value = 0; value < 10; value++)
            u4_trace_mark(i, value);
        CHECK_EQ(get(1).matched, tries[i].matched);
        CHECK_EQ(get(1).fired, tries[i].matched);
        t.conditions = 2;
        t.condition[1] = (trace_condition_t){TRACE_FIELD_debug_mark_kind, .value = 99};
        arm(1, &t);
        u4_trace_mark(i, tries[i].value);
        CHECK_EQ(get(1).matched, 0);
    }
    end();
}

TEST_U4(trigger, skip_after, "matches are skipped first, records let pass before it acts")
{
    trace_trigger_t t = {ON_VALUE(TRACE_OP_GE, 10), .skip = 2, .after = 3};

    begin();
    arm(7, &t);
    for (seL4_Word value = 9; value < 13; value++)
        u4_trace_mark(0, value);
    CHECK_EQ(get(7).state, TRACE_TRIGGER_COUNTING);
    CHECK_EQ(get(7).record.ab, 12);
    u4_trace_mark(0, 1);
    u4_trace_mark(0, 2);
    CHECK_EQ(get(7).fired, 0);
    u4_trace_mark(0, 3);
    CHECK_EQ(get(7).fired, 1);
    CHECK_EQ(get(7).record.ab, 12);
    end();
}

static void check_mask(seL4_Word target, const uint64_t expected[TRACE_MASK_WORDS])
{
    uint64_t mask[TRACE_MASK_WORDS];

    CHECK_OK(u4_trace_get_mask(cap(), target, mask));
    for (int i = 0; i < TRACE_MASK_WORDS; i++)
        CHECK_EQ(mask[i], expected[i]);
}

TEST_U4(trigger, masks, "recording starts and stops at an event")
{
    static const uint64_t ipc[] = TRACE_CLASS_MASK_IPC;
    uint64_t both[TRACE_MASK_WORDS];
    trace_trigger_t start = {ON_VALUE(TRACE_OP_EQ, 1), .actions = TRACE_TRIGGER_MASK};
    trace_trigger_t stop = {ON_VALUE(TRACE_OP_EQ, 2), .actions = TRACE_TRIGGER_MASK};
    trace_trigger_t freeze = {ON_VALUE(TRACE_OP_EQ, 3), .actions = TRACE_TRIGGER_FREEZE};

    for (int i = 0; i < TRACE_MASK_WORDS; i++) {
        start.set[i] = stop.clear[i] = ipc[i];
        both[i] = marks[i] | ipc[i];
    }
    begin();
    arm(0, &start);
    arm(1, &stop);
    arm(2, &freeze);
    check_mask(0, marks);
    u4_trace_mark(0, 1);
    check_mask(0, both);
    u4_trace_mark(0, 2);
    check_mask(0, marks);
    CHECK_OK(u4_trace_set_mask(cap(), U4_TRACE_USER_RINGS, NULL, ipc));
    u4_trace_mark(0, 3);
    check_mask(0, none);
    check_mask(U4_TRACE_USER_RINGS, none);
    CHECK_EQ(get(2).fired, 1);
    u4_trace_mark(0, 1);
    CHECK_EQ(get(0).fired, 1);
    end();
}

/* Until the clock has gone on. */
static void wait_tick(void)
{
    for (uint64_t begun = u4_now(); u4_now() == begun;)
        ;
}

TEST_U4(trigger, since, "a trigger looks at the time since another one's mark with the same key")
{
    trace_trigger_t mark = {.event = TRACE_DEBUG_MARK,
                            .actions = TRACE_TRIGGER_MARK,
                            .conditions = 1,
                            .condition = {{TRACE_FIELD_debug_mark_kind, .value = 1}},
                            .key = {TRACE_FIELD_debug_mark_value}};
    trace_trigger_t late = mark;

    late.actions = TRACE_TRIGGER_REPEAT;
    late.condition[0].value = 2;
    late.since = 1;
    begin();
    arm(0, &mark);
    arm(1, &late);
    u4_trace_mark(1, 100);
    u4_trace_mark(1, 200);
    wait_tick();
    u4_trace_mark(2, 300);
    CHECK_EQ(get(1).fired, 0);
    u4_trace_mark(2, 200);
    u4_trace_mark(2, 200);
    CHECK_EQ(get(1).fired, 1);
    CHECK_EQ(get(1).record.ab, 200);
    late.ticks = 1ull << 40;
    arm(1, &late);
    u4_trace_mark(2, 100);
    CHECK_EQ(get(1).fired, 0);
    CHECK_EQ(get(0).matched, 2);
    CHECK_EQ(get(0).state, TRACE_TRIGGER_ARMED);
    end();
}

static void serve(u4_thread_t *self)
{
    seL4_CPtr endpoint = *(seL4_CPtr *)self->argument;
    seL4_Word badge;

    (void)seL4_Recv(endpoint, &badge);
    for (;;)
        (void)seL4_ReplyRecv(endpoint, seL4_MessageInfo_new(0, 0, 0, 0), &badge);
}

TEST_U4(trigger, fast_path, "what the fast path says in one record is looked at as two events")
{
    static const uint64_t ipc[] = TRACE_CLASS_MASK_IPC;
    seL4_CPtr endpoint = make_endpoint();
    trace_trigger_t reply = {
        .event = TRACE_IPC_TRANSFER,
        .actions = TRACE_TRIGGER_REPEAT,
        .conditions = 1,
        .condition = {{TRACE_FIELD_ipc_transfer_kind, .value = TRACE_IPC_KIND_REPLY}}};
    trace_trigger_t block = {
        .event = TRACE_IPC_BLOCK,
        .actions = TRACE_TRIGGER_REPEAT,
        .conditions = 1,
        .condition = {{TRACE_FIELD_ipc_block_why, .value = TRACE_BLOCK_KIND_RECV}}};

    begin();
    start(thread("server", PRIO_HIGH, serve, &endpoint));
    set_mask(ipc);
    arm(0, &reply);
    arm(1, &block);
    for (int i = 0; i < 3; i++)
        (void)seL4_Call(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
    CHECK_EQ(get(0).fired, 3);
    CHECK_EQ(get(1).fired, 3);
    end();
}

TEST_U4(trigger, stop, "without a debugger, stopping is nothing")
{
    trace_trigger_t t = {ON_VALUE(TRACE_OP_EQ, 1),
                         .actions = TRACE_TRIGGER_STOP | TRACE_TRIGGER_REPEAT};

    begin();
    arm(0, &t);
    u4_trace_mark(0, 1);
    u4_trace_mark(0, 1);
    CHECK_EQ(get(0).fired, 2);
    end();
}

TEST_U4(trigger, filter, "with a filter only events of the thread, and about the object, are there")
{
    trace_trigger_t t = {.event = TRACE_DEBUG_MARK, .actions = TRACE_TRIGGER_REPEAT};
    uint32_t self;

    begin();
    arm(0, &t);
    u4_trace_mark(0, 0);
    self = get(0).record.thread;
    CHECK_EQ(get(0).matched, 1);
    CHECK_OK(u4_trace_set_filter(cap(), self, 0));
    u4_trace_mark(0, 1);
    CHECK_EQ(get(0).matched, 2);
    CHECK_OK(u4_trace_set_filter(cap(), self + 64, 0));
    u4_trace_mark(0, 2);
    CHECK_EQ(get(0).matched, 2);
    CHECK_OK(u4_trace_set_filter(cap(), 0, 64));
    u4_trace_mark(0, 3); /* an event without an object */
    CHECK_EQ(get(0).matched, 3);
    CHECK_OK(u4_trace_set_filter(cap(), 0, 0));
    u4_trace_mark(0, 4);
    CHECK_EQ(get(0).matched, 4);
    end();
}

TEST_U4(trigger, filter_object, "signals of one notification pass, those of another do not")
{
    static const uint64_t ntfn[] = TRACE_CLASS_MASK_NTFN;
    seL4_CPtr one = make_notification(), other = make_notification();
    trace_trigger_t t = {.event = TRACE_NTFN_SIGNAL, .actions = TRACE_TRIGGER_REPEAT};

    begin();
    set_mask(ntfn);
    arm(0, &t);
    seL4_Signal(one);
    CHECK_EQ(get(0).matched, 1);
    CHECK_OK(u4_trace_set_filter(cap(), 0, get(0).record.a));
    seL4_Signal(one);
    seL4_Signal(other);
    CHECK_EQ(get(0).matched, 2);
    CHECK_OK(u4_trace_set_filter(cap(), get(0).record.thread, get(0).record.a));
    seL4_Signal(one);
    seL4_Signal(other);
    CHECK_EQ(get(0).matched, 3);
    end();
}

TEST_U4(trigger, errors, "what cannot be a trigger is refused")
{
    trace_trigger_t t = {.event = TRACE_DEBUG_MARK};

    begin();
    CHECK_ERROR(u4_trace_set_trigger(cap(), TRACE_TRIGGERS, &t), seL4_RangeError);
    CHECK_WORDS(0, TRACE_TRIGGERS - 1);
    CHECK_ERROR(u4_trace_get_trigger(cap(), TRACE_TRIGGERS, &t), seL4_RangeError);
    CHECK_ERROR(raw(cap(), U4TraceSetTrigger, 0, TRACE_TRIGGER_WORDS), seL4_TruncatedMessage);
    CHECK_ERROR(raw(cap(), U4TraceGetTrigger, 0, 0), seL4_TruncatedMessage);
    t.actions = TRACE_TRIGGER_HOLD;
    CHECK_ERROR(u4_trace_set_trigger(cap(), 0, &t), seL4_IllegalOperation);
    t.actions = 0;
    t.conditions = TRACE_CONDITIONS + 1;
    CHECK_ERROR(u4_trace_set_trigger(cap(), 0, &t), seL4_RangeError);
    CHECK_ERROR(raw(cap(), U4TraceSetFilter, 0, 1), seL4_TruncatedMessage);
    end();
}
