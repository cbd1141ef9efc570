/* SPDX-License-Identifier: BSD-2-Clause */
/* The event table: what is compiled in, field extraction, masks, and tables that are none. */
#include "unit.h"

#include "trace/ids.h"
#include "u4trace/labels.h"
#include "u4trace/schema.h"

static void test_builtin(void **state)
{
    (void)state;
    const schema_t *schema = schema_builtin();
    assert_int_equal(schema->hash, TRACE_SCHEMA_HASH);
    const schema_event_t *event = schema_event(schema, TRACE_IPC_TRANSFER);
    assert_string_equal(event->full_name, "ipc.transfer");
    assert_string_equal(event->class_name, "ipc");
    assert_ptr_equal(schema_find_event(schema, "ipc.transfer"), event);
    assert_ptr_equal(schema_find_event(schema, "transfer"), event);
    assert_null(schema_find_event(schema, "delete")); /* cap.delete and thread.delete */
    assert_null(schema_find_event(schema, "no.such"));
    assert_int_equal(schema_event(schema, 255)->id, 0);
    assert_int_equal(schema_event(schema, 70000)->id, 0);
}

static void test_fields(void **state)
{
    (void)state;
    const schema_event_t *event = schema_event(schema_builtin(), TRACE_IPC_TRANSFER);
    trace_record_t r = {.h = 5 | 3 << 8 | 2 << 13 | 1 << 12,
                        .a = 0x80001000,
                        .b = 0x80002000,
                        .cd = 0x123456789abcdef0};
    static const struct {
        const char *name;
        uint64_t value;
    } expected[] = {{"kind", 3},
                    {"length", 5},
                    {"caps", 2},
                    {"side", 1},
                    {"peer", 0x80001000},
                    {"endpoint", 0x80002000},
                    {"badge", 0x123456789abcdef0}};
    assert_int_equal(event->field_count, sizeof(expected) / sizeof(expected[0]));
    for (size_t i = 0; i < event->field_count; i++) {
        const schema_field_t *field = schema_find_field(event, expected[i].name);
        assert_non_null(field);
        assert_int_equal(schema_field(field, &r), expected[i].value);
    }
    const schema_field_t *kind = schema_find_field(event, "kind");
    assert_string_equal(schema_value_text(kind->values, 3), "reply");
    assert_null(schema_value_text(kind->values, 15));
}

static void test_signed_and_text(void **state)
{
    (void)state;
    const schema_event_t *counter = schema_event(schema_builtin(), TRACE_USER_COUNTER);
    trace_record_t r = {.ab = (uint64_t)-5};
    assert_int_equal((int64_t)schema_field(schema_find_field(counter, "value"), &r), -5);
    const schema_event_t *name = schema_event(schema_builtin(), TRACE_THREAD_NAME);
    memcpy((char *)&r + 20, "hello\x01world!", 12);
    char text[13];
    schema_field_str(schema_find_field(name, "text"), &r, text);
    assert_string_equal(text, "hello?world!");
}

static void test_fields_by_name(void **state)
{
    static const schema_field_name_t names[] = {
        {"ipc.transfer", "badge"}, {"ipc.transfer", "colour"}, {"ipc.telepathy", "badge"}};
    const schema_field_t *fields[3];
    const trace_record_t all = {.h = UINT16_MAX, .ab = UINT64_MAX, .cd = UINT64_MAX};
    (void)state;
    schema_find_fields(schema_builtin(), names, 3, fields);
    assert_ptr_equal(
        fields[0], schema_find_field(schema_event(schema_builtin(), TRACE_IPC_TRANSFER), "badge"));
    for (size_t i = 1; i < 3; i++) { /* not in the table */
        assert_ptr_equal(fields[i], &schema_no_field);
        assert_int_equal(schema_bits(fields[i], &all), 0);
        assert_null(fields[i]->values);
    }
}

/* Each field of each event reads back what is put into its bits alone. */
static void test_every_field(void **state)
{
    (void)state;
    const schema_t *schema = schema_builtin();
    for (unsigned id = 0; id < TRACE_MAX_EVENTS; id++) {
        const schema_event_t *event = schema_event(schema, id);
        for (size_t f = 0; f < event->field_count; f++) {
            const schema_field_t *field = &event->fields[f];
            if (field->type == FIELD_STR || field->type == FIELD_INT) {
                continue;
            }
            uint64_t words[4] = {0};
            words[field->word] = field->mask << field->shift;
            trace_record_t r;
            memcpy(&r, words, sizeof(r));
            assert_int_equal(schema_field(field, &r), field->mask);
            for (size_t other = 0; other < event->field_count; other++) {
                if (other != f && event->fields[other].type != FIELD_STR) {
                    assert_int_equal(schema_field(&event->fields[other], &r), 0);
                }
            }
        }
    }
}

