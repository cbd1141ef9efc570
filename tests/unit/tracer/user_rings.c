/* SPDX-License-Identifier: BSD-2-Clause */
/* User rings as a host finds them: coming, going, with events of their own, and full of lies. */
#include "unit.h"

#include "sim.h"
#include "u4trace/attach.h"
#include "u4trace/recorder.h"

enum {
    TABLE = 0x212000,  /* offsets in the sim's memory */
    FRAMES = 0x600000, /* 4 KiB each */
    USER = 0x40000000, /* where programs have them */
};

typedef struct {
    sim_t *sim;
    trace_user_ring_t *table;
    source_t *source;
    attach_t attach;
} world_t;

static trace_ring_t *frame(world_t *w, unsigned place)
{
    return (trace_ring_t *)(w->sim->memory + FRAMES + 4096 * place);
}

/* What the kernel does at a grant and at an end. */
static void grant(world_t *w, unsigned place, uint32_t owner)
{
    trace_user_ring_t *entry = &w->table[place];
    *entry = (trace_user_ring_t){.generation = entry->generation + 1,
                                 .paddr = SIM_BASE + FRAMES + 4096 * place,
                                 .address = USER,
                                 .size_bits = 12,
                                 .owner = owner};
    *frame(w, place) = (trace_ring_t){.next = USER + 2048, .base = USER + 2048};
    memset(frame(w, place) + 1, 0, sizeof(trace_user_schema_t));
    w->sim->header->user_ring_changes++;
}

static void end(world_t *w, unsigned place)
{
    const trace_ring_t *ring = frame(w, place);
    w->table[place].published = ring->laps * 64 + (ring->next - USER - 2048) / 32;
    w->table[place].generation++;
    w->sim->header->user_ring_changes++;
}

static void emit(world_t *w, unsigned place, uint16_t event, uint64_t time)
{
    trace_ring_t *ring = frame(w, place);
    char *at = (char *)ring + (ring->next - USER);
    *(trace_record_t *)at =
        (trace_record_t){.time = time, .event = event, .thread = 99, .ab = time};
    if (ring->next + 32 == USER + 4096) {
        ring->laps = ++ring->lap_pending;
        ring->next = USER + 2048;
    } else {
        ring->next += 32;
    }
}

static void tell(world_t *w, unsigned place, const char *text)
{
    trace_user_schema_t *schema = (trace_user_schema_t *)(frame(w, place) + 1);
    memcpy(schema + 1, text, strlen(text));
    schema->length = (uint32_t)strlen(text);
}

static world_t *world_new(void)
{
    u4_error_t err;
    world_t *w = calloc(1, sizeof(*w));
    w->sim = sim_new(sim_path("user-ram"), 1, 64);
    w->table = (trace_user_ring_t *)(w->sim->memory + TABLE);
    w->sim->header->user_ring_paddr = SIM_BASE + TABLE;
    w->sim->header->user_rings = TRACE_MAX_USER_RINGS;
    w->sim->header->now = 1000;
    w->source = source_open_ram(sim_path("user-ram"), SIM_BASE, true, &err);
    assert_non_null(w->source);
    assert_int_equal(attach_open(&w->attach, w->source, NULL, NULL, &err), ATTACH_READY);
    return w;
}

static void world_free(world_t *w)
{
    attach_close(&w->attach);
    source_close(w->source);
    sim_free(w->sim);
    free(w);
}

static size_t read_all(world_t *w, size_t index, trace_record_t *to, size_t max)
{
    uint64_t first;
    return attach_read(&w->attach, index, UINT64_MAX, to, max, &first);
}

static void comes_and_goes(void **state)
{
    (void)state;
    trace_record_t records[64];
    world_t *w = world_new();
    assert_int_equal(w->attach.ring_count, 1);
    grant(w, 3, 0x1234);
    emit(w, 3, TRACE_USER_FIRST + 1, 500);
    attach_poll(&w->attach);
    assert_int_equal(w->attach.ring_count, 2);
    assert_int_equal(read_all(w, 1, records, 64), 1);
    assert_int_equal(records[0].thread, 0x1234);
    assert_int_equal(records[0].event, TRACE_USER_FIRST + 1);
    for (unsigned i = 0; i < 7; i++) {
        emit(w, 3, TRACE_USER_FIRST, 600 + i);
    }
    end(w, 3);
    attach_poll(&w->attach);
    const ring_reader_t *ring = &w->attach.rings[1];
    assert_true(ring->ended);
    assert_int_equal(ring->kept, 1);
    assert_int_equal(ring->lost, 7);
    assert_int_equal(ring->position, 8);
    assert_int_equal(read_all(w, 1, records, 64), 0);

    grant(w, 3, 0x5678); /* the place again, and one that nobody sees */
    grant(w, 4, 0x9abc);
    emit(w, 4, TRACE_USER_FIRST, 700);
    emit(w, 4, TRACE_USER_FIRST, 700);
    end(w, 4);
    attach_poll(&w->attach);
    assert_int_equal(w->attach.ring_count, 4);
    assert_int_equal(w->attach.rings[2].owner, 0x5678);
    assert_true(w->attach.rings[3].ended);
    assert_int_equal(w->attach.rings[3].lost, 2);
    assert_int_equal(w->attach.rings[3].first, 0);
    attach_poll(&w->attach);
    assert_int_equal(w->attach.ring_count, 4);
    world_free(w);
}

