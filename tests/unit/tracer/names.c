/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of threads that nobody named, by the boot image's programs. */
#include "unit.h"

#include "sim.h"
#include "trace/ids.h"
#include "u4trace/images.h"
#include "u4trace/model.h"

enum { A = 0x80001000, B = 0x80002000, C = 0x80003000, SPACE = 0x80100000, OTHER = 0x80200000 };

static const char text[] = "image server 10000 10000 20000\n"
                           "10000 20 _start\n"
                           "10100 40 worker\n"
                           "image client 10040 10000 20000\n"
                           "10040 20 _start\n"
                           "10200 40 worker\n"
                           "nonsense\n"
                           "image broken\n";

typedef struct {
    model_t *model;
    uint64_t position;
    trace_record_t record;
    event_t event;
} world_t;

static void play(world_t *w, trace_record_t record)
{
    w->record = record;
    model_record(w->model, 0, w->position++, &w->record, &w->event);
}

static const char *start_thread(world_t *w, uint32_t thread, uint32_t vspace, uint64_t pc)
{
    play(w, SIM_EVENT("thread.create", 10, A, {"thread", thread}, ));
    play(w, SIM_EVENT("thread.configure", 11, A, {"thread", thread}, {"vspace", vspace}, ));
    play(w, SIM_EVENT("thread.start", 12, A, {"thread", thread}, {"pc", pc}, ));
    return model_thread(w->model, thread)->name;
}

static void test_parse(void **state)
{
    (void)state;
    images_t *images = images_parse(text, sizeof(text) - 1);
    assert_int_equal(images->count, 2);
    assert_string_equal(images->images[1].name, "client");
    assert_int_equal(images->images[1].entry, 0x10040);
    assert_string_equal(image_symbol(&images->images[0], 0x1013f)->name, "worker");
    assert_null(image_symbol(&images->images[0], 0x10140));
    size_t length;
    char *again = images_text(images, &length);
    images_t *second = images_parse(again, length);
    assert_int_equal(second->count, 2);
    assert_int_equal(second->images[0].symbol_count, images->images[0].symbol_count);
    free(again);
    images_free(second);
    images_free(images);
}

static void test_names(void **state)
{
    (void)state;
    world_t w = {.model = model_new(schema_builtin(), 10000000, 0)};
    model_images(w.model, images_parse(text, sizeof(text) - 1));
    assert_string_equal(start_thread(&w, B, SPACE, 0x10040), "client");
    assert_true(w.event.effects & EFFECT_THREAD_NAMED);
    assert_string_equal(model_thread(w.model, B)->process->name, "client");
    /* Both programs have something at 0x10100: the process keeps its image. */
    assert_string_equal(start_thread(&w, C, SPACE, 0x10200), "worker");
    assert_string_equal(start_thread(&w, C + 0x1000u, SPACE, 0x10300), "client:0x10300");
    assert_string_equal(start_thread(&w, C + 0x2000u, OTHER, 0x10100), "worker#5");
    assert_string_equal(model_thread(w.model, C + 0x2000u)->process->name, "server");
    assert_string_equal(start_thread(&w, C + 0x3000u, OTHER, 0x90000), "tcb@80006000");
    model_free(w.model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
