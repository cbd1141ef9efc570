/* SPDX-License-Identifier: BSD-2-Clause */
/* Triggers say to the kernel what the same filter says to the tools. */
#include "unit.h"

#include <stdio.h>

#include "sim.h"
#include "u4trace/filter.h"
#include "u4trace/trigger.h"

enum { HZ = 10000000 };

static const uint32_t FS = 0x80403000;

static bool name_of(void *context, const char *name, uint32_t *ref)
{
    (void)context;
    *ref = FS;
    return strcmp(name, "fs") == 0;
}

static bool parse(const char *text, trigger_plan_t *plan, u4_error_t *err)
{
    err->text[0] = 0;
    return trigger_parse(schema_builtin(), text, HZ, name_of, NULL, plan, err);
}

/* What the kernel does with a condition, as abi/trace/trigger.h says. */
static bool holds(const trace_condition_t *c, const trace_record_t *record)
{
    uint64_t words[4];
    memcpy(words, record, sizeof(words));
    uint64_t value = words[c->word] >> c->shift & c->mask;
    switch (c->op) {
    case TRACE_OP_EQ: return value == c->value;
    case TRACE_OP_NE: return value != c->value;
    case TRACE_OP_LT: return value < c->value;
    case TRACE_OP_GE: return value >= c->value;
    default: return false;
    }
}

static bool triggers(const trace_trigger_t *t, const trace_record_t *record)
{
    bool all = record->event == t->event;
    for (uint32_t i = 0; i < t->conditions; i++) {
        all = all && holds(&t->condition[i], record);
    }
    return all;
}

static void test_like_filter(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "event==ipc.transfer && kind==call && badge==0x3",
        "event==ipc.transfer && length>3",
        "event==ipc.transfer && length<=3 && badge!=1",
        "event==kernel.entry && call==Call && thread==0x80403000",
        "event==sched.switch && priority>=2",
        "event==fault.raised && kind==vm && in_receive==no",
        "event==irq.raised && irq<2",
    };
    uint64_t random = 1;
    for (size_t n = 0; n < sizeof(texts) / sizeof(texts[0]); n++) {
        trigger_plan_t plan;
        u4_error_t err;
        assert_true(parse(texts[n], &plan, &err));
        assert_int_equal(plan.count, 1);
        filter_t *filter = filter_parse(schema_builtin(), texts[n], &err);
        const schema_event_t *type = schema_event(schema_builtin(), plan.trigger[0].event);
        unsigned hits = 0;
        for (unsigned i = 0; i < 20000; i++) {
            trace_record_t record = {.event = plan.trigger[0].event,
                                     .thread = i % 2 ? FS : FS ^ 0x400};
            for (size_t f = 0; f < type->field_count; f++) { /* mostly small values */
                const schema_field_t *field = &type->fields[f];
                uint64_t value = (uint64_t)next_random(&random) >> (next_random(&random) % 33);
                uint64_t word;
                memcpy(&word, (char *)&record + 8 * field->word, 8);
                word &= ~(field->mask << field->shift);
                word |= (value & field->mask) << field->shift;
                memcpy((char *)&record + 8 * field->word, &word, 8);
            }
            model_t *model = i % 1000 ? NULL : model_new(schema_builtin(), HZ, 0);
            thread_t thread = {.ref = record.thread, .name = "t"};
            event_t event = {.record = &record, .type = type, .thread = &thread};
            bool hit = triggers(&plan.trigger[0], &record);
            assert_int_equal(hit, filter_match(filter, model, &event));
            hits += hit;
            model_free(model);
        }
        assert_in_range(hits, 1, 19999);
        filter_free(filter);
    }
}

static const trace_condition_t *place(const char *event, const char *field)
{
    static trace_condition_t c;
    const schema_event_t *type = schema_find_event(schema_builtin(), event);
    const schema_field_t *f = schema_find_field(type, field);
    c = (trace_condition_t){.word = f->word, .shift = f->shift, .mask = f->mask};
    return &c;
}

static void test_too_long(void **state)
{
    (void)state;
    static const struct {
        const char *text, *first, *key1, *second, *key2;
        uint64_t ticks;
    } cases[] = {
        {"irq>100us", "irq.raised", "irq", "irq.ack", "irq", 1000},
        {"wake > 1ms", "sched.wake", "thread", "sched.switch", "next", 10000},
        {"call>50us", "kernel.entry", NULL, "ipc.transfer", "peer", 500},
        {"event==irq.raised && irq==3 => irq.ack by irq:irq > 1us", "irq.raised", "irq", "irq.ack",
         "irq", 10},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        trigger_plan_t plan;
        u4_error_t err;
        if (!parse(cases[i].text, &plan, &err)) {
            fail_msg("%s: %s", cases[i].text, err.text);
        }
        assert_int_equal(plan.count, 2);
        const trace_trigger_t *begin = &plan.trigger[0], *end = &plan.trigger[1];
        assert_int_equal(begin->event, schema_find_event(schema_builtin(), cases[i].first)->id);
        assert_int_equal(end->event, schema_find_event(schema_builtin(), cases[i].second)->id);
        assert_int_equal(begin->actions, TRACE_TRIGGER_MARK | TRACE_TRIGGER_REPEAT);
        assert_int_equal(end->since, 1);
        assert_int_equal(end->ticks, cases[i].ticks);
        if (cases[i].key1) {
            assert_memory_equal(&begin->key, place(cases[i].first, cases[i].key1), 24);
        }
        assert_memory_equal(&end->key, place(cases[i].second, cases[i].key2), 24);
    }
}

static void test_names_and_errors(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"nonsense", "no event 'nonsense'"},
        {"badge==3", "events fit: say which"},
        {"class==ipc", "events fit: say which"},
        {"event==irq.raised && badge==1 || irq==2", "joined by &&"},
        {"event==thread.name && text==\"fs\"", "cannot compare 'text'"},
        {"event==sched.switch && thread==\"nobody\"", "no thread 'nobody'"},
        {"event==sched.switch && waited>1ms", "the kernel can compare thread and"},
        {"event==sched.switch && reason==nonsense", "'nonsense' is no value of reason"},
        {"event==sched.switch && thread=~\"f\"", "no "},
        {"irq>100", "expected a time such as 50us, found '100'"},
        {"irq.raised => irq.ack > 1us", "FIRST => SECOND by KEY:KEY > TIME"},
        {"irq.raised => irq.ack by colour:irq > 1us", "no field 'colour'"},
        {"event==ipc.transfer && length>0 && length>1 && length>2 && length>3 && length>4",
         "more than 4 conditions"},
    };
    trigger_plan_t plan;
    u4_error_t err;
    assert_true(parse("event==sched.switch && next==\"fs\" && thread!=\"fs\"", &plan, &err));
    assert_int_equal(plan.trigger[0].condition[0].value, FS);
    assert_int_equal(plan.trigger[0].condition[1].value, FS);
    assert_int_equal(plan.trigger[0].condition[1].op, TRACE_OP_NE);
    assert_true(parse(" fault.unhandled", &plan, &err));
    assert_int_equal(plan.trigger[0].conditions, 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        bool ok = parse(bad[i].text, &plan, &err);
        if (ok || !strstr(err.text, bad[i].message)) {
            fail_msg("%s: expected '%s', found '%s'", bad[i].text, bad[i].message, err.text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_like_filter),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_names_and_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