/* The memory becomes another's between the copy and the look at the table: nothing of it counts. */
static void reused_memory(void **state)
{
    (void)state;
    trace_record_t records[64];
    world_t *w = world_new();
    grant(w, 0, 1);
    attach_poll(&w->attach);
    for (unsigned i = 0; i < 10; i++) {
        emit(w, 0, TRACE_USER_FIRST, i);
    }
    end(w, 0);
    memset(frame(w, 0) + 1, 0x5a, 2048);
    assert_int_equal(read_all(w, 1, records, 64), 0);
    assert_int_equal(w->attach.rings[1].lost, 10);
    world_free(w);
}

static void own_events(void **state)
{
    (void)state;
    trace_record_t records[8];
    uint64_t mask[TRACE_MASK_WORDS];
    u4_error_t err;
    world_t *w = world_new();
    grant(w, 0, 1);
    grant(w, 1, 2);
    tell(w, 0, "event 256 user read \"Read.\"\n  ab sector uint\nevent 257 user depth \"\"\n");
    tell(w, 1, "event 256 user depth \"\"\nevent 257 user read \"Read.\"\n  a sector uint\n");
    emit(w, 0, 256, 1);
    emit(w, 0, 257, 1);
    emit(w, 1, 256, 1);
    emit(w, 1, 257, 1);
    emit(w, 1, 258, 1);
    attach_poll(&w->attach);
    assert_int_equal(read_all(w, 1, records, 8), 2);
    const schema_t *schema = w->attach.schema;
    assert_string_equal(schema_event(schema, records[0].event)->full_name, "user.read");
    assert_string_equal(schema_event(schema, records[1].event)->full_name, "user.depth");
    unsigned depth = records[1].event;
    assert_int_equal(read_all(w, 2, records, 8), 3);
    assert_int_equal(records[0].event, depth);
    assert_string_equal(schema_event(schema, records[1].event)->full_name, "user.read_2");
    assert_int_equal(records[2].event, 0);
    assert_true(schema_mask(schema, "user.read", mask, &err));
    assert_true(attach_set_mask(&w->attach, mask, &err));
    assert_int_equal(frame(w, 0)->mask[0], UINT64_MAX);
    assert_int_equal(w->sim->header->user_mask[1], UINT64_MAX);

    schema_t *again = schema_parse(schema->text, schema->text_length, &err);
    assert_non_null(again);
    assert_string_equal(again->events[records[1].event]->full_name, "user.read_2");
    schema_free(again);
    world_free(w);
}

static void lies(void **state)
{
    (void)state;
    trace_record_t records[64];
    world_t *w = world_new();
    grant(w, 0, 7);
    attach_poll(&w->attach);
    emit(w, 0, 48, 10);          /* a scheduler's event */
    emit(w, 0, 400, 20);         /* nobody's */
    emit(w, 0, 230, UINT64_MAX); /* from the future */
    emit(w, 0, 230, 5);          /* before what came before */
    assert_int_equal(read_all(w, 1, records, 64), 4);
    assert_int_equal(records[0].event, 0);
    assert_int_equal(records[1].event, 0);
    assert_int_equal(records[2].time, 20);
    assert_int_equal(records[3].time, 20);
    frame(w, 0)->next = 0x123456789;
    assert_int_equal(read_all(w, 1, records, 64), 0);
    frame(w, 0)->next = USER + 2048 + 64;
    frame(w, 0)->laps = frame(w, 0)->lap_pending = 1ull << 60;
    assert_int_equal(read_all(w, 1, records, 64), 0);
    tell(w, 0, "event 256 user bad\x1b[2J \"x\"\nevent 257 user ok \"\x07\"\n");
    frame(w, 0)->laps = frame(w, 0)->lap_pending = 1;
    emit(w, 0, 256, 30);
    emit(w, 0, 257, 30);
    size_t got = read_all(w, 1, records, 64);
    assert_true(got >= 2);
    assert_int_equal(records[got - 1].event, 0);
    assert_int_equal(records[got - 2].event, 0);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_and_goes),
        cmocka_unit_test(reused_memory),
        cmocka_unit_test(own_events),
        cmocka_unit_test(lies),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    sim_cleanup();
    return failed;
}