static void test_masks(void **state)
{
    (void)state;
    const schema_t *schema = schema_builtin();
    uint64_t mask[TRACE_MASK_WORDS];
    u4_error_t err;
    assert_true(schema_mask(schema, "ipc", mask, &err));
    assert_memory_equal(mask, ((const uint64_t[])TRACE_CLASS_MASK_IPC), sizeof(mask));
    assert_true(schema_mask(schema, "ipc,sched.switch,-ipc.cancel", mask, &err));
    assert_int_equal(mask[0] >> TRACE_IPC_CANCEL & 1, 0);
    assert_int_equal(mask[0] >> TRACE_SCHED_SWITCH & 1, 1);
    assert_true(schema_mask(schema, "-irq", mask, &err));
    assert_int_equal(mask[TRACE_IRQ_TIMER / 64] >> (TRACE_IRQ_TIMER % 64) & 1, 0);
    assert_int_equal(mask[0] >> TRACE_IPC_TRANSFER & 1, 1);
    assert_true(schema_mask(schema, "none", mask, &err));
    assert_int_equal(mask[0] | mask[1] | mask[2] | mask[3], 0);
    assert_false(schema_mask(schema, "ipc,nonsense", mask, &err));
    assert_non_null(strstr(err.text, "nonsense"));
}

static void test_wrong_tables(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
    } wrong[] = {
        {"", "empty"},
        {"class a \"x\"\nclass\n", "line 2"},
        {"class a \"x\"\nevent 1 b c \"d\"\n", "no class"},
        {"class a \"x\"\nevent 0 a c \"d\"\n", "id"},
        {"class a \"x\"\nevent 512 a c \"d\"\n", "id"},
        {"class a \"x\"\nevent 1 a c \"d\"\nevent 1 a e \"d\"\n", "line 3"},
        {"class a \"x\"\nevent 1 a c \"d\"\n  h[0:16] f uint\n", "line 3"},
        {"class a \"x\"\nevent 1 a c \"d\"\n  h[0:-1] f uint\n", "place"},
        {"class a \"x\"\nevent 1 a c \"d\"\n  z f uint\n", "place"},
        {"class a \"x\"\nevent 1 a c \"d\"\n  a f nothing\n", "type"},
        {"class a \"x\"\nevent 1 a c \"d\"\n  a f str\n", "fit"},
        {"class a \"x\"\nevent 1 a c \"d\n", "closing"},
        {"  a f uint\n", "belongs"},
        {"enum e \"text\"\n", "before any value"},
        {"nothing\n", "expected class"},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        u4_error_t err = {""};
        assert_null(schema_parse(wrong[i].text, strlen(wrong[i].text), &err));
        if (!strstr(err.text, wrong[i].expected)) {
            fail_msg("case %zu: '%s' lacks '%s'", i, err.text, wrong[i].expected);
        }
    }
}

/* A table cut anywhere, or with any byte changed, is refused or understood, and nothing worse. */
static void test_damaged_tables(void **state)
{
    (void)state;
    const schema_t *schema = schema_builtin();
    char *text = malloc(schema->text_length);
    uint64_t random = 1;
    u4_error_t err;
    for (size_t i = 0; i < 400; i++) {
        memcpy(text, schema->text, schema->text_length);
        size_t length = next_random(&random) % schema->text_length;
        text[next_random(&random) % schema->text_length] = (char)next_random(&random);
        schema_t *damaged = schema_parse(text, i % 2 ? length : schema->text_length, &err);
        schema_free(damaged);
    }
    free(text);
}

static void test_labels(void **state)
{
    (void)state;
    assert_string_equal(label_name(0, 1), "UntypedRetype");
    assert_string_equal(label_name(0, 17), "CNodeRevoke");
    assert_string_equal(label_name(TRACE_ABI_SMP, 18), "CNodeRevoke");
    assert_string_equal(label_name(TRACE_ABI_SMP, 15), "TCBSetAffinity");
    assert_string_equal(label_name(TRACE_ABI_MCS, 46), "RISCVIRQIssueIRQHandlerTrigger");
    assert_string_equal(label_name(TRACE_ABI_SMP, 41), "RISCVIRQIssueIRQHandlerTrigger");
    assert_string_equal(label_name(0, 40), "RISCVIRQIssueIRQHandlerTrigger");
    assert_null(label_name(0, 41));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_builtin),         cmocka_unit_test(test_fields),
        cmocka_unit_test(test_signed_and_text), cmocka_unit_test(test_fields_by_name),
        cmocka_unit_test(test_every_field),     cmocka_unit_test(test_masks),
        cmocka_unit_test(test_wrong_tables),    cmocka_unit_test(test_damaged_tables),
        cmocka_unit_test(test_labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
