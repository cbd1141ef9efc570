/* SPDX-License-Identifier: BSD-2-Clause */
/* The filter language. */
#include "unit.h"

#include <stdio.h>

#include "sim.h"
#include "u4trace/filter.h"
#include "trace/ids.h"

enum { A = 0x80001000, B = 0x80002000, EP = 0x80010000 };

typedef struct {
    model_t *model;
    trace_record_t record;
    event_t event;
} world_t;

/* "client" calls "fs" with badge 3 at 2 ms. */
static void set_up(world_t *w)
{
    uint64_t position = 0;
    const uint32_t threads[] = {A, B};
    const char *const names[] = {"client", "fs"};
    w->model = model_new(schema_builtin(), 10000000, 0);
    for (unsigned i = 0; i < 2; i++) {
        w->record = SIM_EVENT("thread.name", 1, A, {"thread", threads[i]}, );
        memcpy((char *)&w->record + 20, names[i], strlen(names[i]));
        model_record(w->model, 0, position++, &w->record, &w->event);
    }
    w->record = SIM_EVENT("ipc.transfer", 20000, A, {"kind", TRACE_IPC_KIND_CALL}, {"peer", B},
                          {"endpoint", EP}, {"badge", 3}, {"length", 2}, );
    model_record(w->model, 0, position, &w->record, &w->event);
}

static bool matches(const world_t *w, const char *text)
{
    u4_error_t err;
    filter_t *filter = filter_parse(schema_builtin(), text, &err);
    if (!filter) {
        fail_msg("%s: %s", text, err.text);
    }
    bool match = filter_match(filter, w->model, &w->event);
    filter_free(filter);
    return match;
}

static void test_matching(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool match;
    } cases[] = {
        {"class==ipc", true},
        {"class!=ipc", false},
        {"class == sched || class == ipc", true},
        {"class=~\"^i\"", true},
        {"class==ipc && thread==\"fs\"", false},
        {"class==ipc && other==fs && badge==0x3", true},
        {"thread==client", true},
        {"thread==0x80001000", true},
        {"thread!=0x80001000", false},
        {"thread!=client", false},
        {"thread=~\"cli|server\"", true},
        {"event==ipc.transfer", true},
        {"event==transfer", true},
        {"event!=transfer", false},
        {"event=~\"\\.trans\"", true},
        {"kind==call", true},
        {"kind==reply", false},
        {"kind!=reply", true},
        {"kind==2", true},
        {"peer==fs", true},
        {"peer==0x80002000", true},
        {"endpoint==0x80010000", true},
        {"badge>2 && badge<4 && badge>=3 && badge<=3", true},
        {"badge!=3", false},
        {"ntfn==0", false},
        {"ntfn!=0", false},
        {"!(ntfn==0)", true},
        {"time>1ms", true},
        {"time>2ms", false},
        {"time>=2ms", true},
        {"time<0.1s && time > 1999us", true},
        {"hart==0", true},
        {"hart>0", false},
        {"position==2", true},
        {"process==kernel", true},
        {"!class==sched", true},
        {"!!class==ipc", true},
        {"!(class==ipc && kind==call) || length==2", true},
        {"class==sched || class==ipc && length==3", false},
        {"(class==sched || class==ipc) && length==2", true},
    };
    world_t w;
    set_up(&w);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (matches(&w, cases[i].text) != cases[i].match) {
            fail_msg("%s", cases[i].text);
        }
    }
    model_free(w.model);
}

static void test_errors(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned column;
        const char *what;
    } cases[] = {
        {"", 1, "expected a name"},
        {"class", 6, "expected =="},
        {"class==", 8, "expected a number"},
        {"class==ipcc", 8, "no class 'ipcc'"},
        {"event==nothing", 8, "no event 'nothing'"},
        {"class==ipc &&", 14, "expected a name"},
        {"class==ipc & thread==a", 12, "expected && or ||"},
        {"class==ipc thread==a", 12, "expected && or ||"},
        {"(class==ipc", 1, "never closed"},
        {"class==ipc)", 11, "expected && or ||"},
        {"nofield==3", 1, "no event has a field 'nofield'"},
        {"time>5", 6, "unit"},
        {"time>abc", 6, "number"},
        {"thread<3", 8, "no order"},
        {"class<ipc", 7, "no order"},
        {"thread=~\"(\"", 9, ""},
        {"thread==\"fs", 9, "closing"},
        {"hart=~1", 7, "number"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        u4_error_t err = {""};
        char column[32];
        assert_null(filter_parse(schema_builtin(), cases[i].text, &err));
        snprintf(column, sizeof(column), "column %u:", cases[i].column);
        if (!strstr(err.text, column) || !strstr(err.text, cases[i].what)) {
            fail_msg("'%s': %s (expected %s %s)", cases[i].text, err.text, column, cases[i].what);
        }
        const char *mark = strrchr(err.text, '\n');
        assert_non_null(mark);
        assert_int_equal(strlen(mark + 1), 2 + cases[i].column);
    }
}

/* Deep or long or random input is refused or understood. */
static void test_hostile(void **state)
{
    (void)state;
    static char text[5000];
    u4_error_t err;
    memset(text, '(', 200);
    assert_null(filter_parse(schema_builtin(), text, &err));
    memset(text, '!', 4500);
    assert_null(filter_parse(schema_builtin(), text, &err));
    static const char *const words[] = {"class", "==",   "ipc",   "&&",     "||",    "(",
                                        ")",     "!",    "badge", "=~",     "\"a\"", "0x3",
                                        "1ms",   "time", "<",     "thread", " "};
    uint64_t random = 7;
    world_t w;
    set_up(&w);
    for (unsigned i = 0; i < 20000; i++) {
        char *at = text;
        for (unsigned k = next_random(&random) % 12; k > 0; k--) {
            at = stpcpy(at, words[next_random(&random) % (sizeof(words) / sizeof(words[0]))]);
        }
        *at = 0;
        filter_t *filter = filter_parse(schema_builtin(), text, &err);
        if (filter) {
            filter_match(filter, w.model, &w.event);
        }
        filter_free(filter);
    }
    model_free(w.model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matching),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
